import { compileCodec, unframe } from '@truc/avro';
import { positionOf, shippedSchema, type MasterDataKey } from '@truc/change-event';
import type { Position } from '@truc/kernel';
import type { StoredRecord } from './log.js';
import type { RowReason } from './row-verdict.js';

/** One row that is held, as the quarantine topic has it. */
export interface QuarantineEntry {
  /** Offset in the topic: names the entry without saying anything of the row. */
  readonly entry: bigint;
  readonly dataset: string;
  readonly table: string;
  /** Canonical text of the source row's key. Often a personal number. */
  readonly sourceKey: string;
  readonly position: Position;
  readonly reasons: readonly RowReason[];
  /** By the source's column name, in clear; protected columns are not there. */
  readonly columns: Readonly<Record<string, string | null>>;
  /** Key of the row's last good version, which consumers still have. */
  readonly lastPublishedKey: MasterDataKey | null;
  readonly heldAtMs: number;
}

/** What a record of a quarantine topic says of its row. `unreadable` is one that no agent of ours wrote. */
export type QuarantineRecord =
  | { readonly kind: 'held'; readonly entry: QuarantineEntry }
  | { readonly kind: 'released'; readonly sourceKey: string; readonly position: Position; readonly atMs: number }
  | { readonly kind: 'unreadable' };

const codec = compileCodec(shippedSchema('QuarantinedRow'));

/** Everything is copied out of the record, whose bytes belong to its fetch. */
export function readQuarantineRecord(record: StoredRecord): QuarantineRecord {
  try {
    const position = positionOf(record.headers);
    const sourceKey = record.key.toString('utf8');
    if (record.value === null) return { kind: 'released', sourceKey, position, atMs: record.timestampMs };
    const { dataset, table, reasons, columns, lastPublishedKey, ts_ms } = codec.decode(unframe(record.value).body) as StoredEntry;
    const entry = {
      entry: record.offset,
      dataset,
      table,
      sourceKey,
      position,
      reasons,
      columns,
      lastPublishedKey,
      heldAtMs: Number(ts_ms),
    };
    return { kind: 'held', entry };
  } catch {
    return { kind: 'unreadable' };
  }
}

interface StoredEntry {
  readonly dataset: string;
  readonly table: string;
  readonly reasons: readonly RowReason[];
  readonly columns: Readonly<Record<string, string | null>>;
  readonly lastPublishedKey: MasterDataKey | null;
  readonly ts_ms: bigint;
}
