import { openStoreDatabase, storeDatabaseOptions, TrucError, type SecretText, type StorePurpose } from '@truc/kernel';
import { RegistryRefusal } from '@truc/registry';
import { DataSource, type EntityManager } from 'typeorm';
import { isOfConnection, sqlState, TellingPool } from './connection-failure.js';
import { ContextRow, SchemaReferenceRow, SchemaRow, SubjectSettingsRow, SubjectVersionRow } from './entities.js';
import { Registry1794200000000 } from './migrations/1-registry.js';
import { Contexts1795400000000 } from './migrations/2-contexts.js';
import { Restoration1796900000000 } from './migrations/3-restoration.js';

/** Names of the advisory locks, so that two registries on one database take turns. */
export const migrationLock = 7_194_001_001;
const changeLock = 7_194_001_002;
/** Longest wait for the change lock, in milliseconds. */
const changeWaitMs = 15_000;
/** How long a change may ask nothing, in milliseconds: shorter than the wait for the lock, so that those who wait for a registry that was frozen get their turn. */
const idleInTransactionMs = 8_000;
/** Longest wait for an answer, in milliseconds: a database that was frozen ends no statement by itself. */
const answerMs = 20_000;
/** Whatever the server's default is: a statement behind the change lock has to see what was committed before it got the lock. */
const readCommitted = '-c default_transaction_isolation=read\\ committed';
const schema = 'registry';

/**
 * Connects and brings the tables to the present shape.
 * @throws TrucError REGISTRY_STORE_UNREACHABLE (retry), REGISTRY_STORE_MIGRATION
 */
export function openDatabase(url: SecretText, connectionsMax: number): Promise<DataSource> {
  const settings = { url, schema, applicationName: 'truc-schema-registry', connectionsMax, idleInTransactionMs };
  const make = (purpose: StorePurpose): DataSource => {
    const options = storeDatabaseOptions(settings, purpose);
    return new DataSource({
      ...options,
      driver: { Pool: TellingPool },
      extra: { ...options.extra, ...(purpose === 'work' ? { query_timeout: answerMs, options: readCommitted } : {}) },
      entities: [ContextRow, SchemaRow, SchemaReferenceRow, SubjectVersionRow, SubjectSettingsRow],
      migrations: [Registry1794200000000, Contexts1795400000000, Restoration1796900000000],
    });
  };
  return openStoreDatabase(make, { schema, owner: 'registry', code: 'REGISTRY_STORE', migrationLock });
}

/**
 * One change is one transaction, and only one runs at a time in all registries on the database: what it decides on cannot change under it. What `work` throws rolls all of it back.
 * 1. Two callers register different schemas. 2. Both would read the same last id and the same last version. 3. The lock makes the second read after the first committed
 * (each statement sees what is committed when it begins), so it takes the next ones.
 * @throws RegistryRefusal of `work`, storeFailed, storeUnavailable
 */
export function inChange<T>(database: DataSource, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  return answering(() =>
    database.transaction(async (manager) => {
      await manager.query(`SELECT set_config('lock_timeout', $1, true), pg_advisory_xact_lock($2)`, [String(changeWaitMs), changeLock]);
      return work(manager);
    }),
  );
}

/**
 * What the database says in its own words becomes a refusal that may be tried again; its text could quote values and stays in `cause`. What is an error neither of the database nor of the connection to it
 * is thrown as it is: nobody is to wait for a database that is not away.
 * @throws RegistryRefusal of `work`, storeFailed, storeUnavailable
 */
export async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof TrucError) throw cause;
    const state = sqlState(cause);
    if (state === null && !isOfConnection(cause)) throw cause;
    // Text with NUL, which only a caller can have sent.
    if (state === '22021' || state === '22P05')
      throw new RegistryRefusal('badRequest', 'The request holds text that cannot be: NUL, or half of a character');
    if (state !== null && !isAway(state)) {
      throw new RegistryRefusal('storeFailed', `Error in the backend data store: it refused a statement (${state})`, { cause });
    }
    throw unavailable(state, cause);
  }
}

export function unavailable(state: string | null, cause?: unknown): RegistryRefusal {
  const told = state === null ? 'its database does not answer' : `its database says that it cannot work at the moment (${state})`;
  const message = `The registry cannot do this now: ${told}. Schemas that it knows by heart can still be read; try again in a moment`;
  return new RegistryRefusal('storeUnavailable', message, { cause });
}

/** Classes: connection exception, insufficient resources, operator intervention; a standby that was not promoted yet; a lock that was waited for too long, and a change that asked nothing for too long. */
function isAway(state: string): boolean {
  return /^(08|53|57)/.test(state) || state === '25006' || state === '55P03' || state === '25P03';
}
