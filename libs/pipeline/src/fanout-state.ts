import { TrucError, type Position } from '@truc/kernel';
import { z } from 'zod';
import type { LogRecord, StoredRecord } from './log.js';

const offset = z
  .string()
  .regex(/^[0-9]{1,19}$/)
  .transform((text) => BigInt(text));

const position = z.strictObject({ epoch: z.int().nonnegative(), sequence: offset, index: z.int().nonnegative() });

const viewProgress = z.strictObject({
  nextOffset: offset,
  viewEndOffset: offset.nullable(),
  // States of before this was stored do not say.
  sentUpTo: position.nullable().default(null),
});

/** How far one partition of a view is: everything below `nextOffset` of the dataset's partition is acknowledged in the view's. */
export interface ViewProgress {
  readonly nextOffset: bigint;
  /** Next offset of the view's own partition, null before its first record: everything below it is of the dataset's records below `nextOffset`. */
  readonly viewEndOffset: bigint | null;
  /** The highest position of the dataset below `nextOffset`: what lies behind `viewEndOffset` up to here was sent before this was stored. Null where that is not known. */
  readonly sentUpTo: Position | null;
}

/** The key of a view's partition in `state.distributor`. */
export function viewProgressKey(viewId: string, partition: number): string {
  return `${viewId}/${partition}`;
}

export function viewProgressRecord(
  topic: string,
  key: string,
  { nextOffset, viewEndOffset, sentUpTo }: ViewProgress,
  nowMs: number,
): LogRecord {
  const value = {
    nextOffset: nextOffset.toString(),
    viewEndOffset: viewEndOffset?.toString() ?? null,
    sentUpTo: sentUpTo === null ? null : { ...sentUpTo, sequence: sentUpTo.sequence.toString() },
  };
  return { topic, partition: 0, key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)), headers: [], timestampMs: nowMs };
}

/**
 * The last stored progress of every view's partition.
 * @throws TrucError FANOUT_STATE_INVALID where the last one of a partition cannot be read: going on from a guess would leave records out silently
 */
export async function foldViewProgress(records: AsyncIterable<StoredRecord>): Promise<Map<string, ViewProgress>> {
  const found = new Map<string, ViewProgress>();
  /** What cannot be read, until something later takes its place: the log holds both until it is compacted. */
  const unreadable = new Map<string, TrucError>();
  for await (const { topic, offset: at, key, value } of records) {
    const name = key.toString('utf8');
    unreadable.delete(name);
    if (value === null) {
      found.delete(name);
      continue;
    }
    try {
      found.set(name, viewProgress.parse(JSON.parse(value.toString('utf8'))));
    } catch (cause) {
      const what = `the progress of ${name} cannot be read; withdraw the entry with a tombstone to fill the view anew`;
      unreadable.set(name, new TrucError('FANOUT_STATE_INVALID', `${topic}/0 at ${at}: ${what}`, { cause }));
    }
  }
  for (const error of unreadable.values()) throw error;
  return found;
}
