import { messageOf, TrucError } from '@truc/kernel';
import { RegistryRefusal } from '@truc/registry';
import { DataSource, QueryFailedError, type EntityManager } from 'typeorm';
import { SchemaRow, SubjectSettingsRow, SubjectVersionRow } from './entities.js';
import { Registry1794200000000 } from './migrations/1-registry.js';

/** Names of the advisory locks, so that two registries on one database take turns. */
const migrationLock = 7_194_001_001;
const changeLock = 7_194_001_002;
/** Longest wait for the change lock and for any one statement, in milliseconds. */
const changeWaitMs = 15_000;
const statementMs = 15_000;

/**
 * Connects and brings the tables to the present shape.
 * @throws TrucError REGISTRY_STORE_UNREACHABLE (retry), REGISTRY_STORE_MIGRATION
 */
export async function openDatabase(url: string, connectionsMax: number): Promise<DataSource> {
  const database = new DataSource({
    type: 'postgres',
    url,
    schema: 'registry',
    entities: [SchemaRow, SubjectVersionRow, SubjectSettingsRow],
    migrations: [Registry1794200000000],
    migrationsTableName: 'migration',
    synchronize: false,
    poolSize: connectionsMax,
    connectTimeoutMS: 10_000,
    applicationName: 'truc-schema-registry',
    // A connection that breaks while it lies in the pool is replaced by the pool; unheard, it would end the process.
    poolErrorHandler: () => undefined,
    extra: { statement_timeout: statementMs },
  });
  try {
    await database.initialize();
  } catch (cause) {
    throw new TrucError('REGISTRY_STORE_UNREACHABLE', `the registry's database cannot be reached: ${messageOf(cause)}`, {
      retry: true,
      cause,
    });
  }
  try {
    await migrate(database);
  } catch (cause) {
    await database.destroy();
    throw new TrucError('REGISTRY_STORE_MIGRATION', `the registry's tables could not be brought up to date: ${messageOf(cause)}`, {
      cause,
    });
  }
  return database;
}

/** Two registries that start together: the second waits, and then finds nothing to do. */
async function migrate(database: DataSource): Promise<void> {
  const runner = database.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await runner.query('CREATE SCHEMA IF NOT EXISTS registry');
    await database.runMigrations({ transaction: 'all' });
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined);
    await runner.release();
  }
}

/**
 * One change is one transaction, and only one runs at a time in all registries on the database: what it decides on cannot change under it. What `work` throws rolls all of it back.
 * 1. Two callers register different schemas. 2. Both would read the same last id and the same last version. 3. The lock makes the second read after the first committed
 * (each statement sees what is committed when it begins), so it takes the next ones.
 * @throws RegistryRefusal of `work`, storeFailed
 */
export function inChange<T>(database: DataSource, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  return answering(() =>
    database.transaction('READ COMMITTED', async (manager) => {
      await manager.query(`SET LOCAL lock_timeout = ${changeWaitMs}`);
      await manager.query('SELECT pg_advisory_xact_lock($1)', [changeLock]);
      return work(manager);
    }),
  );
}

/** What the database says in its own words becomes a refusal that may be tried again; its text could quote values and stays in `cause`. */
export async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof TrucError) throw cause;
    const told =
      cause instanceof QueryFailedError
        ? `it refused a statement (${String((cause.driverError as { code?: unknown }).code)})`
        : 'it does not answer';
    throw new RegistryRefusal('storeFailed', `Error in the backend data store: ${told}`, { cause });
  }
}
