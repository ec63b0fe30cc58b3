import pg from 'pg';

const pageRows = 5_000;

/** The rows of a query, a page at a time, all of one moment. */
export async function* streamRows<R extends pg.QueryResultRow>(url: string, sql: string, values: readonly unknown[]): AsyncGenerator<R> {
  const client = new pg.Client({ connectionString: url, application_name: 'checker' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN READ ONLY');
    await client.query(`DECLARE rows NO SCROLL CURSOR FOR ${sql}`, [...values]);
    for (;;) {
      const { rows } = await client.query<R>(`FETCH ${pageRows} FROM rows`);
      yield* rows;
      if (rows.length < pageRows) return;
    }
  } finally {
    await client.end();
  }
}
