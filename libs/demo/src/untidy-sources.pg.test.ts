/** Databases as they have grown, with the mappings that their agencies would first write: what is refused, and that the rest flows. */
import { checkSubjectSchema } from '@truc/dictionary';
import { readAvroSchema } from '@truc/avro';
import { demoSource, testPostgres, withoutEntries, type DemoSourceName, type TestPostgres } from '@truc/testing';
import { captured, judgeRows, load, problemsOf, streamedColumns, type HeldRow } from './demo-source-trial.test-data.js';

interface Trial {
  readonly name: DemoSourceName;
  /** `line:column code element`. */
  readonly refused: readonly string[];
  /** What the administrator runs so that the code of every row is in its replica identity. */
  readonly identitySql: readonly string[];
  readonly rows: number;
  /** Rows without a code, of which the mapping itself says that they cannot be keyed. */
  readonly codeless: readonly HeldRow[];
  /** Rows of violations.sql by id, those in captured tables alone: key and reasons. */
  readonly violations: Readonly<Record<string, readonly [key: string, reason: string]>>;
}

/** A key that is not known beforehand. */
const madeByDatabase = 'a UUID';

const trials: readonly Trial[] = [
  {
    name: 'population',
    refused: ['109:18 MAPPING_DEPRECATED person.legacy-identity-number'],
    identitySql: [
      'CREATE UNIQUE INDEX the_can_cuoc_truc ON dancu.the_can_cuoc (so_the, so_dinh_danh)',
      'ALTER TABLE dancu.the_can_cuoc REPLICA IDENTITY USING INDEX the_can_cuoc_truc',
    ],
    rows: 13,
    codeless: [],
    violations: {
      P1: ['001299000101/01', 'V6 person_date_of_birth in-future'],
      P2: ['001085000102/01', 'V3 address_commune not-in-force'],
      P3: ['079185000103/79', 'V3 person_ethnic_group not-in-code-list'],
      P4: ['79085000104/79', 'V1 person_personal_id not-12-digits'],
      P5: ['001085000105/01', 'V2 person_full_name too-long'],
    },
  },
  {
    name: 'business-registration',
    refused: ['71:18 MAPPING_AUTHORITY address.province', '195:18 MAPPING_AUTHORITY person.full-name'],
    identitySql: [
      'CREATE UNIQUE INDEX doanh_nghiep_truc ON dkkd.doanh_nghiep (id, ma_so_dn)',
      'ALTER TABLE dkkd.doanh_nghiep REPLICA IDENTITY USING INDEX doanh_nghiep_truc',
    ],
    rows: 9,
    codeless: [],
    violations: {
      B1: ['101', 'V1 enterprise_enterprise_code check-digit'],
      B2: ['102', 'V3 enterprise_type not-in-code-list'],
      B3: ['103', 'V2 enterprise_name too-long'],
      B4: ['104', 'V3 enterprise_head_office_commune not-in-force'],
    },
  },
  {
    name: 'land',
    refused: [
      '55:18 MAPPING_AUTHORITY address.detail',
      '58:18 MAPPING_AUTHORITY address.longitude',
      '62:18 MAPPING_AUTHORITY address.latitude',
      '78:18 MAPPING_STATE_SECRET land.restricted-site-note',
      '121:18 MAPPING_AUTHORITY person.full-name',
    ],
    identitySql: ['ALTER TABLE dat_dai.chu_su_dung REPLICA IDENTITY FULL'],
    rows: 9,
    codeless: [
      { table: 'dat_dai.thua_dat', key: '24133/55/9', reasons: ['V1 land_real_estate_id missing'] },
      {
        table: 'dat_dai.quyen_su_dung',
        key: 'BK 654321/24133/55/9/00000000-0000-4000-8000-000000000003',
        reasons: ['V1 land_real_estate_id missing'],
      },
    ],
    violations: {
      L1: ['00070/12/901', 'V1 land_real_estate_id format'],
      L2: ['00070/12/902', 'V3 land_use_purpose not-in-code-list'],
      L3: ['00073/12/903', 'V3 land_parcel_commune not-in-force'],
      L4: [madeByDatabase, 'V1 land_user_enterprise_code check-digit'],
    },
  },
];

const short = (message: string): string => /element:([a-z.-]+)/.exec(message)?.[1] ?? message;
const byKey = (a: HeldRow, b: HeldRow) => `${a.table}${a.key}`.localeCompare(`${b.table}${b.key}`, 'en');

