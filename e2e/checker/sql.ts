import pg from 'pg';

/** The rows of one statement over a connection of its own. */
export async function query<R extends pg.QueryResultRow>(url: string, sql: string, values: readonly unknown[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'checker' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<R>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
