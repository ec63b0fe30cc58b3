import type { StoredRecord } from '@truc/pipeline';
import { recordDigest } from './log-event.js';

type DigestedRecord = Pick<StoredRecord, 'offset' | 'key' | 'value'>;

export const tamperedParts = ['offset', 'key', 'value'] as const;

/** A record's digest had one byte of that part been another. */
export type TamperedDigests = Readonly<Record<(typeof tamperedParts)[number], Buffer>>;

/** Taken by the way that the record's own digest is: one that leaves a part out gives the same digest again, and is found by that. */
export function tamperedDigests(record: DigestedRecord): TamperedDigests {
  const { offset, key, value } = record;
  return {
    offset: recordDigest({ ...record, offset: offset ^ 1n }),
    key: recordDigest({ ...record, key: changed(key) }),
    // A tombstone has no byte to change: it is told from a value of no bytes.
    value: recordDigest({ ...record, value: value === null ? Buffer.alloc(0) : changed(value) }),
  };
}

/** Another byte in the middle; one byte where there is none. */
function changed(bytes: Buffer): Buffer {
  if (bytes.length === 0) return Buffer.alloc(1);
  const copy = Buffer.from(bytes);
  const at = copy.length >> 1;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
