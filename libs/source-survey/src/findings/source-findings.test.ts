import { setupChanges } from '../script/setup-changes.js';
import { setupScript, undoScript } from '../script/script-text.js';
import type { DatabaseSurvey } from '../survey.js';
import { column, gibibyte, identity, planned, planOf, role, server, survey, table } from '../survey.test-data.js';
import { findingSentence, type Finding } from './finding.js';
import { databaseFindings, sourceFindings } from './source-findings.js';

const person = table('person', [column('id'), column('name'), column('secret')]);
const plan = planOf(planned('person', ['id', 'name']));
const published = {
  name: 'truc_agency',
  owner: 'dba',
  allTables: false,
  viaRoot: true,
  publishesEverything: true,
  tables: [{ table: 'public.person', columns: ['id', 'name'], hasRowFilter: false }],
};
const ready: Partial<DatabaseSurvey> = { publication: published, tables: [{ ...person, selectable: ['id', 'name'] }] };

const codes = (findings: readonly Finding[], severity: Finding['severity']): string[] =>
  findings.filter((finding) => finding.severity === severity).map(({ code }) => code);
const missing = (more: Partial<DatabaseSurvey>): string[] => codes(sourceFindings(survey({ ...ready, ...more }), plan), 'missing');
const risks = (more: Partial<DatabaseSurvey>): string[] => codes(sourceFindings(survey({ ...ready, ...more }), plan), 'risk');
const withTable = (more: object): Partial<DatabaseSurvey> => ({ tables: [{ ...person, selectable: ['id', 'name'], ...more }] });
const withPublication = (more: object): Partial<DatabaseSurvey> => ({ publication: { ...published, ...more } });

it('finds nothing where everything is there', () => {
  const findings = sourceFindings(survey(ready), plan);
  expect([codes(findings, 'missing'), codes(findings, 'risk')]).toEqual([[], []]);
  expect(setupChanges(survey(ready), plan)).toEqual([]);
});

it.each<[string, Partial<DatabaseSurvey>]>([
  ['SERVER_STANDBY', { server: server({ isStandby: true, versionNumber: 150_012 }) }],
  ['STANDBY_FEEDBACK', { server: server({ isStandby: true }) }],
  ['SERVER_ENCODING', { server: server({ encoding: 'SQL_ASCII' }) }],
  ['WAL_LEVEL', { server: server({ walLevel: 'replica' }) }],
  ['SLOTS_FREE', { server: server({ slotsMax: 0 }) }],
  ['SENDERS_FREE', { server: server({ sendersUsed: 10 }) }],
  ['KEEP_UNLIMITED', { server: server({ keepBytesMax: null }) }],
  ['KEEP_LARGER_THAN_DISK', { disk: { freeBytes: gibibyte, origin: 'measured' } }],
  ['TABLE_UNKNOWN', { tables: [] }],
  ['COLUMN_UNKNOWN', withTable({ columns: [column('id')] })],
  ['KEY_MISSING', withTable({ uniqueKeys: [] })],
  ['ROW_SECURITY', withTable({ hasRowSecurity: true })],
  ['SELECT_MISSING', withTable({ selectable: ['id'] })],
  ['ROLE_MISSING', { role: null }],
  ['ROLE_LOGIN', { role: role('truc_capture', { mayLogin: false }) }],
  ['ROLE_REPLICATION', { role: role('truc_capture', { mayReplicate: false }) }],
  ['CONNECT_MISSING', { role: role('truc_capture', { mayConnect: false }) }],
  ['SCHEMA_MISSING', { role: role('truc_capture', { schemas: [] }) }],
  ['PUBLICATION_MISSING', { publication: null }],
  ['PUBLICATION_PARTIAL', withPublication({ publishesEverything: false })],
  ['PUBLICATION_TABLE', withPublication({ tables: [] })],
  ['PUBLICATION_COLUMNS', withPublication({ tables: [{ table: 'public.person', columns: ['id'], hasRowFilter: false }] })],
])('%s is missing, with SQL or words that help', (code, more) => {
  expect(missing(more)).toContain(code);
});

