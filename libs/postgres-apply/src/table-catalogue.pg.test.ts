import { systemClock } from '@truc/kernel';
import type { TargetBatch, TargetTable } from '@truc/pipeline';
import { testPostgres, type TestPostgres } from '@truc/testing';
import { PostgresTarget } from './postgres-target.js';
import { readTable } from './table-fingerprint.js';

type Columns = TargetTable['columns'];
const name: Columns[0] = { name: 'full_name', type: { kind: 'text' } };
const born: Columns[0] = { name: 'born', type: { kind: 'date' } };

describe('table catalogue', () => {
  let db: TestPostgres;
  let target: PostgresTarget;
  let offset: bigint;
  const others: PostgresTarget[] = [];

  function another(consumer: string): PostgresTarget {
    const other = new PostgresTarget({ connectionString: db.url, consumer, clock: systemClock });
    others.push(other);
    return other;
  }

  function batch(table: TargetTable, row: Record<string, unknown> | null = null): TargetBatch {
    const fetchedFrom = offset;
    const key = { scheme: 's', code: '1', row: '' };
    const position = { epoch: 1, sequence: fetchedFrom, index: 0 };
    const changes = row === null ? [] : [{ kind: 'upsert' as const, key, position, row: row as never }];
    return { topic: 't', partition: 0, fetchedFrom, nextOffset: fetchedFrom + 1n, table, changes };
  }

  async function apply(table: TargetTable, row: Record<string, unknown> | null = null): Promise<void> {
    await target.apply([batch(table, row)]);
    offset += 1n;
  }

  beforeEach(async () => {
    db = await testPostgres();
    target = new PostgresTarget({ connectionString: db.url, consumer: 'c', clock: systemClock });
    offset = 0n;
    await target.take([{ topic: 't', partition: 0 }]);
  });

  afterEach(async () => {
    await Promise.all([target, ...others.splice(0)].map((one) => one.close()));
    await db.drop();
  });

  it('creates every kind of column, under odd names', async () => {
    const columns: Columns = [
      { name: 'Tên Cột', type: { kind: 'text' } },
      { name: 'select', type: { kind: 'integer' } },
      { name: 'a "quoted" name', type: { kind: 'bigint' } },
      { name: "it's; --", type: { kind: 'double' } },
      { name: 'CASE', type: { kind: 'boolean' } },
      { name: 'ngày sinh', type: { kind: 'date' } },
      { name: 'at\\time', type: { kind: 'timestamp-micros' } },
      { name: '$1', type: { kind: 'decimal', precision: 12, scale: 3 } },
    ];
    const table: TargetTable = { schema: 'Lược đồ "lạ"', name: 'Bảng.số 1', columns };
    const row = {
      'Tên Cột': 'x',
      select: 1,
      'a "quoted" name': 2n,
      "it's; --": 1.5,
      CASE: true,
      'ngày sinh': 3,
      'at\\time': 4n,
      $1: 5n,
    };
    await apply(table, row);
    const { rows } = await db.query<{ c: string; t: string }>(
      `SELECT attname AS c, format_type(atttypid, atttypmod) AS t FROM pg_attribute
        WHERE attrelid = '"Lược đồ ""lạ"""."Bảng.số 1"'::regclass AND attnum > 0 ORDER BY attnum`,
    );
    expect(rows.map(({ c, t }) => [c, t])).toEqual([
      ['truc_scheme', 'text'],
      ['truc_code', 'text'],
      ['truc_row', 'text'],
      ['Tên Cột', 'text'],
      ['select', 'integer'],
      ['a "quoted" name', 'bigint'],
      ["it's; --", 'double precision'],
      ['CASE', 'boolean'],
      ['ngày sinh', 'date'],
      ['at\\time', 'timestamp with time zone'],
      ['$1', 'numeric(12,3)'],
      ['truc_position', 'bytea'],
      ['truc_applied_at', 'timestamp with time zone'],
    ]);
    for await (const stored of readTable({ connectionString: db.url, table })) expect(stored.row).toEqual(row);
  });

  it('adds a later field as a nullable column, and fills what an older schema does not know with null', async () => {
    const old: TargetTable = { schema: 'd', name: 'person', columns: [name] };
    const now: TargetTable = { ...old, columns: [born, name] };
    await apply(old, { full_name: 'A' });
    await apply(now, { full_name: 'B', born: 1 });
    expect((await db.query('SELECT full_name, born IS NULL AS unknown FROM d.person')).rows).toEqual([{ full_name: 'B', unknown: false }]);
    await apply(old, { full_name: 'C' });
    expect((await db.query('SELECT full_name, born IS NULL AS unknown FROM d.person')).rows).toEqual([{ full_name: 'C', unknown: true }]);
    expect((await db.query('SELECT columns, generation FROM truc.tables')).rows).toEqual([
      {
        columns: [
          ['full_name', 'text'],
          ['born', 'date'],
        ],
        generation: 2,
      },
    ]);
  });

  it('notices a column that another process added since', async () => {
    const old: TargetTable = { schema: 'd', name: 'person', columns: [name] };
    const other = another('other');
    await other.take([{ topic: 't', partition: 0 }]);
    await apply(old, { full_name: 'A' });
    const later = { ...batch({ ...old, columns: [name, born] }, { full_name: 'B', born: 1 }), fetchedFrom: 0n };
    await other.apply([later]);
    offset += 5n;
    await db.query(`UPDATE truc.offsets SET next_offset = ${offset} WHERE consumer = 'c'`);
    await apply(old, { full_name: 'C' });
    expect((await db.query('SELECT full_name, born FROM d.person')).rows).toEqual([{ full_name: 'C', born: null }]);
  });

  it('takes two shapes of one table in one call', async () => {
    const old: TargetTable = { schema: 'd', name: 'person', columns: [name] };
    const first = batch(old, { full_name: 'A' });
    const second = { ...batch({ ...old, columns: [name, born] }, { full_name: 'B', born: 1 }), partition: 1 };
    await target.take([{ topic: 't', partition: 1 }]);
    expect(await target.apply([first, second])).toEqual({ applied: 1, refused: 1, rejected: [] });
  });

  it('refuses a changed type by name', async () => {
    const table: TargetTable = {
      schema: 'd',
      name: 'person',
      columns: [name, { name: 'fee', type: { kind: 'decimal', precision: 10, scale: 2 } }],
    };
    await apply(table);
    const wider: TargetTable = { ...table, columns: [name, { name: 'fee', type: { kind: 'decimal', precision: 12, scale: 2 } }] };
    await expect(target.apply([batch(wider)])).rejects.toMatchObject({
      code: 'APPLY_COLUMN_TYPE_DIFFERS',
      message: expect.stringMatching(/"d"\."person"\."fee" is wanted as numeric\(12,2\) and found as numeric\(10,2\)/),
    });
    await apply(table);
  });

  it('refuses tables and columns that are not ours, and names what is gone', async () => {
    const table: TargetTable = { schema: 'public', name: 'person', columns: [name] };
    await db.query('CREATE TABLE public.person (full_name text); CREATE VIEW public.seen AS SELECT 1');
    await expect(target.apply([batch(table)])).rejects.toMatchObject({ code: 'APPLY_TABLE_FOREIGN' });
    await expect(target.apply([batch({ ...table, name: 'seen' })])).rejects.toMatchObject({ code: 'APPLY_TABLE_FOREIGN' });

    const ours: TargetTable = { ...table, name: 'ours' };
    await apply(ours);
    await db.query('ALTER TABLE public.ours ADD COLUMN born date');
    await expect(target.apply([batch({ ...ours, columns: [name, born] })])).rejects.toMatchObject({ code: 'APPLY_COLUMN_FOREIGN' });
    await db.query('ALTER TABLE public.ours DROP COLUMN full_name');
    await expect(target.apply([batch(ours, { full_name: 'A' })])).rejects.toMatchObject({ code: 'APPLY_TABLE_CHANGED', retry: true });
    await expect(target.apply([batch(ours, { full_name: 'A' })])).rejects.toMatchObject({ code: 'APPLY_COLUMN_MISSING' });
    await db.query('DROP TABLE public.ours');
    await expect(target.apply([batch(ours, { full_name: 'A' })])).rejects.toMatchObject({ code: 'APPLY_TABLE_MISSING' });
  });

  it('refuses what PostgreSQL could not hold, with every reason', async () => {
    const invalid: TargetTable = {
      schema: 'truc',
      name: 'x'.repeat(64),
      columns: [
        name,
        name,
        { name: 'truc_code', type: { kind: 'text' } },
        { name: 'ctid', type: { kind: 'text' } },
        { name: 'fee', type: { kind: 'decimal', precision: 2, scale: 3 } },
      ],
    };
    await expect(target.apply([batch(invalid)])).rejects.toMatchObject({
      code: 'APPLY_TABLE_INVALID',
      message: expect.stringMatching(/64 bytes.*not for data.*there twice.*reserved.*system column.*precision 2 and scale 3/),
    });
  });

  it('lets concurrent creators and evolvers of one table all succeed', async () => {
    const targets = Array.from({ length: 5 }, (_, index) => another(`c${index}`));
    await Promise.all(targets.map((one) => one.take([{ topic: 't', partition: 0 }])));
    await Promise.all(
      targets.map((one, index) => {
        const columns: Columns = [name, { name: `field_${index}`, type: { kind: 'integer' } }];
        return one.apply([batch({ schema: 'Mới', name: 'person', columns })]);
      }),
    );
    const { rows } = await db.query<{ columns: [string, string][]; generation: number }>('SELECT columns, generation FROM truc.tables');
    expect(rows[0]?.generation).toBe(5);
    expect(rows[0]?.columns.map(([column]) => column).sort()).toEqual(['field_0', 'field_1', 'field_2', 'field_3', 'field_4', 'full_name']);
  });
});
