import fc from 'fast-check';
import { systemClock, type Row } from '@truc/kernel';
import type { TargetChange, TargetTable } from '@truc/pipeline';
import { testPostgres, type TestPostgres } from '@truc/testing';
import { PostgresTarget } from './postgres-target.js';
import { RowFingerprint } from './row-fingerprint.js';
import { readTable, tableFingerprint } from './table-fingerprint.js';

const table: TargetTable = {
  schema: 'data',
  name: 'everything',
  columns: [
    { name: 'text', type: { kind: 'text' } },
    { name: 'integer', type: { kind: 'integer' } },
    { name: 'bigint', type: { kind: 'bigint' } },
    { name: 'double', type: { kind: 'double' } },
    { name: 'boolean', type: { kind: 'boolean' } },
    { name: 'date', type: { kind: 'date' } },
    { name: 'timestamp', type: { kind: 'timestamp-micros' } },
    { name: 'money', type: { kind: 'decimal', precision: 38, scale: 4 } },
    { name: 'count', type: { kind: 'decimal', precision: 5, scale: 0 } },
    { name: 'share', type: { kind: 'decimal', precision: 6, scale: 6 } },
    { name: 'purposes', type: { kind: 'list', item: { kind: 'text' } } },
    { name: 'amounts', type: { kind: 'list', item: { kind: 'decimal', precision: 12, scale: 2 } } },
    { name: 'days', type: { kind: 'list', item: { kind: 'date' } } },
  ],
};

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '',
      '\\',
      '\\N',
      '\\.',
      "'",
      '"',
      '\t',
      '\n',
      '\r\n',
      '👩‍👩‍👧‍👦',
      'Nguyễn',
      'Nguye\u0302\u0303n',
      'đ\u0323',
      '{}',
      '\u{10ffff}',
      ' ',
    ),
  )
  .filter((value) => !value.includes('\0') && value.isWellFormed());

const decimal = (precision: number): fc.Arbitrary<bigint> => {
  const max = 10n ** BigInt(precision) - 1n;
  return fc.oneof(fc.bigInt({ min: -max, max }), fc.constantFrom(0n, 1n, -1n, max, -max));
};

const rows: fc.Arbitrary<Row> = fc.record({
  text: fc.option(text),
  integer: fc.option(fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1))),
  bigint: fc.option(fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(-(2n ** 63n), 2n ** 53n + 1n))),
  double: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  boolean: fc.option(fc.boolean()),
  date: fc.option(fc.oneof(fc.integer({ min: -2_440_588, max: 2_145_042_905 }), fc.constantFrom(-2_440_588, 2_145_042_905, -719_528, 0))),
  timestamp: fc.option(
    fc.oneof(
      fc.bigInt({ min: -210_866_803_200_000_000n, max: 2n ** 63n - 1n }),
      fc.constantFrom(-210_866_803_200_000_000n, 9_224_318_015_999_999_999n, -62_167_219_200_000_001n, -1n),
    ),
  ),
  money: fc.option(decimal(38)),
  count: fc.option(decimal(5)),
  share: fc.option(decimal(6)),
  purposes: fc.option(fc.array(text, { maxLength: 5 })),
  amounts: fc.option(fc.array(decimal(12), { maxLength: 5 })),
  days: fc.option(fc.array(fc.integer({ min: -700_000, max: 2_900_000 }), { maxLength: 5 })),
});

