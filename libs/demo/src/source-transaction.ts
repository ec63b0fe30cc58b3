import pg from 'pg';

/** Connects, does `work` in one transaction, disconnects. A failure leaves the database as it was. */
export async function inTransaction<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'truc-demo' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // Times are written as text with the offset of the session's zone; the agencies' day is the one in Viet Nam.
    await client.query(`SET timezone = 'Asia/Ho_Chi_Minh'`);
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } finally {
    await client.end();
  }
}
