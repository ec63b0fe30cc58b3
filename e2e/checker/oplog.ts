import { streamRows } from './row-stream.js';
import { query } from './sql.js';

/**
 * What an operation must do to the log:
 * c, u  an event with the operation's token and record; d a delete and its tombstone; s the same by a truncate;
 * q     nothing: the row may not be published, its last good version stays; with a hash, it was refused for what the source left out, and a snapshot may publish it whole;
 * n     nothing: what was deleted was never published.
 */
export type OpKind = 'c' | 'u' | 'd' | 's' | 'q' | 'n';

export interface Op {
  readonly opId: number;
  /** The row's key at the source: `["001000000001","01"]`. */
  readonly key: string;
  /** Ascends with every operation on the key. */
  readonly keySeq: number;
  readonly op: OpKind;
  /** Hash of the record that must be published, and of what the contract lets through of it; null where there is none. */
  readonly rowHash: string | null;
  readonly viewHash: string | null;
}

/** Name of the dataset that the operations are on. */
export const checkedDataset = 'population.resident';
export const checkedTable = 'dancu.cong_dan';

const ddl = `
  CREATE SCHEMA IF NOT EXISTS checker;
  CREATE TABLE IF NOT EXISTS checker._oplog (
    op_id bigint PRIMARY KEY,
    key text COLLATE "C" NOT NULL,
    key_seq integer NOT NULL,
    op "char" NOT NULL,
    row_hash text,
    view_hash text,
    partition_hash integer NOT NULL
  );
  CREATE TABLE IF NOT EXISTS checker.taken_back (first_op bigint NOT NULL, end_op bigint NOT NULL);
  CREATE INDEX IF NOT EXISTS _oplog_key ON checker._oplog (key, key_seq)`;

/** The same for every way of writing operations. */
export const opColumns = ['op_id', 'key', 'key_seq', 'op', 'row_hash', 'view_hash', 'partition_hash'] as const;

/** Makes the table where it is not there yet. It is in no publication. @returns the first free number */
export async function prepareOplog(sourceUrl: string): Promise<number> {
  await query(sourceUrl, ddl);
  const [row] = await query<{ last: string | null }>(sourceUrl, 'SELECT max(op_id)::text AS last FROM checker._oplog');
  return Number(row?.last ?? '0') + 1;
}

interface OpRow {
  readonly op_id: string;
  readonly key: string;
  readonly key_seq: number;
  readonly op: OpKind;
  readonly row_hash: string | null;
  readonly view_hash: string | null;
}

const select = 'SELECT op_id, key, key_seq, op, row_hash, view_hash FROM checker._oplog';

/** The committed operations of one partition, by key and in the order of their commits. @param firstOp those of this run */
export function opsOfPartition(sourceUrl: string, firstOp: number, partition: number, partitions: number): AsyncGenerator<Op> {
  return ops(sourceUrl, `${select} WHERE op_id >= $1 AND partition_hash % $3 = $2 ORDER BY key, key_seq`, [firstOp, partition, partitions]);
}

/**
 * The last operation of every key that decides what stands in the targets: refused versions and what was never published change nothing there. By key.
 * @param toldWhole numbers of those that were refused for what the source left out, and told whole by a snapshot then
 */
export function lastOps(sourceUrl: string, firstOp: number, toldWhole: readonly number[]): AsyncGenerator<Op> {
  return ops(
    sourceUrl,
    `SELECT DISTINCT ON (key) op_id, key, key_seq, op, row_hash, view_hash FROM checker._oplog
      WHERE op_id >= $1 AND (op IN ('c', 'u', 'd', 's') OR op_id = ANY ($2)) ORDER BY key, key_seq DESC`,
    [firstOp, toldWhole],
  );
}

async function* ops(sourceUrl: string, sql: string, values: readonly unknown[]): AsyncGenerator<Op> {
  for await (const row of streamRows<OpRow>(sourceUrl, sql, values)) {
    yield {
      opId: Number(row.op_id),
      key: row.key,
      keySeq: row.key_seq,
      op: row.op,
      rowHash: row.row_hash,
      viewHash: row.view_hash,
    };
  }
}

/** Operations that were committed and of which a restore of the source left nothing; topics still tell of them. */
export async function noteTakenBack(
  sourceUrl: string,
  { firstOp, endOp }: { readonly firstOp: number; readonly endOp: number },
): Promise<void> {
  await query(sourceUrl, 'INSERT INTO checker.taken_back (first_op, end_op) VALUES ($1, $2)', [firstOp, endOp]);
}

/** Every committed operation's number, ascending: of all runs, and of runs before `firstOp` those that a restore took back. */
export async function* committedOpIds(sourceUrl: string, firstOp: number): AsyncGenerator<number> {
  const sql = `SELECT op_id FROM checker._oplog
     UNION SELECT generate_series(first_op, end_op - 1) FROM checker.taken_back WHERE end_op <= $1 ORDER BY op_id`;
  for await (const { op_id } of streamRows<{ op_id: string }>(sourceUrl, sql, [firstOp])) yield Number(op_id);
}
