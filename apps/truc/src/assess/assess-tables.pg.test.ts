import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@truc/kernel';
import { eventually, testPostgres, type TestPostgres } from '@truc/testing';
import { CommandLine } from '../commands/command-line.test-data.js';
import { offlineRelease } from '../schema/offline-policy.js';
import { sourceMappingOf } from '../source/source-mapping.js';
import { assessDatabase } from './assess-database.js';
import { assess, reasonsOf } from './assess.test-data.js';

const documents = `
dataset: {name: small.card, agency: G01, title: {vi: Thẻ, en: Cards}, oneRowPerCode: true}
---
source: {agency: G01, database: small, schema: s, name: {vi: Nhỏ, en: Small}}
tables:
  - table: s.person
    subject: person
    publish: true
    primaryKey: [so_dinh_danh]
    identification: {column: so_dinh_danh, element: 'urn:vn:ddict:element:person.personal-id'}
    columns:
      - {column: so_dinh_danh, element: 'urn:vn:ddict:element:person.personal-id'}
      - {column: ho_ten, element: 'urn:vn:ddict:element:person.full-name'}
      - {column: so_dd_cha, element: 'urn:vn:ddict:element:person.father-personal-id'}
  - table: s.card
    subject: card
    publish: true
    primaryKey: [so_the]
    identification: {column: so_dinh_danh, element: 'urn:vn:ddict:element:person.personal-id'}
    columns:
      - {column: so_dinh_danh, element: 'urn:vn:ddict:element:person.personal-id'}
      - {column: ngay_cap, element: 'urn:vn:ddict:element:person.identity-card-issue-date'}
`;

const ddl = `
  create schema s;
  create table s.person (so_dinh_danh text primary key, ho_ten text, so_dd_cha text, ghi_chu text);
  create table s.card (so_the text primary key, so_dinh_danh text references s.person on update cascade deferrable, ngay_cap date);`;

