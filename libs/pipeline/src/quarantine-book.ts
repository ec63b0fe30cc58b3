import { compileCodec, frame, unframe } from '@truc/avro';
import { positionHeaders, positionOf, shippedSchema, type MasterDataKey } from '@truc/change-event';
import { comparePositions, TrucError, type Position } from '@truc/kernel';
import { z } from 'zod';
import type { LogHeader, LogRecord, StoredRecord } from './log.js';
import { readablePosition } from './readable-position.js';
import type { RowReason } from './row-verdict.js';
import type { StreamPoint } from './snapshot-plan.js';

const codec = compileCodec(shippedSchema('QuarantinedRow'));
/** Bytes of all columns of one entry. */
const columnsBytesMax = 64 * 1024;

export interface HeldRow {
  readonly dataset: string;
  readonly table: string;
  readonly sourceKey: string;
  readonly position: Position;
  readonly reasons: readonly RowReason[];
  /** Mapped columns in the source's text; protected ones masked by the caller. */
  readonly columns: ReadonlyMap<string, string | null>;
  readonly lastPublishedKey: MasterDataKey | null;
  /** Further keys that it may be published under. */
  readonly intendedKeys?: readonly MasterDataKey[];
}

/** Stands for a rule in an entry whose row kept them all when a retry read it: it is published in the retry's second round, or by another retry. */
export const RETRY_RULE = 'retry';

/** Header of an entry whose row a retry meant to publish: the keys, as JSON. It may have been published under them by a run that ended before it could say so. */
const INTENDED_HEADER = 'truc-intended';

const intendedKeys = z.array(z.strictObject({ scheme: z.string(), code: z.string(), row: z.string() }));

interface Held {
  readonly publishedKey: MasterDataKey | null;
  readonly intendedKeys: readonly MasterDataKey[];
  readonly position: Position;
}

/**
 * Which source rows of a dataset are held back, and under which key each was last published.
 *
 * The quarantine topic is the durable form. Entries that stand after the stored position are left out when the book is opened: the stream will be replayed from
 * there and finds the book as it was.
 */
export class QuarantineBook {
  readonly #topic: string;
  readonly #schemaId: number;
  readonly #held = new Map<string, Held>();

  constructor(topic: string, schemaId: number) {
    this.#topic = topic;
    this.#schemaId = schemaId;
  }

  /**
   * Reads one stored entry; call in the order of the log. @throws TrucError QUARANTINE_ENTRY_INVALID: what is not known to be held would be published over or never deleted
   * @returns false where it stands after `stored` and is left out: whoever restores the book writes it back as the book has it (`CaptureFlow`)
   */
  restore(record: StoredRecord, stored: StreamPoint): boolean {
    try {
      return this.#restore(record, stored);
    } catch (cause) {
      const place = `${record.topic}/${record.partition} at ${record.offset}`;
      const what = 'the entry cannot be read; withdraw it with a tombstone under its key, and read its row again at the source';
      throw new TrucError('QUARANTINE_ENTRY_INVALID', `${place}: ${what}`, { cause });
    }
  }

