import { readFileSync } from 'node:fs';
import { systemClock } from '@truc/kernel';
import type { SourceMessage } from '@truc/pipeline';
import { PostgresChangeSource } from '@truc/postgres-capture';
import { eventually } from '@truc/testing';
import type { CommandLine } from '../commands/command-line.test-data.js';
import { agencyCommandLine } from './agency-command-line.test-data.js';
import { catalogue, statementsOf, testedServers, type AgencyDatabase } from './agency-database.test-data.js';

const ddl = `
  create schema dan_cu;
  create table dan_cu.cong_dan (so_dinh_danh varchar(12), ma_tinh char(2), ho_ten text not null, ghi_chu text, primary key (so_dinh_danh, ma_tinh)) partition by list (ma_tinh);
  create table dan_cu.cong_dan_01 partition of dan_cu.cong_dan for values in ('01');
  create table dan_cu.cong_dan_khac partition of dan_cu.cong_dan default;
  create table dan_cu.the_can_cuoc (so_the varchar(20) primary key, so_dinh_danh varchar(12) not null, ngay_cap date, "Ghi Chú" text);
  create table dan_cu.bi_mat (id int primary key, noi_dung text);
  insert into dan_cu.cong_dan values ('001099000012', '01', 'Nguyễn Văn Mẫu', 'ghi chú riêng');
  insert into dan_cu.the_can_cuoc values ('CC1', '001099000012', '2024-08-15', 'riêng');`;

const documents = `
dataset: {name: population.person, agency: G01, title: {vi: Công dân, en: Persons}}
---
dataset: {name: population.card, agency: G01, title: {vi: Thẻ, en: Cards}}
---
source: {agency: G01, database: population, schema: dan_cu, name: {vi: Dân cư, en: Population}}
tables:
  - table: dan_cu.cong_dan
    subject: person
    publish: true
    primaryKey: [so_dinh_danh, ma_tinh]
    identification: {column: so_dinh_danh, element: 'urn:vn:ddict:element:person.personal-id'}
    columns:
      - {column: so_dinh_danh, element: 'urn:vn:ddict:element:person.personal-id'}
      - {column: ho_ten, element: 'urn:vn:ddict:element:person.full-name', transform: {op: nfc}}
  - table: dan_cu.the_can_cuoc
    subject: card
    publish: true
    primaryKey: [so_the]
    identification: {column: so_dinh_danh, element: 'urn:vn:ddict:element:person.personal-id'}
    columns:
      - {column: so_dinh_danh, element: 'urn:vn:ddict:element:person.personal-id'}
      - {column: ngay_cap, element: 'urn:vn:ddict:element:person.identity-card-issue-date'}
  - table: dan_cu.bi_mat
    subject: secret
    publish: false
    refused: internal notes
    primaryKey: [id]
    identification: {column: id, element: 'urn:vn:ddict:element:person.personal-id'}
    columns: [{column: noi_dung, element: null}]
`;

interface CheckedJson {
  readonly verdict: string;
  readonly findings: readonly { readonly code: string; readonly severity: string; readonly place: string; readonly message: string }[];
}

