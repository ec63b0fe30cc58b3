import fc from 'fast-check';
import { systemClock } from '@truc/kernel';
import { DatasetCapture, type RowReason } from '@truc/pipeline';
import { PostgresChangeSource } from '@truc/postgres-capture';
import { testPostgres, type TestPostgres } from '@truc/testing';
import { offlineRelease } from '../schema/offline-policy.js';
import { sourceMappingOf } from '../source/source-mapping.js';
import { assessDatabase } from './assess-database.js';

const documents = `
source: {agency: G12, database: firms, schema: s, name: {vi: Doanh nghiệp, en: Firms}}
tables:
  - table: s.firm
    subject: firm
    publish: true
    primaryKey: [id]
    identification: {column: ma_so_dn, element: 'urn:vn:ddict:element:enterprise.enterprise-code', transform: {op: lpad, length: 10, fill: '0'}}
    referenceDate: ngay_sua
    columns:
      - {column: ma_so_dn, element: 'urn:vn:ddict:element:enterprise.enterprise-code', transform: {op: lpad, length: 10, fill: '0'}}
      - {column: ten_dn, element: 'urn:vn:ddict:element:enterprise.name', required: true}
      - {column: loai_hinh, element: 'urn:vn:ddict:element:enterprise.type'}
      - {column: ngay_dk, element: 'urn:vn:ddict:element:enterprise.registration-date', transform: {op: parseDate, formats: [dd/MM/yyyy, yyyy-MM-dd]}}
      - {column: von, element: 'urn:vn:ddict:element:enterprise.charter-capital'}
`;

/** Wide enough for every kind of finding: numbers as text with zeros lost, spaces of all kinds, letters apart from their marks, dates that are none. */
const firm = fc.record({
  ma_so_dn: fc.oneof(
    fc.constantFrom('9912345015', '999999101', '0100109106', '9912345016', ' 9912345015', '', 'x'),
    fc.stringMatching(/^[0-9]{8,11}$/),
    fc.constant(null),
  ),
  ten_dn: fc.oneof(
    fc.constantFrom('CÔNG TY A', ' CÔNG TY', 'CÔNG  TY', 'CO\u0302NG TY', 'A\u00a0', '\t', null),
    fc.string({ unit: 'grapheme', maxLength: 220 }).map((text) => text.replaceAll('\0', '')),
  ),
  loai_hinh: fc.constantFrom('CTCP', 'CTNN', 'ctcp', ' CTCP', null),
  ngay_dk: fc.constantFrom('01/02/2020', '2020-02-01', '31/2/2020', '01/01/2099', 'không rõ', null),
  von: fc.constantFrom('1000000000', '1.5', '-1', '99999999999999999999999999', null),
  ngay_sua: fc.constantFrom('2024-01-01', '2026-01-01', null),
});

describe('what is assessed and what is captured', () => {
  let database: TestPostgres;
  beforeAll(async () => {
    database = await testPostgres();
    await database.query(
      `create schema s; create table s.firm (id serial primary key, ma_so_dn text, ten_dn text, loai_hinh text, ngay_dk text, von numeric, ngay_sua date);
       alter table s.firm replica identity full; create publication ${database.database} for table s.firm`,
    );
  });
  afterAll(() => database.drop());

  const release = offlineRelease(null, process.cwd(), 'en');
  const mapping = sourceMappingOf([{ path: 'firms.yaml', text: documents }], null, 'firms.yaml', {
    release,
    language: 'en',
    impliesDatasets: true,
  });

  /** What is found of each row of a snapshot, as the agent judges it: `rule field reason`. */
  async function captured(): Promise<{ readonly good: number; readonly found: string[] }> {
    const [mapped] = mapping.mapped;
    const capture = new DatasetCapture(mapped!.policy, mapped!.dataset, release, { key: 1, value: 2 }, systemClock);
    const slot = `assess_${database.database}`;
    const source = new PostgresChangeSource({
      connectionString: database.url,
      slot,
      publication: database.database,
      tables: [{ table: 's.firm', primaryKey: ['id'] }],
      clock: systemClock,
    });
    const stop = new AbortController();
    const found: string[] = [];
    let good = 0;
    const snapshots = [{ table: 's.firm', lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false }];
    for await (const message of source.stream({ after: 0n, snapshots }, stop.signal)) {
      if (message.kind !== 'snapshot') continue;
      for (const values of message.rows) {
        const verdict = capture.judge(message.relation, values, systemClock.now());
        if (verdict.kind === 'good') good += 1;
        const told = verdict.kind === 'good' ? verdict.marks : [...verdict.reasons, ...verdict.marks];
        found.push(...new Set(told.map(wordOf)));
      }
      if (message.progress.done) stop.abort();
    }
    await database.query('select pg_drop_replication_slot($1)', [slot]);
    return { good, found: found.toSorted() };
  }

  async function assessed(): Promise<{ readonly good: number; readonly found: string[]; readonly rows: number }> {
    const about = {
      shown: 'here',
      origin: { kind: 'given', place: 'firms.yaml' },
      slot: 'none',
      publication: 'none',
      sampleRows: null,
    } as const;
    const { datasets } = await assessDatabase({
      ...about,
      url: database.url,
      mapping,
      release,
      seed: 1,
      freeDiskBytes: null,
      statementTimeoutMs: 60_000,
      clock: systemClock,
    });
    const [firms] = datasets;
    const found = firms!.findings.flatMap(({ rule, field, reasons }) =>
      Object.entries(reasons).flatMap(([reason, rows]) => Array.from({ length: rows }, () => wordOf({ rule, field, reason }))),
    );
    return { good: firms!.conforming.rows, found: found.toSorted(), rows: firms!.rowsRead };
  }

  it('is the same of every row, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(firm, { minLength: 1, maxLength: 40 }), async (rows) => {
        await database.query('truncate s.firm');
        await database.query(
          `insert into s.firm (ma_so_dn, ten_dn, loai_hinh, ngay_dk, von, ngay_sua) select ma_so_dn, ten_dn, loai_hinh, ngay_dk, von, ngay_sua from jsonb_populate_recordset(null::s.firm, $1)`,
          [JSON.stringify(rows)],
        );
        const ours = await assessed();
        expect(ours.rows).toBe(rows.length);
        expect({ good: ours.good, found: ours.found }).toEqual(await captured());
      }),
      { numRuns: 12 },
    );
  });
});

function wordOf({ rule, field, reason }: Pick<RowReason, 'rule' | 'field' | 'reason'>): string {
  return `${rule} ${field} ${reason}`;
}
