import { setTimeout as sleep } from 'node:timers/promises';
import type { LogBatch } from './log.js';

export interface GatherLimits {
  /** Nothing more is joined once so many records, or bytes of keys and values, are gathered. */
  readonly records: number;
  readonly bytes: number;
  /** After so long without a batch an empty turn is given, in milliseconds. */
  readonly idleMs: number;
}

type Step = { readonly kind: 'batch'; readonly result: IteratorResult<LogBatch> } | { readonly kind: 'none' };

/**
 * Joins the batches that are there anyway, without waiting for any: the first of a turn is waited for, the others have arrived by then. The next one is asked for
 * while the consumer works on the last turn, one batch ahead and no further.
 */
export async function* gatherBatches(batches: AsyncIterable<LogBatch>, limits: GatherLimits): AsyncGenerator<LogBatch[]> {
  const iterator = batches[Symbol.asyncIterator]();
  const ask = (): Promise<Step> => {
    const asked = iterator.next().then((result): Step => ({ kind: 'batch', result }));
    asked.catch(() => {});
    return asked;
  };
  let next = ask();
  try {
    for (;;) {
      const turn: LogBatch[] = [];
      let records = 0;
      let bytes = 0;
      while (records < limits.records && bytes < limits.bytes) {
        const step = await (turn.length === 0 ? within(next, limits.idleMs) : within(next, 0));
        if (step.kind === 'none') break;
        if (step.result.done === true) {
          if (turn.length > 0) yield turn;
          return;
        }
        const batch = step.result.value;
        turn.push(batch);
        records += batch.records.length;
        bytes += bytesOf(batch);
        next = ask();
      }
      yield turn;
    }
  } finally {
    // A generator that waits for data takes its end only after it: whoever leaves early ends the reading by its signal.
    void iterator.return?.();
  }
}

async function within(next: Promise<Step>, waitMs: number): Promise<Step> {
  const over = new AbortController();
  const nothing = sleep(waitMs, { kind: 'none' } as const, { signal: over.signal });
  nothing.catch(() => {});
  try {
    return await Promise.race([next, nothing]);
  } finally {
    over.abort();
  }
}

export function bytesOf(batch: LogBatch): number {
  return batch.records.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0);
}
