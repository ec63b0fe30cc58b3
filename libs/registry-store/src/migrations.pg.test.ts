import { configInScope } from '@truc/registry';
import { eventually, testPostgres } from '@truc/testing';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { migrationLock } from './database.js';
import { Registry1794200000000 } from './migrations/1-registry.js';
import { RegistryStore } from './registry-store.js';
import { wholePage } from './schema-catalogue.js';

describe('tables that are brought up to date', () => {
  it('wait for another that does so as long as it takes, whatever the database says of statements', async () => {
    const database = await testPostgres();
    await database.query(`ALTER DATABASE "${database.database}" SET statement_timeout = '100ms'`);
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    await other.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    const opening = RegistryStore.open({ url: database.url });
    opening.catch(() => undefined);
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = $1 AND wait_event = 'advisory' AND now() - query_start > interval '500ms'`;
    await eventually(async () => expect((await other.query(waiting, [database.database])).rowCount).toBe(1));
    await other.end();
    await (await opening).close();
    await database.drop();
  });
});

describe('a registry of before contexts', () => {
  it('keeps subjects, ids, references, levels and modes', async () => {
    const database = await testPostgres();
    await database.query('CREATE SCHEMA registry');
    const before = new DataSource({
      type: 'postgres',
      url: database.url,
      schema: 'registry',
      migrationsTableName: 'migration',
      migrations: [Registry1794200000000],
    });
    await before.initialize();
    await before.runMigrations();
    await before.destroy();
    const c = '{"type":"record","name":"C","fields":[]}';
    const s = '{"type":"record","name":"S","fields":[{"name":"c","type":"C"}]}';
    const whole = `{"type":"record","name":"S","fields":[{"name":"c","type":${c}}]}`;
    const reference = { name: 'C', subject: 'c', version: 1 };
    await database.query(
      `INSERT INTO registry.schema (id, fingerprint, text, normalised, "references") VALUES (3, 'f3', $1, $1, '[]'), (7, 'f7', $2, $3, $4)`,
      [c, s, whole, JSON.stringify([reference])],
    );
    await database.query(`INSERT INTO registry.subject_version (subject, version, schema_id, is_deleted, registered_by, registered_at) VALUES
      ('c', 1, 3, false, 'root', now()), ('s', 2, 7, false, 'root', now())`);
    await database.query(
      `INSERT INTO registry.subject_settings (subject, level, mode) VALUES ('', 'FULL', null), ('s', 'NONE', 'READONLY')`,
    );
    await database.query('UPDATE registry.last_id SET id = 9');

    const store = await RegistryStore.open({ url: database.url });
    const found = await store.catalogue.version('s', 'latest', false);
    expect(found).toMatchObject({ id: 7, version: 2, schema: s, references: [reference], metadata: null, ruleSet: null });
    expect(await store.catalogue.byGuid(found.guid)).toMatchObject({ id: 7 });
    expect(await store.catalogue.referencedBy('c', 1, false, wholePage)).toEqual([7]);
    expect(await store.catalogue.contexts('', wholePage)).toEqual(['.']);
    expect(configInScope('c', await store.scopes('c')).compatibilityLevel).toBe('FULL');
    const scopes = await store.scopes('s');
    expect([configInScope('s', scopes).compatibilityLevel, scopes.own.mode]).toEqual(['NONE', 'READONLY']);
    const asked = { metadata: null, ruleSet: null };
    expect(await store.lookUp('s', { ...asked, text: s, references: [reference] }, false, null)).toMatchObject({ version: 2 });
    const next = { ...asked, subject: 't', text: '"int"', references: [], id: null, version: null };
    expect(await store.register(next, { name: 'root', agencySlug: null }, () => null)).toMatchObject({ id: 10, version: 1 });
    await store.close();
    await database.drop();
  });

  it('gives schemas the GUID that they would get today', async () => {
    const database = await testPostgres();
    await database.query('CREATE SCHEMA registry');
    const before = new DataSource({
      type: 'postgres',
      url: database.url,
      schema: 'registry',
      migrationsTableName: 'migration',
      migrations: [Registry1794200000000],
    });
    await before.initialize();
    await before.runMigrations();
    await before.destroy();
    await database.query(
      `INSERT INTO registry.schema (id, fingerprint, text, normalised, "references") VALUES (1, 'f', '"string"', '"string"', '[]')`,
    );
    await database.query(
      `INSERT INTO registry.subject_version (subject, version, schema_id, registered_by, registered_at) VALUES ('s', 1, 1, 'root', now())`,
    );
    const store = await RegistryStore.open({ url: database.url });
    expect(await store.catalogue.schema(1)).toMatchObject({ guid: '095d71cf-1255-6b9d-5e33-0ad575b3df5d' });
    await store.close();
    await database.drop();
  });
});
