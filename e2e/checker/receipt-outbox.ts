import { setTimeout as sleep } from 'node:timers/promises';
import { endOf, type LogEnds } from './log-ends.js';
import { query } from './sql.js';

/** More than a process takes to begin sending anew and to look once without being nudged. */
const patienceMs = 60_000;
const lookMs = 250;

/** Waits until no receipt for anything before `ends` waits in these targets any more, for a while at most: what has not come to the log by then is missing there. */
export async function untilReceiptsSent(targets: readonly { readonly url: string }[], ends: LogEnds, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + patienceMs;
  const isWaiting = async (): Promise<boolean> => {
    const found = await Promise.all(targets.map(({ url }) => query<WaitingPlace>(url, waiting)));
    return found.flat().some(({ topic, partition, first }) => BigInt(first) < endOf(ends, topic, partition));
  };
  while ((await isWaiting()) && performance.now() < deadline) await sleep(lookMs, undefined, { signal });
}

interface WaitingPlace {
  readonly topic: string;
  readonly partition: number;
  readonly first: string;
}

const waiting = 'SELECT topic, partition, min(first_offset)::text AS first FROM truc.receipts GROUP BY topic, partition';
