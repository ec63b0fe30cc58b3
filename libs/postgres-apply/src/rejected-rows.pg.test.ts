import { systemClock, type Row } from '@truc/kernel';
import type { TargetBatch, TargetChange, TargetTable } from '@truc/pipeline';
import { testPostgres, type TestPostgres } from '@truc/testing';
import { PostgresTarget } from './postgres-target.js';

const table: TargetTable = {
  schema: 'data',
  name: 'person',
  columns: [
    { name: 'full_name', type: { kind: 'text' } },
    { name: 'height', type: { kind: 'integer' } },
  ],
};

function upsert(code: string, sequence: number, row: Row): TargetChange {
  return { kind: 'upsert', key: { scheme: 'person', code, row: '' }, position: { epoch: 1, sequence: BigInt(sequence), index: 0 }, row };
}

function remove(code: string, sequence: number): TargetChange {
  return { kind: 'delete', key: { scheme: 'person', code, row: '' }, position: { epoch: 1, sequence: BigInt(sequence), index: 0 } };
}

describe('rejected rows', () => {
  let db: TestPostgres;
  let target: PostgresTarget;
  let offset = 0n;

  function batch(changes: readonly TargetChange[], partition = 0, fetchedFrom = offset): TargetBatch {
    return { topic: 't', partition, fetchedFrom, nextOffset: fetchedFrom + 10n, table, changes };
  }

  async function stored(): Promise<unknown[]> {
    return (await db.query('SELECT truc_code AS code, full_name, height FROM data.person ORDER BY 1')).rows;
  }

  beforeEach(async () => {
    db = await testPostgres();
    target = new PostgresTarget({ connectionString: db.url, consumer: 'c', clock: systemClock, limits: { refusedByDatabaseMax: 5 } });
    offset = 0n;
    await target.take([
      { topic: 't', partition: 0 },
      { topic: 't', partition: 1 },
    ]);
    await target.apply([batch([])]);
    offset = 10n;
  });

  afterEach(async () => {
    await target.close();
    await db.drop();
  });

  it('leaves out what a column cannot hold, and applies the others', async () => {
    const result = await target.apply([
      batch([upsert('a', 1, { full_name: 'NUL \0', height: 1 }), upsert('b', 2, { full_name: 'B', height: 2 })]),
      batch([upsert('c', 3, { full_name: 'C', height: 2 ** 31 }), upsert('d', 4, { full_name: 'D', height: 1.5 })], 1, 0n),
    ]);
    expect(result).toEqual({
      applied: 1,
      refused: 0,
      rejected: [
        { batch: 0, change: 0, reason: 'full_name: text holds a NUL character, which PostgreSQL cannot store' },
        { batch: 1, change: 0, reason: 'height: a value is outside the range of integer' },
        { batch: 1, change: 1, reason: 'height: a value is outside the range of integer' },
      ],
    });
    expect(await stored()).toEqual([{ code: 'b', full_name: 'B', height: 2 }]);
    expect((await target.take([{ topic: 't', partition: 1 }]))[0]?.offset).toBe(10n);
  });

  it('keeps the last good version of a row in the same call', async () => {
    await target.apply([batch([upsert('a', 1, { full_name: 'good', height: 1 }), upsert('a', 2, { full_name: 'bad\0', height: 1 })])]);
    expect(await stored()).toEqual([{ code: 'a', full_name: 'good', height: 1 }]);
  });

  it('finds what a constraint of the owner refuses among many, and says so without the value', async () => {
    await db.query('ALTER TABLE data.person ADD CONSTRAINT plausible CHECK (height < 300)');
    const changes = Array.from({ length: 2_000 }, (_, index) =>
      upsert(String(index), index, { full_name: 'x', height: index === 777 || index === 1_500 ? 999 : 170 }),
    );
    const result = await target.apply([batch(changes)]);
    const reason = 'the database refused it with SQLSTATE 23514, constraint plausible';
    expect(result).toEqual({
      applied: 1_998,
      refused: 0,
      rejected: [
        { batch: 0, change: 777, reason },
        { batch: 0, change: 1_500, reason },
      ],
    });
    expect(await stored()).toHaveLength(1_998);
    expect((await target.take([{ topic: 't', partition: 0 }]))[0]?.offset).toBe(20n);
  });

  it('tries the changes of a refused key one after the other, deletes and duplicates included', async () => {
    await db.query('ALTER TABLE data.person ADD CONSTRAINT plausible CHECK (height < 300)');
    const good = { full_name: 'good', height: 170 };
    const bad = { full_name: 'bad', height: 999 };
    const changes = [
      upsert('a', 1, good),
      upsert('a', 2, { ...good, full_name: 'better' }),
      upsert('a', 3, bad),
      upsert('a', 3, bad),
      upsert('a', 1, good),
      upsert('b', 1, bad),
      remove('b', 0),
      upsert('c', 9, good),
    ];
    const result = await target.apply([batch(changes)]);
    expect(result.rejected.map(({ change }) => change)).toEqual([2, 3, 5]);
    expect(result).toMatchObject({ applied: 4, refused: 1 });
    expect(await stored()).toEqual([
      { code: 'a', full_name: 'better', height: 170 },
      { code: 'c', full_name: 'good', height: 170 },
    ]);
    expect((await db.query('SELECT code FROM truc.deleted_rows')).rows).toEqual([{ code: 'b' }]);
  });

  it('blames a row for a constraint that is checked at the commit, and for a trigger', async () => {
    await db.query('CREATE TABLE data.commune (name text PRIMARY KEY); INSERT INTO data.commune VALUES ($$known$$)');
    await db.query(
      'ALTER TABLE data.person ADD CONSTRAINT commune_known FOREIGN KEY (full_name) REFERENCES data.commune DEFERRABLE INITIALLY DEFERRED',
    );
    expect(
      await target.apply([batch([upsert('a', 1, { full_name: 'unknown', height: 1 }), upsert('b', 1, { full_name: 'known', height: 1 })])]),
    ).toEqual({
      applied: 1,
      refused: 0,
      rejected: [{ batch: 0, change: 0, reason: 'the database refused it with SQLSTATE 23503, constraint commune_known' }],
    });
    offset = 20n;
    await db.query(`CREATE FUNCTION data.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no % here', NEW.height; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON data.person FOR EACH ROW WHEN (NEW.height = 13) EXECUTE FUNCTION data.refuse()`);
    const result = await target.apply([
      batch([upsert('x', 1, { full_name: 'known', height: 13 }), upsert('y', 1, { full_name: 'known', height: 1 })]),
    ]);
    expect(result).toEqual({
      applied: 1,
      refused: 0,
      rejected: [{ batch: 0, change: 0, reason: 'the database refused it with SQLSTATE P0001' }],
    });
  });

  it('stops by name, with nothing written, when the database refuses too many', async () => {
    await db.query('ALTER TABLE data.person ADD CONSTRAINT plausible CHECK (height < 300)');
    const changes = Array.from({ length: 50 }, (_, index) =>
      upsert(String(index), index, { full_name: 'x', height: index > 20 ? 999 : 1 }),
    );
    await expect(target.apply([batch(changes)])).rejects.toMatchObject({
      code: 'APPLY_REJECTED_LIMIT',
      retry: false,
      message: expect.stringContaining('plausible'),
    });
    expect(await stored()).toEqual([]);
    expect((await target.take([{ topic: 't', partition: 0 }]))[0]?.offset).toBe(10n);
  });

  it('never puts a value into an error', async () => {
    await db.query(`ALTER TABLE data.person ADD CONSTRAINT once UNIQUE (full_name)`);
    const result = await target.apply([
      batch([upsert('038012345678', 1, { full_name: 'SECRET', height: 1 }), upsert('038012345679', 1, { full_name: 'SECRET', height: 1 })]),
    ]);
    expect(result).toMatchObject({ applied: 1, rejected: [{ reason: 'the database refused it with SQLSTATE 23505, constraint once' }] });
    expect(JSON.stringify(result)).not.toMatch(/SECRET|0380/);
  });
});
