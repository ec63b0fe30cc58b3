import { statSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoSource, demoSourceNames, type DemoSourceName } from '@truc/testing';
import { CommandLine } from '../commands/command-line.test-data.js';
import { AgencyDatabase, catalogue, testedServers } from '../source/agency-database.test-data.js';
import { assess, cleanedMapping, dictionaryWithUnits, reasonsOf } from './assess.test-data.js';

/** Of the sample rows alone, and of the rows of violations.sql that lie in captured tables: everything that is found. */
const found: Readonly<Record<DemoSourceName, { readonly sample: readonly string[]; readonly violations: readonly string[] }>> = {
  population: {
    sample: [],
    violations: [
      'dancu.cong_dan V1 person_personal_id not-12-digits 1',
      'dancu.cong_dan V2 person_full_name too-long 1',
      'dancu.cong_dan V3 address_commune not-in-force 1',
      'dancu.cong_dan V3 person_ethnic_group not-in-code-list 1',
      'dancu.cong_dan V6 person_date_of_birth in-future 1',
    ],
  },
  'business-registration': {
    sample: [],
    violations: [
      'dkkd.doanh_nghiep V1 enterprise_enterprise_code check-digit 1',
      'dkkd.doanh_nghiep V2 enterprise_name too-long 1',
      'dkkd.doanh_nghiep V3 enterprise_head_office_commune not-in-force 1',
      'dkkd.doanh_nghiep V3 enterprise_type not-in-code-list 1',
    ],
  },
  land: {
    sample: ['dat_dai.quyen_su_dung V1 land_real_estate_id missing 1', 'dat_dai.thua_dat V1 land_real_estate_id missing 1'],
    violations: [
      'dat_dai.chu_su_dung V1 land_user_enterprise_code check-digit 1',
      'dat_dai.thua_dat V1 land_real_estate_id format 1',
      'dat_dai.thua_dat V3 land_parcel_commune not-in-force 1',
      'dat_dai.thua_dat V3 land_use_purpose not-in-code-list 1',
    ],
  },
};

describe.each(testedServers())('databases that have grown, on PostgreSQL $version', ({ programs }) => {
  let database: AgencyDatabase;
  let line: CommandLine;
  let release: string;

  beforeAll(async () => {
    const ddl = demoSourceNames.flatMap((name) => [demoSource(name).schemaSql, demoSource(name).sampleSql]);
    database = await AgencyDatabase.start(programs, ddl.join('\n'));
    line = new CommandLine();
    release = dictionaryWithUnits(line.directory);
  });
  afterAll(async () => {
    line.close();
    await database.stop();
  });

  it('have exactly the rows counted that violate, under exactly the reasons, and nothing is changed', async () => {
    const url = database.file('url.txt', `${database.url('dba')}\n`);
    const dba = await database.as('dba');
    const before = await catalogue(dba);
    for (const name of demoSourceNames) {
      const mapping = join(line.directory, `${name}.yaml`);
      writeFileSync(mapping, demoSource(name).mapping);
      const about = ['--url-file', url, '--mapping', mapping, '--release', release];
      const refused = await line.run('source', 'assess', ...about);
      expect(refused).toMatchObject({ code: 2, out: expect.stringContaining('MAPPING_') });
      writeFileSync(mapping, cleanedMapping(name, refused.out));

      const sample = await assess(line, ...about);
      expect(reasonsOf(sample.found)).toEqual(found[name].sample);
      expect(sample.code).toBe(found[name].sample.length === 0 ? 0 : 2);

      for (const { sql } of demoSource(name).violations) await dba.query(sql);
      const whole = await assess(line, ...about);
      expect(reasonsOf(whole.found)).toEqual([...found[name].sample, ...found[name].violations].toSorted());
      expect(whole.code).toBe(2);
      const rows = (one: typeof whole.found): number => one.datasets.reduce((sum, { conforming }) => sum + conforming.rows, 0);
      // Every row that violates breaks one rule: what conformed before still does, and nothing else.
      expect(rows(whole.found)).toBe(rows(sample.found));
      expect(whole.found).toMatchObject({ listsNotLoaded: [], mapping: { kind: 'given' }, reader: 'dba' });
    }
    expect(await catalogue(dba)).toEqual(before);
  });

  it('are judged by a proposed mapping where there is none, which says how sure it is', async () => {
    const { code, found: proposed } = await assess(
      line,
      '--url',
      database.url('dba'),
      '--agency',
      'G10',
      '--schema',
      'dat_dai',
      '--release',
      release,
    );
    expect(code).toBe(2);
    expect(proposed.mapping).toEqual({ kind: 'proposed', sure: expect.any(Number), unsure: expect.any(Number) });
    const parcel = proposed.datasets.find(({ table }) => table === 'dat_dai.thua_dat');
    expect(parcel?.confidence).toBeGreaterThanOrEqual(0.5);
    expect(parcel?.codes).toMatchObject({ missing: { rows: 1 }, malformed: { rows: 1 } });
    expect(proposed.leftOut.map(({ table }) => table)).toContain('dat_dai.bien_dong');
    const told = await line.run('source', 'assess', '--url', database.url('dba'), '--agency', 'G10', '--schema', 'dat_dai', '--lang', 'vi');
    expect(told.out).toContain('chưa phải kết luận');
  });

  it('are told on a page that is private, holds no value, and says the same in both languages', async () => {
    const mapping = join(line.directory, 'shown.yaml');
    writeFileSync(mapping, demoSource('population').mapping);
    const refused = await line.run('source', 'assess', '--url', database.url('dba'), '-f', mapping);
    writeFileSync(mapping, cleanedMapping('population', refused.out));
    const dba = await database.as('dba');
    // They may be there already.
    for (const { sql } of demoSource('population').violations) await dba.query(sql).catch(() => undefined);
    const pages = [];
    for (const speech of ['vi', 'en']) {
      const [page, sql] = [`${speech}.html`, `${speech}.sql`].map((file) => join(line.directory, file));
      const about = ['--url', database.url('dba'), '-f', mapping, '--release', release, '--lang', speech];
      const first = await line.run('source', 'assess', ...about, '-o', 'html', '--out', page!, '--sql', sql!);
      expect(first.code).toBe(2);
      for (const file of [page!, sql!]) expect(statSync(file).mode & 0o777).toBe(0o600);
      expect((await line.run('source', 'assess', ...about, '-o', 'html', '--out', page!)).err).toMatch(/--force/);
      const text = readFileSync(page!, 'utf8');
      expect(text + readFileSync(sql!, 'utf8')).not.toMatch(/79085000104|079085000104|001299000101|Vi Phạm|Nguyễn|2099-01-01|dba:dba/);
      expect(text).toContain('•••••••••04');
      expect(text).toMatch(/<code>[0-9a-f]{64}<\/code>/);
      expect(text).not.toMatch(/<script|https?:\/\//);
      pages.push([...text.matchAll(/<(?!wbr)[a-z0-9]+/g)].map(([tag]) => tag).join(' '));
    }
    expect(pages[0]).toBe(pages[1]);
  });
});