describe.each(trials)('the $name database', ({ name, refused, identitySql, rows, codeless, violations }) => {
  const { mapping } = demoSource(name);
  const problems = problemsOf(mapping);
  const clean = withoutEntries(
    mapping,
    problems.map(({ line }) => line),
  );
  let db: TestPostgres;

  beforeAll(async () => {
    db = await testPostgres();
    await load(db, name);
  });
  afterAll(() => db.drop());

  it('is refused where it must be, each at its place and with the line that helps', () => {
    expect(problems.map(({ line, column, code, message }) => `${line}:${column} ${code} ${short(message)}`)).toEqual(refused);
    for (const { file, code, hint } of problems) {
      expect(file).toBe('mapping.yaml');
      expect(hint).toContain(code === 'MAPPING_AUTHORITY' ? '`reference: true`' : '`element: null`');
    }
    for (const { message, hint } of problemsOf(mapping, 'vi')) expect(`${message} ${hint}`).toMatch(/[ăâđêôơưạảấầậắếềệịọốộớờợụủứừự]/);
  });

  it('is accepted once exactly those entries are taken out, and the registry would take its schemas', () => {
    expect(problemsOf(clean)).toEqual([]);
    const { tables, release } = captured(clean);
    for (const { dataset } of tables.values()) {
      const schema = readAvroSchema(dataset.valueSchema);
      const subject = `${dataset.topic}-value`;
      const input = {
        subject,
        keyOrValue: 'value',
        schema,
        release,
        dataset,
        view: null,
        caller: null,
        previousVersions: [],
        language: 'en',
      } as const;
      expect(checkSubjectSchema(input).violations).toEqual([]);
    }
  });

  it('says which statement makes the code of a deleted row known', async () => {
    const { tables } = captured(clean);
    const wanting: string[] = [];
    for (const [table, { compiled }] of tables) {
      try {
        const { parent } = compiled;
        if (parent !== null) compiled.bindParent(await streamedColumns(db, parent.table));
        else compiled.bind(await streamedColumns(db, table));
      } catch (error) {
        wanting.push(table);
        expect(error).toMatchObject({
          code: 'MAPPING_KEY_MISSING',
          message: expect.stringContaining(`ALTER TABLE ${table} REPLICA IDENTITY`),
        });
      }
    }
    const altered = identitySql.flatMap((sql) => /ALTER TABLE (\S+)/.exec(sql)?.[1] ?? []);
    expect(wanting).toEqual(altered);
    for (const sql of identitySql) await db.query(sql);
  });

  it('has sample rows that all conform, but for those that have no code', async () => {
    const { passed, held } = await judgeRows(db, captured(clean));
    expect(held.toSorted(byKey)).toEqual(codeless.toSorted(byKey));
    expect(passed).toHaveLength(rows - codeless.length);
  });

  it('has exactly the stated rows held back, for the stated reasons', async () => {
    const source = demoSource(name);
    expect(source.violations.length).toBeGreaterThan(3);
    const { tables } = captured(clean);
    for (const { sql } of source.violations) await db.query(sql);
    const { passed, held } = await judgeRows(db, captured(clean));
    const expected = source.violations.flatMap(({ id, table }): HeldRow[] => {
      const stated = violations[id];
      expect(stated === undefined).toBe(!tables.has(table));
      return stated === undefined ? [] : [{ table, key: stated[0], reasons: [stated[1]] }];
    });
    const found = held.map((one) => (/^[0-9a-f]{8}-/.test(one.key) ? { ...one, key: madeByDatabase } : one));
    expect(found.toSorted(byKey)).toEqual([...codeless, ...expected].toSorted(byKey));
    expect(passed).toHaveLength(rows - codeless.length);
  });
});

