import { messageOf, TrucError } from './truc-error.js';

/** Longest wait for a connection and for any one statement, in milliseconds. */
const connectMs = 10_000;
const statementMs = 15_000;

export interface StoreSettings {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** Schema that all of the store's tables lie in. */
  readonly schema: string;
  /** Whom the connections are shown as belonging to. */
  readonly applicationName: string;
  readonly connectionsMax: number;
}

/** Settings of a store's connection pool for TypeORM; entities and migrations are the store's own. */
export function storeDatabaseOptions({ url, schema, applicationName, connectionsMax }: StoreSettings) {
  return {
    type: 'postgres' as const,
    url,
    schema,
    migrationsTableName: 'migration',
    synchronize: false,
    poolSize: connectionsMax,
    connectTimeoutMS: connectMs,
    applicationName,
    // A connection that breaks while it lies in the pool is replaced by the pool; unheard, it would end the process.
    poolErrorHandler: (): void => undefined,
    extra: { statement_timeout: statementMs },
  };
}

/** What opening a store needs of its database; a DataSource of TypeORM is one. */
export interface StoreDatabase {
  initialize(): Promise<unknown>;
  createQueryRunner(): { query(sql: string, parameters?: unknown[]): Promise<unknown>; release(): Promise<void> };
  runMigrations(options: { transaction: 'all' }): Promise<unknown>;
  destroy(): Promise<void>;
}

export interface StoreNames {
  readonly schema: string;
  /** Whose it is, in a sentence: `registry`. */
  readonly owner: string;
  /** Prefix of the codes: `REGISTRY_STORE`. */
  readonly code: string;
  /** Number of the advisory lock under which the tables are changed. */
  readonly migrationLock: number;
}

/**
 * Connects and brings the tables to the present shape.
 * @throws TrucError `<code>_UNREACHABLE` (retry), `<code>_MIGRATION`
 */
export async function openStoreDatabase<D extends StoreDatabase>(database: D, names: StoreNames): Promise<D> {
  const { owner, code } = names;
  try {
    await database.initialize();
  } catch (cause) {
    const message = `the ${owner}'s database cannot be reached: ${messageOf(cause)}`;
    throw new TrucError(`${code}_UNREACHABLE`, message, { retry: true, cause });
  }
  try {
    await migrate(database, names);
  } catch (cause) {
    await database.destroy();
    throw new TrucError(`${code}_MIGRATION`, `the ${owner}'s tables could not be brought up to date: ${messageOf(cause)}`, { cause });
  }
  return database;
}

/** Two that start together on one database: the second waits, and then finds nothing to do. */
async function migrate(database: StoreDatabase, { schema, migrationLock }: StoreNames): Promise<void> {
  const runner = database.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await runner.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await database.runMigrations({ transaction: 'all' });
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined);
    await runner.release();
  }
}
