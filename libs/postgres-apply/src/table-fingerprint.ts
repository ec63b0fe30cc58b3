import { positionFromBytes, type Position, type Row, type SecretText } from '@truc/kernel';
import type { TargetKey, TargetTable } from '@truc/pipeline';
import { defaultApplyLimits, type ApplyLimits } from './apply-limits.js';
import { CopyTupleReader } from './copy-tuple-reader.js';
import { qualifiedName, quoteIdentifier } from './identifier.js';
import { RowFingerprint } from './row-fingerprint.js';
import { Session } from './session.js';
import { checkTable, KEY_COLUMNS, POSITION_COLUMN } from './table-shape.js';
import { compileReader } from './value-codec.js';

export interface TableAccess {
  readonly connectionString: SecretText;
  /** Its columns are the ones that are read; a view's table is read with the view's columns. */
  readonly table: TargetTable;
  readonly limits?: Partial<ApplyLimits>;
}

export interface StoredRow {
  readonly key: TargetKey;
  readonly position: Position;
  readonly row: Row;
}

/** A scan of a large table takes longer than any statement of apply. */
const SCAN_TIMEOUT_MS = 6 * 3_600_000;

/**
 * Every row of a data table exactly as it was applied, in no order, from one snapshot of the database. Streamed: memory does not grow with the table.
 * @throws TrucError APPLY_VALUE_UNREADABLE, APPLY_TABLE_CHANGED (no such table or column), APPLY_CONNECTION_LOST
 */
export async function* readTable({ connectionString, table, limits }: TableAccess): AsyncGenerator<StoredRow> {
  checkTable(table);
  const session = await Session.open({
    connectionString,
    applicationName: 'truc reconciliation',
    limits: { ...defaultApplyLimits, statementTimeoutMs: SCAN_TIMEOUT_MS, ...limits },
  });
  const columns = table.columns.map(({ name, type }) => ({
    name,
    read: compileReader(`${qualifiedName(table)}.${quoteIdentifier(name)}`, type),
  }));
  const selected = [...KEY_COLUMNS, POSITION_COLUMN, ...table.columns.map(({ name }) => quoteIdentifier(name))];
  const tuples = new CopyTupleReader();
  try {
    for await (const chunk of session.copyOut(
      `COPY (SELECT ${selected.join(', ')} FROM ${qualifiedName(table)}) TO STDOUT (FORMAT binary)`,
    )) {
      for (const [scheme, code, keyRow, position, ...values] of tuples.push(chunk)) {
        const row: Row = {};
        columns.forEach(({ name, read }, index) => {
          const bytes = values[index] ?? null;
          row[name] = bytes === null ? null : read(bytes);
        });
        yield {
          key: { scheme: String(scheme), code: String(code), row: String(keyRow) },
          position: positionFromBytes(position ?? Buffer.alloc(0)),
          row,
        };
      }
    }
    tuples.end();
  } finally {
    await session.close();
  }
}

/** Rows of a data table and their order-independent fingerprint, to be compared with the one of the mapped source rows ({@link RowFingerprint}). */
export async function tableFingerprint(access: TableAccess): Promise<{ rows: number; sha256: string }> {
  const fingerprint = new RowFingerprint(access.table.columns);
  for await (const { row } of readTable(access)) fingerprint.add(row);
  return { rows: fingerprint.rows, sha256: fingerprint.digest() };
}