describe('a database that is assessed', () => {
  let database: TestPostgres;
  let line: CommandLine;
  beforeEach(async () => {
    line = new CommandLine();
    writeFileSync(join(line.directory, 'small.yaml'), documents);
    database = await testPostgres();
    await database.query(ddl);
  });
  afterEach(async () => {
    line.close();
    await database.drop();
  });

  const look = (...more: string[]) => assess(line, '--url', database.url, '-f', 'small.yaml', ...more);

  it('is mended by its statements: each touches as many rows as it says, and what they were proposed for is gone', async () => {
    await database.query(`insert into s.person (so_dinh_danh, ho_ten) values
      ('001099000001', ' Nguyễn Văn An'), ('001099000002', E'Lê Thị Ba\\u00a0'), ('001099000003', 'Trần  Văn   Tư'),
      ('001099000004', normalize('Đặng Thị Năm', NFD)), ('001099000005', ' ' || normalize('Vũ  Thị Sáu', NFD)),
      ('1099000006', 'Hồ Bảy'), ('01099000007', 'Hồ Tám'), ('79099000008', 'Hồ Chín'), ('001099000009', 'Đúng')`);
    await database.query(`insert into s.card values ('A', '1099000006', '2024-01-01')`);
    const before = await look();
    const [person] = before.found.datasets;
    expect(person?.statements.map(({ kind, column, rows, transform, referredBy }) => [kind, column, rows, transform, referredBy])).toEqual([
      ['trim', 'ho_ten', 3, '{ op: trim }', []],
      ['single-space', 'ho_ten', 2, null, []],
      ['nfc', 'ho_ten', 2, '{ op: nfc }', []],
      ['leading-zeros', 'so_dinh_danh', 1, `{ op: lpad, length: 12, fill: '0' }`, ['s.card']],
      ['leading-zeros', 'so_dinh_danh', 2, `{ op: lpad, length: 12, fill: '0' }`, ['s.card']],
    ]);
    for (const { sql, rows } of person?.statements ?? []) expect((await database.query(sql)).rowCount).toBe(rows);
    const after = await look();
    expect(after).toMatchObject({ code: 0, found: { state: 'conforms' } });
    expect(after.found.datasets.flatMap(({ findings, statements }) => [...findings, ...statements])).toEqual([]);
  });

  it('is given no statement that would make two rows of one code, or leave a code that is none', async () => {
    await database.query(`insert into s.person values ('001099000001', 'An', null), ('1099000001', 'An', null), ('9999', 'Ba', null)`);
    const { found } = await look();
    expect(reasonsOf(found)).toEqual(['s.person V1 person_personal_id not-12-digits 2']);
    expect(found.datasets.flatMap(({ statements }) => statements)).toEqual([]);
  });

  it('has its codes told apart: missing, malformed, duplicate, and without a row of their own', async () => {
    await database.query(`insert into s.person values ('001099000001', 'An', '001050000009'), ('001099000002', 'Ba', '001099000001')`);
    await database.query(`alter table s.card drop constraint card_so_dinh_danh_fkey`);
    await database.query(
      `insert into s.card values ('A', '001099000001'), ('B', '001099000001'), ('C', '001099000001'), ('D', null), ('E', 'x'), ('F', '001099000003')`,
    );
    const { found } = await look();
    const [person, card] = found.datasets;
    const counts = Object.entries(card?.codes ?? {}).map(([fault, { rows }]) => `${fault} ${rows}`);
    expect(counts).toEqual(['missing 1', 'malformed 1', 'unmatched 0', 'duplicate 2']);
    expect(card).toMatchObject({ duplicatesAreComplete: true, conforming: { rows: 2, of: 6 } });
    expect(card?.unmatchedCodes).toMatchObject([{ home: 's.person', rows: 1, examples: [{ shown: '•••••••••003', place: '(0,6)' }] }]);
    expect(person?.unmatchedCodes).toMatchObject([{ field: 'person_father_personal_id', rows: 1, examples: [{ shown: '•••••••••009' }] }]);
  });

  it('has a table that may not be read told as a line of its own, and the others assessed', async () => {
    await database.query(`insert into s.person values ('001099000001', ' An', null, 'riêng')`);
    const role = `reader_${database.database}`;
    await database.query(
      `create role ${role} login password 'reader'; grant usage on schema s to ${role}; grant select (so_dinh_danh, ho_ten, so_dd_cha) on s.person to ${role}`,
    );
    const url = new URL(database.url);
    [url.username, url.password] = [role, 'reader'];
    const { code, found } = await assess(line, '--url', url.href, '-f', 'small.yaml');
    expect(code).toBe(2);
    expect(found.state).toBe('not-assessed');
    expect(found.datasets).toMatchObject([
      { table: 's.person', state: 'far', findings: [{ rule: 'V2', examples: [{ shown: ' Xx', place: null }] }] },
      { table: 's.card', state: 'not-assessed', obstacles: [{ code: 'SURVEY_NOT_PERMITTED', message: expect.stringContaining('s.card') }] },
    ]);
    await database.query(`drop owned by ${role}; drop role ${role}`);
  });

  it('says of a column that is not there which one, and of a table without a key that it cannot be captured', async () => {
    await database.query(
      `alter table s.card drop column ngay_cap; alter table s.person drop constraint person_pkey cascade; insert into s.person values ('001099000001', 'An', null)`,
    );
    const { found } = await look();
    expect(found.datasets).toMatchObject([
      { table: 's.person', state: 'blocked', obstacles: [{ code: 'NO_KEY' }], conforming: { rows: 1, of: 1 } },
      {
        table: 's.card',
        state: 'not-assessed',
        obstacles: [{ code: 'MAPPING_COLUMN_MISSING', message: expect.stringContaining('ngay_cap') }],
      },
    ]);
  });

  describe('and has a large table', () => {
    beforeEach(async () => {
      await database.query(
        `insert into s.person select '001099' || lpad(i::text, 6, '0'), case when i % 10 = 0 then ' An' else 'An' end from generate_series(1, 30000) i; analyze s.person`,
      );
    });

    it('is read in part, the same part for the same seed, with the share and how sure it is', async () => {
      const first = await look('--sample-rows', '3000');
      const [person, card] = first.found.datasets;
      expect(person).toMatchObject({
        reading: { kind: 'sample', percent: 10, seed: 1 },
        rowsExpected: 30_000,
        duplicatesAreComplete: false,
      });
      expect(card?.reading).toEqual({ kind: 'whole' });
      const { rowsRead, findings } = person!;
      expect(rowsRead).toBeGreaterThan(1_000);
      expect(rowsRead).toBeLessThan(6_000);
      const { low, high } = findings[0]!.rows.interval!;
      expect(low).toBeLessThan(0.1);
      expect(high).toBeGreaterThan(0.1);
      expect(high - low).toBeLessThan(0.05);
      // What lies in the part that was not read may be the row that is looked for.
      await database.query(`insert into s.card values ('A', '001099000001')`);
      expect((await look('--sample-rows', '3000')).found.datasets[1]?.unmatchedCodes).toMatchObject([{ rows: null }]);

      expect((await look('--sample-rows', '3000')).found.datasets[0]).toEqual(person);
      expect((await look('--sample-rows', '3000', '--seed', '7')).found.datasets[0]?.rowsRead).not.toBe(rowsRead);
      const whole = await look('--sample-rows', '3000', '--full');
      expect(whole.found.datasets[0]).toMatchObject({
        reading: { kind: 'whole' },
        rowsRead: 30_000,
        conforming: { rows: 27_000, interval: null },
      });
      expect(whole.found.cost.snapshot.measuredRowsPerSecond).toBeGreaterThan(0);
    });

    it('is let go at once when somebody stops it', async () => {
      const stop = new AbortController();
      const release = offlineRelease(null, line.directory, 'en');
      const reason = new Error('enough');
      const assessing = assessDatabase({
        url: database.url,
        shown: 'here',
        mapping: sourceMappingOf([{ path: 'small.yaml', text: documents }], null, 'small.yaml', {
          release,
          language: 'en',
          impliesDatasets: true,
        }),
        origin: { kind: 'given', place: 'small.yaml' },
        release,
        slot: 'none',
        publication: 'none',
        sampleRows: null,
        seed: 1,
        freeDiskBytes: null,
        statementTimeoutMs: 15_000,
        clock: systemClock,
        signal: stop.signal,
        onProgress: () => stop.abort(reason),
      });
      await expect(assessing).rejects.toBe(reason);
      await eventually(async () => {
        const { rows } = await database.query(
          `select count(*)::int as count from pg_stat_activity where datname = current_database() and application_name = 'truc-source'`,
        );
        expect(rows).toEqual([{ count: 0 }]);
      });
    });
  });
});
