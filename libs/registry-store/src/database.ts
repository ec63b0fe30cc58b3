import { openStoreDatabase, storeDatabaseOptions, TrucError } from '@truc/kernel';
import { RegistryRefusal } from '@truc/registry';
import { DataSource, QueryFailedError, type EntityManager } from 'typeorm';
import { SchemaRow, SubjectSettingsRow, SubjectVersionRow } from './entities.js';
import { Registry1794200000000 } from './migrations/1-registry.js';

/** Names of the advisory locks, so that two registries on one database take turns. */
const migrationLock = 7_194_001_001;
const changeLock = 7_194_001_002;
/** Longest wait for the change lock, in milliseconds. */
const changeWaitMs = 15_000;
const schema = 'registry';

/**
 * Connects and brings the tables to the present shape.
 * @throws TrucError REGISTRY_STORE_UNREACHABLE (retry), REGISTRY_STORE_MIGRATION
 */
export function openDatabase(url: string, connectionsMax: number): Promise<DataSource> {
  const database = new DataSource({
    ...storeDatabaseOptions({ url, schema, applicationName: 'truc-schema-registry', connectionsMax }),
    entities: [SchemaRow, SubjectVersionRow, SubjectSettingsRow],
    migrations: [Registry1794200000000],
  });
  return openStoreDatabase(database, { schema, owner: 'registry', code: 'REGISTRY_STORE', migrationLock });
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
