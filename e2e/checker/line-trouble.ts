import type { Fault } from './fault.js';
import type { Stage } from './stage.js';
import type { LineConditions, TcpProxy } from './tcp-proxy.js';

/** What is done to a line, and for how long in milliseconds. */
export interface LineTrouble {
  readonly kind: Fault['kind'];
  readonly change: Partial<LineConditions>;
  readonly lastsMs: number;
}

export const lineTroubles: readonly LineTrouble[] = [
  { kind: 'cut', change: { state: 'cut' }, lastsMs: 5_000 },
  { kind: 'black-hole', change: { state: 'black-hole' }, lastsMs: 15_000 },
  { kind: 'delay', change: { delayMs: 150 }, lastsMs: 5_000 },
  { kind: 'narrow', change: { bytesPerSecond: 100_000 }, lastsMs: 5_000 },
];

/** Troubles a line for its time, half of it in a quick run, and mends it. */
export async function troubleLine(
  { history, sleep, quick }: Pick<Stage, 'history' | 'sleep' | 'quick'>,
  line: TcpProxy,
  { kind, change, lastsMs }: LineTrouble,
): Promise<void> {
  const ms = quick ? lastsMs / 2 : lastsMs;
  await history.during({ kind, target: line.name, detail: `${ms / 1_000} s` }, async () => {
    line.set(change);
    await sleep(ms).finally(() => line.mend());
  });
}