it.each<[string, Partial<DatabaseSurvey>]>([
  ['KEEP_SHORT', { server: server({ wal: { bytes: 100 * gibibyte, seconds: 86_400 } }) }],
  ['DISK_UNKNOWN', { disk: null }],
  [
    'SLOT_UNREAD',
    {
      server: server({
        slots: [
          {
            name: 'old',
            plugin: 'pgoutput',
            database: 'agency',
            active: false,
            activePid: null,
            retainedBytes: 5e9,
            walStatus: 'extended',
          },
        ],
      }),
    },
  ],
  ['ROLE_SUPERUSER', { role: role('truc_capture', { isSuperuser: true }) }],
  ['ROLE_MORE', { role: role('truc_capture', { createsIn: ['public'], memberOf: ['pg_write_all_data'] }) }],
  ['SELECT_MORE', withTable({ selectable: ['id', 'name', 'secret'] })],
  ['MAY_WRITE', withTable({ writable: true })],
  ['PUBLICATION_ALL', withPublication({ allTables: true })],
  ['PUBLICATION_COLUMNS_MORE', withPublication({ tables: [{ table: 'public.person', columns: null, hasRowFilter: false }] })],
  ['PUBLICATION_FILTER', withPublication({ tables: [{ ...published.tables[0], hasRowFilter: true }] })],
  ['PUBLICATION_TABLE_MORE', withPublication({ tables: [...published.tables, { table: 'public.x', columns: null, hasRowFilter: false }] })],
  ['TOAST', withTable({ toastBytes: 1e6, columns: [column('id'), column('name', { mayBeToasted: true })] })],
])('%s is a risk that somebody should know of', (code, more) => {
  expect(risks(more)).toContain(code);
});

it('tells of rows that are read again by columns without an index, where there are many', () => {
  const pointing = planOf({ ...plan.tables[0]!, pointing: ['name'] });
  const told = (more: Partial<typeof person>) =>
    sourceFindings(survey({ ...ready, ...withTable(more) }), pointing).filter(({ code }) => code === 'CHILDREN_INDEX');
  const rowsEstimated = 50_000;
  expect(told({ rowsEstimated, indexes: [['id', 'name']] })).toMatchObject([
    { severity: 'risk', values: { columns: 'name', rows: 50_000 }, sql: ['CREATE INDEX CONCURRENTLY ON public.person (name)'] },
  ]);
  expect(told({ rowsEstimated, isPartitioned: true })[0]?.sql).toEqual(['CREATE INDEX ON public.person (name)']);
  expect([told({ rowsEstimated, indexes: [['name', 'id']] }), told({ rowsEstimated: 10 })]).toEqual([[], []]);
});

it('tells that partitions which are made later do not send whole old rows by themselves', () => {
  const whole = identity('public.person', 'f', []);
  expect(risks(withTable({ identity: whole, leafIdentities: [whole], isPartitioned: true }))).toContain('IDENTITY_PARTITIONS');
  expect(risks(withTable({ identity: whole, leafIdentities: [whole] }))).not.toContain('IDENTITY_PARTITIONS');
});

it('tells of a list of columns that makes PostgreSQL refuse every update', () => {
  const whole = identity('public.person', 'f', []);
  expect(missing(withTable({ identity: whole, leafIdentities: [whole] }))).toContain('IDENTITY_FULL_LIST');
});

it('tells what whole old rows cost: the width of a row, once for each changed row', () => {
  const whole = identity('public.person', 'f', []);
  const [note] = sourceFindings(survey({ ...ready, ...withTable({ identity: whole, leafIdentities: [whole] }) }), plan).filter(
    ({ code }) => code === 'IDENTITY_FULL',
  );
  expect(note?.values).toMatchObject({ costBytes: 3000, others: 1 });
});

it('proposes for a slot three days of WAL, and never more than half of the disk', () => {
  const sql = (more: Partial<DatabaseSurvey>): string | undefined =>
    sourceFindings(survey({ ...ready, server: server({ keepBytesMax: null }), ...more }), plan).find(
      ({ code }) => code === 'KEEP_UNLIMITED',
    )?.sql[0];
  expect(sql({})).toBe(`ALTER SYSTEM SET max_slot_wal_keep_size = '3072MB'`);
  expect(sql({ disk: { freeBytes: 2 * gibibyte, origin: 'stated' } })).toBe(`ALTER SYSTEM SET max_slot_wal_keep_size = '1024MB'`);
});

it('looks at a database that nobody has mapped', () => {
  const findings = databaseFindings(survey({ tables: [{ ...person, uniqueKeys: [] }] }), 'truc_agency');
  expect(findings.find(({ code }) => code === 'KEY_MISSING')).toMatchObject({ severity: 'risk', place: 'public.person' });
  expect(codes(findings, 'risk')).not.toContain('TABLES_MANY');
  const many = Array.from({ length: 2_000 }, (_, number) => ({ ...person, table: `public.t${number}` }));
  expect(codes(databaseFindings(survey({ tables: many }), 'truc_agency'), 'risk')).toEqual(['TABLES_MANY']);
});

