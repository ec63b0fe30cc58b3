import { TrucError, type SecretText } from '@truc/kernel';
import type { SourceText } from '@truc/pipeline';
import { escapeIdentifier, type Client } from 'pg';
import { quoteTable, splitTableName } from './captured-table.js';
import { cursorRows } from './cursor-rows.js';
import { captureError } from './postgres-error.js';
import { openSession, textRows } from './source-session.js';

const PRIMARY_KEY = `
  SELECT a.attname
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
   WHERE n.nspname = $1 AND c.relname = $2 AND i.indisprimary AND k.place <= i.indnkeyatts
   ORDER BY k.place`;

const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Reads a whole table in the order of its primary key, in the same text form as stream and snapshot, for reconciliation. One transaction snapshot from the first
 * row to the last.
 * @param table `schema.table`
 * @param pageRows rows per page at most; a page of wide rows is smaller
 * @throws TrucError CAPTURE_TABLE_CHANGED, CAPTURE_NOT_PERMITTED, CAPTURE_CONNECTION_LOST (retry)
 */
export async function* readRows(
  connectionString: SecretText,
  table: string,
  columns: readonly string[],
  { pageRows }: { readonly pageRows: number },
): AsyncGenerator<SourceText[][], void, void> {
  const client = await openSession(connectionString);
  try {
    await client.query(
      'SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    );
    const text = await tableQuery(client, table, columns);
    for await (const { rows } of cursorRows(client, { text, values: [] }, PAGE_BYTES)) {
      for (let from = 0; from < rows.length; from += pageRows) yield rows.slice(from, from + pageRows);
    }
  } catch (error) {
    throw captureError(error, `reading ${table}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function tableQuery(client: Client, table: string, columns: readonly string[]): Promise<string> {
  const name = splitTableName(table);
  const key = (await textRows(client, PRIMARY_KEY, [name.schema, name.table])).map(([column]) => escapeIdentifier(column!));
  if (key.length === 0) throw new TrucError('CAPTURE_TABLE_CHANGED', `${table} does not exist or has no primary key to read it by`);
  return `SELECT ${columns.map((column) => escapeIdentifier(column)).join(', ')} FROM ${quoteTable(name)} ORDER BY ${key.join(', ')}`;
}
