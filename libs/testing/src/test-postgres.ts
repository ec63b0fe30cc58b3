import pg from 'pg';
import { stackCoordinates } from './stack-coordinates.js';
import { uniqueTestName } from './test-name.js';

/** A fresh database of the shared server, with wal_level=logical. */
export interface TestPostgres {
  /** Of the superuser, into the fresh database. */
  readonly url: string;
  readonly database: string;
  /** Of the superuser, into the database `postgres`. */
  readonly adminUrl: string;
  /** Runs on one connection that stays open, statements in the order of the calls. */
  query<R extends pg.QueryResultRow = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<pg.QueryResult<R>>;
  /** Ends every session, drops the replication slots and the database. */
  drop(): Promise<void>;
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  // A test that restarts the server or ends sessions by force must not end the run.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const endSlotSessions = `select pg_terminate_backend(active_pid) from pg_replication_slots where database = $1 and active_pid is not null`;
const dropSlots = `select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = $1 and active_pid is null`;
const slotsLeft = `select count(*)::int as n from pg_replication_slots where database = $1`;

/** A walsender that was told to end holds its slot for a moment longer; it is asked until it has let go. */
export async function dropTestDatabase(admin: pg.Client, database: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    await admin.query(endSlotSessions, [database]);
    await admin.query(dropSlots, [database]).catch(() => undefined);
    if ((await admin.query(slotsLeft, [database])).rows[0].n === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await admin.query(`drop database if exists ${database} with (force)`);
}

/** Makes a database for one test file; `drop` it in afterAll. @param adminUrl of a server other than the shared one, for who looks at what a whole server does */
export async function testPostgres(adminUrl = stackCoordinates().postgresUrl): Promise<TestPostgres> {
  const database = uniqueTestName();
  const admin = await connected(adminUrl);
  await admin.query(`create database ${database}`).finally(() => admin.end());
  const address = new URL(adminUrl);
  address.pathname = `/${database}`;
  const url = address.toString();
  const client = await connected(url);
  return {
    url,
    database,
    adminUrl,
    query: (sql, params) => client.query(sql, params as unknown[]),
    async drop() {
      await client.end().catch(() => undefined);
      const admin = await connected(adminUrl);
      await dropTestDatabase(admin, database).finally(() => admin.end());
    },
  };
}
