import { postgresPoolLogin } from './postgres-line.js';
import type { SecretText } from './secret.js';
import { messageOf, TrucError } from './truc-error.js';

/** Longest wait for a connection and for any one statement, in milliseconds. */
const connectMs = 10_000;
const statementMs = 15_000;
/** How long a transaction may ask nothing, in milliseconds: then the server ends it, and the locks of a process that was frozen in the middle of one are free again. */
const idleInTransactionMs = 30_000;
/** Silence after which the system asks whether the other side is still there, in milliseconds. */
const keepAliveMs = 10_000;

export interface StoreSettings {
  /** `postgres://user:password@host:port/database`, revealed at each connection. */
  readonly url: SecretText;
  /** Schema that all of the store's tables lie in. */
  readonly schema: string;
  /** Whom the connections are shown as belonging to. */
  readonly applicationName: string;
  readonly connectionsMax: number;
  /** As long as 30 s where the store names nothing shorter. */
  readonly idleInTransactionMs?: number;
}

/** What connections are for: a migration takes as long as it takes, and so does waiting for another one. */
export type StorePurpose = 'work' | 'migration';

/** Settings of a store's connection pool for TypeORM; entities and migrations are the store's own. */
export function storeDatabaseOptions(settings: StoreSettings, purpose: StorePurpose) {
  const { url, schema, applicationName, connectionsMax } = settings;
  const limits =
    purpose === 'work'
      ? { statement_timeout: statementMs, idle_in_transaction_session_timeout: settings.idleInTransactionMs ?? idleInTransactionMs }
      : { options: '-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0' };
  return {
    type: 'postgres' as const,
    schema,
    migrationsTableName: 'migration',
    synchronize: false,
    poolSize: connectionsMax,
    connectTimeoutMS: connectMs,
    applicationName,
    // A connection that breaks while it lies in the pool is replaced by the pool; unheard, it would end the process.
    poolErrorHandler: (): void => undefined,
    // Over what the driver would make of a URL once and for all.
    extra: { ...postgresPoolLogin(url), ...limits, keepAlive: true, keepAliveInitialDelayMillis: keepAliveMs },
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
 * Brings the tables to the present shape over connections of its own, and then connects for work.
 * @param make asked once for each purpose; what it gives for a migration is closed again
 * @throws TrucError `<code>_UNREACHABLE` (retry), `<code>_MIGRATION`
 */
export async function openStoreDatabase<D extends StoreDatabase>(make: (purpose: StorePurpose) => D, names: StoreNames): Promise<D> {
  const { owner, code } = names;
  const migrating = await connected(make('migration'), names);
  try {
    await migrate(migrating, names);
  } catch (cause) {
    throw new TrucError(`${code}_MIGRATION`, `the ${owner}'s tables could not be brought up to date: ${messageOf(cause)}`, { cause });
  } finally {
    await migrating.destroy();
  }
  return connected(make('work'), names);
}

async function connected<D extends StoreDatabase>(database: D, { owner, code }: StoreNames): Promise<D> {
  try {
    await database.initialize();
    return database;
  } catch (cause) {
    const message = `the ${owner}'s database cannot be reached: ${messageOf(cause)}`;
    throw new TrucError(`${code}_UNREACHABLE`, message, { retry: true, cause });
  }
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