describe('table fingerprint', () => {
  let db: TestPostgres;
  let target: PostgresTarget;
  let offset = 0n;

  async function write(items: readonly Row[]): Promise<void> {
    const changes = items.map((row, index): TargetChange => ({
      kind: 'upsert',
      key: { scheme: 's', code: String(index), row: '' },
      position: { epoch: 1, sequence: offset + 1n, index },
      row,
    }));
    const result = await target.apply([{ topic: 't', partition: 0, fetchedFrom: offset, nextOffset: offset + 1n, table, changes }]);
    offset += 1n;
    expect(result).toEqual({ applied: items.length, refused: 0, rejected: [] });
  }

  async function read(): Promise<Row[]> {
    const found: { code: number; row: Row }[] = [];
    for await (const { key, row } of readTable({ connectionString: db.url, table })) found.push({ code: Number(key.code), row });
    return found.sort((a, b) => a.code - b.code).map(({ row }) => row);
  }

  function expected(items: readonly Row[]): { rows: number; sha256: string } {
    const fingerprint = new RowFingerprint(table.columns);
    for (const row of items) fingerprint.add(row);
    return { rows: fingerprint.rows, sha256: fingerprint.digest() };
  }

  beforeAll(async () => {
    db = await testPostgres();
    target = new PostgresTarget({ connectionString: db.url, consumer: 'c', clock: systemClock });
    await target.take([{ topic: 't', partition: 0 }]);
    await write([]);
  });

  beforeEach(async () => {
    await db.query('TRUNCATE data.everything');
  });

  afterAll(async () => {
    await target.close();
    await db.drop();
  });

  it('reads back exactly the rows that were written, and hashes them alike', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rows, { maxLength: 40 }), async (items) => {
        await db.query('TRUNCATE data.everything');
        await write(items);
        expect(await read()).toEqual(items);
        expect(await tableFingerprint({ connectionString: db.url, table })).toEqual(expected(items));
      }),
      { numRuns: 60 },
    );
  });

  it('means by its numbers what PostgreSQL means', async () => {
    await write([
      { ...empty(), date: -719_529, timestamp: -62_167_219_200_000_001n, money: -12_345n, share: 5n, double: 0.1 },
      { ...empty(), date: 2_932_897, timestamp: 1n, money: 10n ** 38n - 1n, count: 0n },
    ]);
    const { rows: seen } = await db
      .query(
        `SET timezone = 'UTC'; SET datestyle = 'ISO';
       SELECT date::text, "timestamp"::text, money::text, share::text, count::text, "double"::text FROM data.everything ORDER BY truc_code`,
      )
      .then((result) => (Array.isArray(result) ? (result as { rows: unknown[] }[])[2] : result) as { rows: unknown[] });
    expect(seen).toEqual([
      {
        date: '0002-12-31 BC',
        timestamp: '0002-12-31 23:59:59.999999+00 BC',
        money: '-1.2345',
        share: '0.000005',
        count: null,
        double: '0.1',
      },
      {
        date: '10000-01-01',
        timestamp: '1970-01-01 00:00:00.000001+00',
        money: '9999999999999999999999999999999999.9999',
        share: null,
        count: '0',
        double: null,
      },
    ]);
  });

  it('holds very long texts, many rows, and reads with some of the columns', async () => {
    const long = 'Việt Nam 🇻🇳\\\t\n"\''.repeat(150_000);
    const items = Array.from({ length: 20_000 }, (_, index): Row => ({
      ...empty(),
      text: index === 5_000 ? long : `row ${index}`,
      integer: index,
    }));
    await write(items);
    expect(await tableFingerprint({ connectionString: db.url, table })).toEqual(expected(items));
    const some: TargetTable = { ...table, columns: table.columns.slice(1, 2) };
    const fingerprint = new RowFingerprint(some.columns);
    for (const row of items) fingerprint.add(row);
    expect(await tableFingerprint({ connectionString: db.url, table: some })).toEqual({ rows: 20_000, sha256: fingerprint.digest() });
  });

  it('differs after one value was changed by hand', async () => {
    const items = [
      { ...empty(), text: 'a' },
      { ...empty(), text: 'b' },
    ];
    await write(items);
    await db.query(`UPDATE data.everything SET text = 'b ' WHERE text = 'b'`);
    expect((await tableFingerprint({ connectionString: db.url, table })).sha256).not.toBe(expected(items).sha256);
  });

  it.each([
    ['date', `'infinity'`],
    ['timestamp', `'-infinity'`],
    ['double', `'NaN'`],
  ])('names a column %s that holds %s', async (column, value) => {
    await write([empty()]);
    await db.query(`UPDATE data.everything SET "${column}" = ${value}`);
    await expect(tableFingerprint({ connectionString: db.url, table })).rejects.toMatchObject({
      code: 'APPLY_VALUE_UNREADABLE',
      message: expect.stringContaining(`"${column}"`),
    });
  });

  it('names a table that is not there, and lets a reader leave early', async () => {
    await expect(tableFingerprint({ connectionString: db.url, table: { ...table, name: 'none' } })).rejects.toMatchObject({
      code: 'APPLY_TABLE_CHANGED',
    });
    await write([empty(), empty(), empty()]);
    let seen = 0;
    for await (const { position } of readTable({ connectionString: db.url, table })) {
      expect(position.epoch).toBe(1);
      seen += 1;
      break;
    }
    expect(seen).toBe(1);
  });
});

function empty(): Row {
  return Object.fromEntries(table.columns.map(({ name }) => [name, null]));
}
