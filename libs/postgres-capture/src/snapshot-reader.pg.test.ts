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
