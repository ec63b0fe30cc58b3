import { systemClock } from '@truc/kernel';
import { eventually, testPostgres, type TestPostgres } from '@truc/testing';
import pg from 'pg';
import { SnapshotReader } from './snapshot-reader.js';
import { withSession } from './source-session.js';
import { publish } from './test-support/captured-stream.js';
import { TypeNames } from './type-names.js';

const person = { table: 'public.person', primaryKey: ['id'] };

describe('a chunk of a table that is altered at that moment', () => {
  let db: TestPostgres;
  let reader: SnapshotReader;
  let other: pg.Client;

  beforeEach(async () => {
    db = await testPostgres();
    await db.query(
      `create table person (id int primary key, name text, year int); insert into person select n, 'n', n from generate_series(1, 5) n`,
    );
    await publish(db.url, 'truc_pub', [person]);
    const typeNames = new TypeNames((work) => withSession(db.url, 'reading types', work));
    reader = await SnapshotReader.open(db.url, 'truc_pub', typeNames, { chunkRows: 100, chunkBytes: 1_000_000 }, systemClock);
    other = new pg.Client({ connectionString: db.url });
    await other.connect();
  });

  afterEach(async () => {
    reader.close();
    await other.end();
    await db.drop();
  });

  /** Begins to read while somebody's statement holds the table, and lets it commit once the reader waits for it. */
  async function readAcross(statement: string): ReturnType<SnapshotReader['read']> {
    await other.query(`begin; ${statement}`);
    const chunk = reader.read(person, null);
    await eventually(async () => {
      const { rows } = await db.query(`select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`, [db.database]);
      expect(rows).toHaveLength(1);
    });
    await other.query('commit');
    return chunk;
  }

  it('has every row of a table that was rewritten', async () => {
    const { rows, isLast } = await readAcross('alter table person alter column year type bigint');
    expect({ ids: rows.map(([id]) => id), isLast }).toEqual({ ids: ['1', '2', '3', '4', '5'], isLast: true });
  });

  it('has the rows that came with a truncate', async () => {
    const { rows } = await readAcross(`truncate person; insert into person values (9, 'n', 9)`);
    expect(rows.map(([id]) => id)).toEqual(['9']);
  });

  it('has the columns that are left', async () => {
    const { rows, relation } = await readAcross('alter table person drop column name');
    expect({ rows: rows.length, columns: relation.columns.map(({ name }) => name) }).toEqual({ rows: 5, columns: ['id', 'year'] });
  });
});

describe('a table without a key', () => {
  it('is refused by name, whatever is sent of its old rows, until a unique index stands behind the mapping', async () => {
    const db = await testPostgres();
    try {
      await db.query(`create table person (id int, name text, born int); insert into person values (1, 'a', 1), (1, 'b', 2)`);
      await db.query('alter table person replica identity full');
      await publish(db.url, 'truc_pub', [person]);
      const typeNames = new TypeNames((work) => withSession(db.url, 'reading types', work));
      const reader = await SnapshotReader.open(db.url, 'truc_pub', typeNames, { chunkRows: 1, chunkBytes: 1_000_000 }, systemClock);
      try {
        const refused = expect.objectContaining({
          code: 'CAPTURE_KEY_NOT_UNIQUE',
          message: expect.stringMatching(
            /no primary key or unique index.*ALTER TABLE "public"."person" ADD PRIMARY KEY \("id"\)$/,
          ) as string,
        }) as unknown;
        await expect(reader.read(person, null)).rejects.toEqual(refused);
        // None of these says that no two rows have one id.
        for (const index of ['(id, born)', '(id) where born > 0', '(abs(id))'])
          await db.query(`delete from person where name = 'b'; create unique index on person ${index}`);
        await expect(reader.read(person, null)).rejects.toEqual(refused);
        await db.query('create unique index on person (id) include (name)');
        const mayBeNull = /id may be null there.*ALTER TABLE "public"."person" ALTER COLUMN "id" SET NOT NULL$/;
        await expect(reader.read(person, null)).rejects.toMatchObject({
          code: 'CAPTURE_KEY_NOT_UNIQUE',
          message: expect.stringMatching(mayBeNull) as string,
        });
        await db.query("insert into person values (null, 'c'), (null, 'd'), (2, 'e')");
        // Of parents those without the key are nobody's, and every page ends with one that has it.
        const parents = { ...person, isParent: true };
        const first = await reader.read(parents, null);
        const second = await reader.read(parents, [first.rows[0]![0]!]);
        const third = await reader.read(parents, [second.rows[0]![0]!]);
        expect([first, second, third].map(({ rows }) => rows.map(([id]) => id))).toEqual([['1'], ['2'], []]);
        expect(third.isLast).toBe(true);
        await db.query('delete from person where id is null; alter table person alter id set not null');
        expect((await reader.read(person, null)).rows).toHaveLength(1);
      } finally {
        reader.close();
      }
    } finally {
      await db.drop();
    }
  });
});