describe('what its rows become', () => {
  let db: TestPostgres;
  beforeAll(async () => {
    db = await testPostgres();
  });
  afterAll(() => db.drop());

  it('finds a code in the row, by an expression, by a discriminator and at a parent', async () => {
    for (const name of ['business-registration', 'land'] as const) {
      await load(db, name);
      for (const sql of trials.find((trial) => trial.name === name)?.identitySql ?? []) await db.query(sql);
    }
    const clean = (name: DemoSourceName): string => {
      const { mapping } = demoSource(name);
      return withoutEntries(
        mapping,
        problemsOf(mapping).map(({ line }) => line),
      );
    };
    const business = (await judgeRows(db, captured(clean('business-registration')))).passed;
    const land = (await judgeRows(db, captured(clean('land')))).passed;
    const keys = (rows: typeof land, table: string) =>
      rows.filter((row) => row.table === table).map(({ scheme, code, rowKey }) => `${scheme} ${code} ${rowKey}`);
    expect(keys(business, 'dkkd.chi_nhanh')).toEqual([
      'enterprise-branch-code 0999999101-002 ["999999101","2"]',
      'enterprise-branch-code 9912345015-001 ["9912345015","1"]',
    ]);
    expect(keys(business, 'dkkd.nguoi_dai_dien')[1]).toBe('enterprise-code 0999999101 ["2","CCCD","079199000023"]');
    expect(keys(land, 'dat_dai.quyen_su_dung')[0]).toMatch(/^real-estate-id 1328507A001801 /);
    expect(keys(land, 'dat_dai.chu_su_dung').map((key) => key.split(' ').slice(0, 2))).toEqual([
      ['personal-id', '001099000012'],
      ['enterprise-code', '9912345015'],
      ['personal-id', '066088000056'],
    ]);
    const parcel = land.find(({ code }) => code === '0007000120034501')?.row;
    expect(parcel).toMatchObject({ land_use_purpose: ['ODT'], land_use_term_end: null, land_area: 825n });
    await db.query(`INSERT INTO dkkd.nguoi_dai_dien SELECT 4, 'CCCD', '001099000012'`);
    await db.query('ALTER TABLE dkkd.nguoi_dai_dien DROP CONSTRAINT nguoi_dai_dien_dn_id_fkey');
    await db.query('DELETE FROM dkkd.doanh_nghiep WHERE id = 4');
    const orphans = (await judgeRows(db, captured(clean('business-registration')))).held;
    expect(orphans).toMatchObject([
      { key: '4/CCCD/001099000012', reasons: [expect.stringMatching(/^V1 enterprise_enterprise_code parent-unknown/), expect.anything()] },
    ]);
  });

  it('can be keyed once the source has run the statement that brings a far code near', async () => {
    const { mapping } = demoSource('land');
    const published = withoutEntries(
      mapping
        .replace(/publish: false\n {4}refused:/, 'publish: true\n    refused:')
        .replace(/^.*agency\.agency-code$/m, '$&\n        reference: true'),
      problemsOf(mapping).map(({ line }) => (line > 130 ? line + 1 : line)),
    );
    const [far, ...more] = problemsOf(published);
    expect(more).toEqual([]);
    expect(far).toMatchObject({ code: 'MAPPING_VIA_FAR', message: expect.stringContaining('2 foreign keys away') });
    const sql = /run at the source: (.*;) Then write `column: (\S+)` and `via: null`/.exec(far?.hint ?? '');
    await db.query(sql?.[1] ?? '');
    for (const { sql: insert } of demoSource('land').violations.filter(({ id }) => id === 'L5')) await db.query(insert);
    const near = published.replace(
      /column: so_phat_hanh\n(.*)\n {6}via: dat_dai\.quyen_su_dung.*$/m,
      `column: ${sql?.[2]}\n$1\n      via: null`,
    );
    expect(problemsOf(near)).toEqual([]);
    const { passed, held } = await judgeRows(db, captured(near));
    const certificates = passed.filter(({ table }) => table === 'dat_dai.giay_chung_nhan').map(({ code }) => code);
    expect(certificates.toSorted()).toEqual(['0007000120034501', '1328507A001801']);
    const byCertificate = new Map(
      held.filter(({ table }) => table === 'dat_dai.giay_chung_nhan').map(({ key, reasons }) => [key, reasons]),
    );
    expect([...byCertificate.keys()].toSorted()).toEqual(['BK 654321', 'DG 999999']);
    expect(byCertificate.get('DG 999999')).toContain('V6 land_certificate_issue_date in-future');
  });

  it('has a key once a table without one has run the statement that gives it one', async () => {
    const { mapping } = demoSource('business-registration');
    const lines = problemsOf(mapping).map(({ line }) => line);
    const published = withoutEntries(mapping, lines).replace(/(table: dkkd\.gop_von\n.*\n {4}publish: )false/, '$1true');
    const [problem, ...more] = problemsOf(published);
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ code: 'MAPPING_NO_PRIMARY_KEY' });
    await db.query(/run at the source: (.*;) and write/.exec(problem?.hint ?? '')?.[1] ?? '');
    const keyed = published.replace(/(table: dkkd\.gop_von\n.*\n.*\n {4}primaryKey: )\[\]/, '$1[truc_id]');
    expect(problemsOf(keyed)).toEqual([]);
    const { passed } = await judgeRows(db, captured(keyed));
    expect(passed.filter(({ table }) => table === 'dkkd.gop_von').map(({ code, rowKey }) => `${code} ${rowKey}`)).toEqual([
      '9912345015 ["1"]',
    ]);
  });
});
