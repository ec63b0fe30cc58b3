import { compileCodec, frame, unframe } from '@truc/avro';
import { positionHeaders, positionOf, shippedSchema, type MasterDataKey } from '@truc/change-event';
import { comparePositions, type Position } from '@truc/kernel';
import type { LogRecord, StoredRecord } from './log.js';
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
  readonly #held = new Map<string, { readonly publishedKey: MasterDataKey | null; readonly position: Position }>();

  constructor(topic: string, schemaId: number) {
    this.#topic = topic;
    this.#schemaId = schemaId;
  }

  /**
   * Reads one stored entry; call in the order of the log.
   * @returns false where it stands after `stored` and is left out: whoever restores the book writes it back as the book has it (`CaptureFlow`)
   */
  restore(record: StoredRecord, stored: StreamPoint): boolean {
    const position = positionOf(record.headers);
    if (isAhead(position, stored)) return false;
    const sourceKey = record.key.toString('utf8');
    if (record.value === null) {
      this.#held.delete(sourceKey);
      return true;
    }
    const entry = codec.decode(unframe(record.value).body) as { lastPublishedKey: MasterDataKey | null };
    this.#held.set(sourceKey, { publishedKey: entry.lastPublishedKey, position });
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

  /** Source keys of the rows that were last held at or below `upTo`. */
  heldUpTo(upTo: Position): string[] {
    return [...this.#held].filter(([, { position }]) => comparePositions(position, upTo) <= 0).map(([sourceKey]) => sourceKey);
  }

  /** Keys under which the rows that are held were last published. */
  publishedKeys(): MasterDataKey[] {
    return [...this.#held.values()].flatMap(({ publishedKey }) => (publishedKey === null ? [] : [publishedKey]));
  }

  hold(row: HeldRow, nowMs: number): LogRecord {
    const { position } = row;
    this.#held.set(row.sourceKey, { publishedKey: row.lastPublishedKey, position });
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
    return this.#record(row.sourceKey, frame(this.#schemaId, body), position, nowMs);
  }

  release(sourceKey: string, position: Position, nowMs: number): LogRecord {
    this.#held.delete(sourceKey);
    return this.#record(sourceKey, null, position, nowMs);
  }

  #record(sourceKey: string, value: Buffer | null, position: Position, nowMs: number): LogRecord {
    return { topic: this.#topic, partition: 0, key: Buffer.from(sourceKey), value, headers: positionHeaders(position), timestampMs: nowMs };
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
    if (bytes + size <= columnsBytesMax) bounded.push([name, value === null ? null : value.toWellFormed()]);
    bytes += size;
  }
  return Object.fromEntries(bounded);
}
