import type { Client } from 'pg';
import { textRows } from './source-session.js';
import type { ChunkQuery } from './chunk-query.js';

export type TextRow = (string | null)[];

const FIRST_FETCH_ROWS = 32;
const FETCH_ROWS_MAX = 2_000;

/**
 * Reads a query through a cursor, in pages whose row count follows the width of the rows seen so far: a page is about `pageBytes`, and the first is small because
 * nothing is known yet. The caller holds the transaction, and may stop between pages.
 */
export async function* cursorRows(
  client: Client,
  query: ChunkQuery,
  pageBytes: number,
): AsyncGenerator<{ rows: TextRow[]; bytes: number }> {
  await client.query({ text: `DECLARE truc_rows NO SCROLL CURSOR FOR ${query.text}`, values: [...query.values] });
  let count = FIRST_FETCH_ROWS;
  try {
    for (;;) {
      const rows = await textRows(client, `FETCH FORWARD ${count} FROM truc_rows`);
      const bytes = rows.reduce((sum, row) => sum + rowBytes(row), 0);
      if (rows.length > 0) yield { rows, bytes };
      if (rows.length < count) return;
      count = Math.max(1, Math.min(FETCH_ROWS_MAX, count * 4, Math.floor(pageBytes / Math.max(1, bytes / rows.length))));
    }
  } finally {
    await client.query('CLOSE truc_rows').catch(() => undefined);
  }
}

/** Characters rather than bytes: near enough for a bound, and free. */
function rowBytes(row: TextRow): number {
  return row.reduce((sum, value) => sum + 8 + (value?.length ?? 0), 0);
}