  #restore(record: StoredRecord, stored: StreamPoint): boolean {
    // A person who withdraws what cannot be read has no position to give.
    const isWithdrawn = record.value === null && readablePosition(record.headers) === null;
    const sourceKey = record.key.toString('utf8');
    if (isWithdrawn) {
      this.#held.delete(sourceKey);
      return true;
    }
    const position = positionOf(record.headers);
    if (isAhead(position, stored)) return false;
    if (record.value === null) {
      this.#held.delete(sourceKey);
      return true;
    }
    const entry = codec.decode(unframe(record.value).body) as { lastPublishedKey: MasterDataKey | null };
    this.#held.set(sourceKey, { publishedKey: entry.lastPublishedKey, intendedKeys: intendedKeysOf(record.headers), position });
    return true;
  }

  get size(): number {
    return this.#held.size;
  }

  has(sourceKey: string): boolean {
    return this.#held.has(sourceKey);
  }

  lastPublishedKey(sourceKey: string): MasterDataKey | null {
    return this.#held.get(sourceKey)?.publishedKey ?? null;
  }

  /** Further keys that the row may be published under; none for a row that is not held. */
  intendedKeys(sourceKey: string): readonly MasterDataKey[] {
    return this.#held.get(sourceKey)?.intendedKeys ?? [];
  }

  /** Source keys of all rows that are held. */
  heldKeys(): string[] {
    return [...this.#held.keys()];
  }

  allIntendedKeys(): MasterDataKey[] {
    return [...this.#held.values()].flatMap(({ intendedKeys }) => intendedKeys);
  }

  /** Source keys of the rows that were last held at or below `upTo`. */
  heldUpTo(upTo: Position): string[] {
    return [...this.#held].filter(([, { position }]) => comparePositions(position, upTo) <= 0).map(([sourceKey]) => sourceKey);
  }

  /** Keys under which the rows that are held were last published, or may have been. */
  publishedKeys(): MasterDataKey[] {
    return [...this.#held.values()].flatMap(({ publishedKey, intendedKeys }) => [
      ...(publishedKey === null ? [] : [publishedKey]),
      ...intendedKeys,
    ]);
  }

  hold(row: HeldRow, nowMs: number): LogRecord {
    const { position, intendedKeys = [] } = row;
    this.#held.set(row.sourceKey, { publishedKey: row.lastPublishedKey, intendedKeys, position });
    const body = codec.encode({
      dataset: row.dataset,
      table: row.table,
      rowKey: row.sourceKey,
      epoch: position.epoch,
      sequence: position.sequence,
      index: BigInt(position.index),
      reasons: row.reasons.map(({ rule, element, field, reason }) => ({ rule, element, field, reason })),
      columns: boundedColumns(row.columns),
      lastPublishedKey: row.lastPublishedKey === null ? null : { ...row.lastPublishedKey },
      ts_ms: BigInt(nowMs),
    });
    const intended: LogHeader[] =
      intendedKeys.length === 0 ? [] : [{ key: INTENDED_HEADER, value: Buffer.from(JSON.stringify(intendedKeys)) }];
    return this.#record(row.sourceKey, frame(this.#schemaId, body), position, nowMs, intended);
  }

  release(sourceKey: string, position: Position, nowMs: number): LogRecord {
    this.#held.delete(sourceKey);
    return this.#record(sourceKey, null, position, nowMs);
  }

  #record(sourceKey: string, value: Buffer | null, position: Position, nowMs: number, more: readonly LogHeader[] = []): LogRecord {
    const headers = [...positionHeaders(position), ...more];
    return { topic: this.#topic, partition: 0, key: Buffer.from(sourceKey), value, headers, timestampMs: nowMs };
  }
}

/** True where `position` stands after `stored`: what was written in a former epoch never does, whatever its sequence. */
export function isAhead({ epoch, sequence }: Position, stored: StreamPoint): boolean {
  return epoch === stored.epoch ? sequence > stored.sequence : epoch > stored.epoch;
}

function boundedColumns(columns: ReadonlyMap<string, string | null>): Record<string, string | null> {
  const bounded: [string, string | null][] = [];
  let bytes = 0;
  for (const [name, value] of columns) {
    const size = value === null ? 0 : Buffer.byteLength(value);
    // One that is too large by itself hides no other.
    if (bytes + size > columnsBytesMax) continue;
    bounded.push([name, value === null ? null : value.toWellFormed()]);
    bytes += size;
  }
  return Object.fromEntries(bounded);
}

function intendedKeysOf(headers: readonly LogHeader[]): MasterDataKey[] {
  const header = headers.find(({ key }) => key === INTENDED_HEADER);
  return header === undefined ? [] : intendedKeys.parse(JSON.parse(header.value.toString('utf8')));
}
