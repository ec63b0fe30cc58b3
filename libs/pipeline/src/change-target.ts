import type { Position, Row } from '@truc/kernel';
import type { Delivery } from './delivery-receipt.js';

/** A database that changes are applied to. libs/postgres-apply implements it. */

/** Identity of a row at the target: the key's bytes in the log, taken apart. */
export interface TargetKey {
  readonly scheme: string;
  readonly code: string;
  readonly row: string;
}

export type TargetChange =
  | { readonly kind: 'upsert'; readonly key: TargetKey; readonly position: Position; readonly row: Row }
  | { readonly kind: 'delete'; readonly key: TargetKey; readonly position: Position };

/** How one column of a target table is typed; from the Avro schema of the row record. */
export type TargetColumnType =
  | TargetItemType
  /** Several values of one type, in their order. */
  | { readonly kind: 'list'; readonly item: TargetItemType };

export type TargetItemType =
  | { readonly kind: 'text' | 'integer' | 'bigint' | 'double' | 'boolean' | 'date' | 'timestamp-micros' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number };

export interface TargetTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: TargetColumnType }[];
}

/** The table that a topic's rows are kept in, by policy. */
export interface TopicTable {
  readonly topic: string;
  readonly table: TargetTable;
}

/** What one fetched batch of one partition means to one table. An empty batch still moves the offset. */
export interface TargetBatch {
  readonly topic: string;
  readonly partition: number;
  readonly fetchedFrom: bigint;
  readonly nextOffset: bigint;
  readonly table: TargetTable;
  readonly changes: readonly TargetChange[];
}

/** A change that the database cannot hold. The others of its batch are applied; the caller tells whom it concerns. */
export interface RejectedChange {
  /** Index into the batches of the call, and into the changes of that batch. */
  readonly batch: number;
  readonly change: number;
  /** Column and rule; no value. */
  readonly reason: string;
}

/** Every change of the call is counted once: applied + refused + rejected.length. */
export interface ApplyResult {
  /** Changes that were applied, a later version of the same key in the call or not; those at or below a stored position were refused by the guard. */
  readonly applied: number;
  readonly refused: number;
  readonly rejected: readonly RejectedChange[];
}

export interface ChangeTarget {
  /**
   * Takes the partitions for this process (a new fencing token) and returns their stored next offsets; -2n where nothing is stored.
   * @param tables held against the tables and columns that the topics were loaded into before
   * @throws TrucError where they differ: rows that do not change any more would never get there
   */
  take(
    partitions: readonly { topic: string; partition: number }[],
    tables?: readonly TopicTable[],
  ): Promise<{ topic: string; partition: number; offset: bigint }[]>;
  /**
   * Applies the batches in one database transaction: rows by position, offsets where the fencing token is mine and the stored next offset is the batch's `fetchedFrom`.
   * `announce` is told of the rejected changes, where there are any, before the transaction commits: if it fails, nothing is written. It may be told again of the
   * same ones when the call is repeated.
   * A receipt of each delivery is left in the outbox of the same database, in the same transaction; {@link ReceiptOutbox}.
   * @throws TrucError APPLY_FENCED when another process took a partition (nothing was written); other TrucErrors with `retry`
   */
  apply(
    batches: readonly TargetBatch[],
    announce?: (rejected: readonly RejectedChange[]) => Promise<void>,
    deliveries?: readonly Delivery[],
  ): Promise<ApplyResult>;
  close(): Promise<void>;
}
