import { setTimeout as sleep } from 'node:timers/promises';
import { query } from './sql.js';

/** More than a process takes to begin sending anew and to look once without being nudged. */
const patienceMs = 60_000;
const lookMs = 250;

/** Waits until no receipt waits in these targets any more, for a while at most: what has not come to the log by then is missing there. */
export async function untilReceiptsSent(targets: readonly { readonly url: string }[], signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + patienceMs;
  const isWaiting = async (): Promise<boolean> => {
    const found = await Promise.all(targets.map(({ url }) => query(url, 'SELECT FROM truc.receipts LIMIT 1')));
    return found.some((rows) => rows.length > 0);
  };
  while ((await isWaiting()) && performance.now() < deadline) await sleep(lookMs, undefined, { signal });
}