it('has a whole sentence for everything, in both languages', () => {
  const all = [
    sourceFindings(survey({ server: server({ keepBytesMax: null, walLevel: 'replica' }), role: null }), plan),
    sourceFindings(survey({ role: null, tables: [person], disk: null }), plan),
  ].flat();
  for (const finding of all) {
    for (const language of ['en', 'vi'] as const) expect(findingSentence(finding, language)).not.toMatch(/\{|undefined|NaN/);
  }
});

it('writes a script and the one that takes it back, which end where they began', () => {
  const before = survey({ server: server({ keepBytesMax: null }), role: null, tables: [person] });
  const odd = planOf(planned('person', ['id', 'name'], { identity: ['id', 'name'] }));
  const changes = setupChanges(before, odd);
  expect(setupScript(before, odd, changes, 'en')).toMatchInlineSnapshot(`
    "-- What Truc needs in the database agency: role truc_capture, publication truc_agency, slot truc_agency.
    -- Read it, then run it as the owner of the tables with the right to make roles: psql -v ON_ERROR_STOP=1 -d agency -f THIS-FILE

    -- Settings of the whole server: by a superuser, or in the console of a managed server. Not inside a transaction.
    -- the most that a slot may keep: a slot is given up before it fills the disk
    ALTER SYSTEM SET max_slot_wal_keep_size = '3072MB';
    -- takes effect at once
    SELECT pg_reload_conf();

    -- Indexes, made while the tables are in use. Not inside a transaction.
    -- public.person: old rows carry id, name, so that a delete says whose row it was
    CREATE UNIQUE INDEX CONCURRENTLY truc_person_identity ON public.person (id, name);

    -- All of this or nothing.
    BEGIN;
    -- public.person: old rows carry id, name, so that a delete says whose row it was
    ALTER TABLE public.person REPLICA IDENTITY USING INDEX truc_person_identity;
    -- the role that captures. Give it a password that nobody sees: \\password truc_capture
    CREATE ROLE truc_capture LOGIN REPLICATION;
    -- may read these columns and no others
    GRANT SELECT (id, name) ON public.person TO truc_capture;
    -- what is sent: the mapped columns, and what tells rows apart
    CREATE PUBLICATION truc_agency FOR TABLE
      public.person (id, name)
      WITH (publish_via_partition_root = true);
    COMMIT;
    "
  `);
  expect(undoScript(before, odd, changes, 'en')).toMatchInlineSnapshot(`
    "-- Takes back what Truc needs in the database agency: role truc_capture, publication truc_agency, slot truc_agency.
    -- Read it, then run it as the owner of the tables with the right to make roles: psql -v ON_ERROR_STOP=1 -d agency -f THIS-FILE

    -- All of this or nothing.
    BEGIN;
    -- the slot that the agent made; stop the agent first
    SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'truc_agency' AND database = current_database();
    -- what is sent: the mapped columns, and what tells rows apart
    DROP PUBLICATION truc_agency;
    -- may read these columns and no others
    REVOKE SELECT (id, name) ON public.person FROM truc_capture;
    -- the role that captures. Give it a password that nobody sees: \\password truc_capture
    DROP ROLE truc_capture;
    -- public.person: old rows carry id, name, so that a delete says whose row it was
    ALTER TABLE public.person REPLICA IDENTITY DEFAULT;
    COMMIT;

    -- Indexes, made while the tables are in use. Not inside a transaction.
    -- public.person: old rows carry id, name, so that a delete says whose row it was
    DROP INDEX CONCURRENTLY public.truc_person_identity;

    -- Settings of the whole server: by a superuser, or in the console of a managed server. Not inside a transaction.
    -- the most that a slot may keep: a slot is given up before it fills the disk
    ALTER SYSTEM RESET max_slot_wal_keep_size;
    -- takes effect at once
    SELECT pg_reload_conf();
    "
  `);
});

it('lets no name out of a comment', () => {
  const name = 'a\nDROP TABLE b; --';
  const before = survey({ role: null, tables: [table(name, [column('id'), column('code')])] });
  const odd = planOf(planned(name, ['id', 'code'], { identity: ['id', 'code'] }));
  const script = setupScript(before, odd, setupChanges(before, odd), 'en');
  const comments = script.split('\n').filter((line) => line.startsWith('--'));
  expect(comments.join('\n')).toContain('DROP TABLE b');
  expect(script.replaceAll(/"[^"]*"/g, '')).not.toMatch(/^DROP/m);
});