describe.each(testedServers())('a database of PostgreSQL $version', ({ programs }) => {
  /** Which sends whole rows: what is not mapped is left out by the agent there. */
  const isOldest = programs === 'the oldest';
  let database: AgencyDatabase;
  let line: CommandLine;
  let before: unknown;

  agencyCommandLine(programs, ddl, (opened) => ({ database, line, before } = opened));

  async function check(...more: string[]): Promise<{ code: number; found: CheckedJson; err: string }> {
    const mapping = database.file('population.yaml', documents);
    const url = database.file('url.txt', `${database.url('dba')}\n`);
    const { code, out, err } = await line.run(
      'source',
      'check',
      '--url-file',
      url,
      '-f',
      mapping,
      '--free-disk',
      '100GB',
      '-o',
      'json',
      ...more,
    );
    expect(`${out}${err}`).not.toMatch(/001099000012|Nguyễn|riêng|dba:dba/);
    return { code, found: JSON.parse(out) as CheckedJson, err };
  }

  const missing = ({ findings }: CheckedJson): string[] =>
    findings.filter(({ severity }) => severity === 'missing').map(({ code, place }) => `${code} ${place}`);

  /** Settings are the superuser's; the rest is done by the administrator where PostgreSQL lets them hand on REPLICATION, which it does from 16 on. */
  async function runScript(path: string): Promise<void> {
    const superuser = await database.as('postgres');
    const { rows } = await superuser.query<{ version: number }>(`select current_setting('server_version_num')::int as version`);
    const administrator = (rows[0]?.version ?? 0) >= 160_000 ? await database.as('dba') : superuser;
    for (const statement of statementsOf(readFileSync(path, 'utf8'))) {
      const isSetting = /^ALTER SYSTEM|pg_reload_conf/.test(statement);
      await (isSetting ? superuser : administrator).query(statement);
    }
  }

  it('is made ready by one script and left as it was by the other', async () => {
    const sql = `${database.directory}/truc.sql`;
    const undo = `${database.directory}/undo.sql`;
    const first = await check('--sql', sql, '--undo-sql', undo);
    expect(first.code).toBe(2);
    expect(missing(first.found)).toEqual([
      'KEEP_UNLIMITED server',
      'IDENTITY_INDEX dan_cu.the_can_cuoc',
      'ROLE_MISSING truc_capture',
      'SCHEMA_MISSING dan_cu',
      'SELECT_MISSING dan_cu.cong_dan',
      'SELECT_MISSING dan_cu.the_can_cuoc',
      'PUBLICATION_MISSING truc_population',
    ]);
    expect(first.found.findings.find(({ code }) => code === 'NOT_CAPTURED')?.message).toContain('internal notes');
    expect(readFileSync(sql, 'utf8')).not.toMatch(/superuser;|SUPERUSER|ALL PRIVILEGES|bi_mat/);
    // PostgreSQL 14 publishes whole rows, and what is published has to be read.
    if (!isOldest) expect(readFileSync(sql, 'utf8')).not.toMatch(/Ghi Chú|ghi_chu/);

    await runScript(sql);
    await (await database.as('postgres')).query(`alter role truc_capture password 'truc_capture'`);
    await eventually(async () => {
      const second = await check();
      expect(missing(second.found)).toEqual([]);
      expect(second.code).toBe(0);
      const risks = second.found.findings.filter(({ severity }) => severity === 'risk');
      // Before PostgreSQL 15 everybody may make tables in the schema public, which is not ours to take back.
      expect(risks.filter(({ code }) => !isOldest || code !== 'ROLE_MORE')).toEqual([]);
    });

    await captureAsTheRole();
    await refuseTheRoleAllElse();

    await runScript(undo);
    await eventually(async () => expect(await catalogue(await database.as('postgres'))).toEqual(before));
  });

  async function captureAsTheRole(): Promise<void> {
    const tables = [
      { table: 'dan_cu.cong_dan', primaryKey: ['so_dinh_danh', 'ma_tinh'] },
      { table: 'dan_cu.the_can_cuoc', primaryKey: ['so_the'] },
    ];
    const source = new PostgresChangeSource({
      connectionString: database.url('truc_capture'),
      slot: 'truc_population',
      publication: 'truc_population',
      tables,
      clock: systemClock,
    });
    const snapshots = tables.map(({ table }) => ({ table, lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false }));
    const administrator = await database.as('dba');
    const stop = new AbortController();
    const seen: string[] = [];
    let isWritten = false;
    const note = (message: SourceMessage): void => {
      const changes = message.kind === 'rows' ? message.changes : [];
      for (const change of changes) {
        const { relation, kind } = change;
        const values = 'after' in change ? change.after : 'before' in change ? (change.before ?? []) : [];
        seen.push(
          `${kind} ${relation.table}: ${relation.columns.map(({ name }, index) => `${name}=${values[index] ?? 'null'}`).join(' ')}`,
        );
      }
      if (message.kind !== 'snapshot') return;
      const { table, done } = message.progress;
      for (const values of message.rows) seen.push(`read ${table}: ${values.join(' ')}`);
      if (done) seen.push(`done ${table}`);
    };
    for await (const message of source.stream({ after: 0n, snapshots }, stop.signal)) {
      note(message);
      const isRead = tables.every(({ table }) => seen.includes(`done ${table}`));
      if (isRead && !isWritten) {
        isWritten = true;
        await administrator.query(`update dan_cu.cong_dan set ghi_chu = 'riêng', ma_tinh = '79'; delete from dan_cu.the_can_cuoc`);
      }
      if (seen.some((line) => line.startsWith('delete the_can_cuoc')) && message.kind === 'commit') stop.abort();
    }
    expect(seen).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^read dan_cu\.cong_dan: 001099000012 01 Nguyễn Văn Mẫu/),
        expect.stringMatching(/^read dan_cu\.the_can_cuoc: CC1 001099000012 2024-08-15/),
        expect.stringMatching(/^insert cong_dan: so_dinh_danh=001099000012 ma_tinh=79 ho_ten=Nguyễn Văn Mẫu/),
        expect.stringMatching(/^delete the_can_cuoc: so_the=CC1 so_dinh_danh=001099000012/),
      ]),
    );
    if (!isOldest) expect(seen.join('\n')).not.toContain('riêng');
  }

  async function refuseTheRoleAllElse(): Promise<void> {
    const role = await database.as('truc_capture');
    for (const statement of [
      ...(isOldest ? [] : ['select ghi_chu from dan_cu.cong_dan', 'select * from dan_cu.the_can_cuoc']),
      'select * from dan_cu.bi_mat',
      'select so_dinh_danh from dan_cu.cong_dan_01',
      `insert into dan_cu.bi_mat values (1, 'x')`,
      `update dan_cu.cong_dan set ho_ten = 'x'`,
      'delete from dan_cu.the_can_cuoc',
      'truncate dan_cu.bi_mat',
      ...(isOldest ? [] : ['create table public.left_behind (id int)']),
      'create publication mine',
      'alter system set work_mem = 64',
      'create role another',
    ]) {
      await expect(role.query(statement)).rejects.toMatchObject({ code: '42501' });
    }
  }
});
