import type { SourceMessage } from '@truc/pipeline';
import { eventually, testPostgres, type TestPostgres } from '@truc/testing';
import pg from 'pg';
import { markChange } from './mark-change.js';
import { readTableMarks } from './table-marks.js';
import { CapturedStream, changesOf, publish } from './test-support/captured-stream.js';

const tables = [
  { table: 'public.plain', primaryKey: ['id'] },
  { table: 'public.parted', primaryKey: ['id'] },
];
const names = tables.map(({ table }) => table);
const limits = { chunkRetryDelayMs: 20, idleIntervalMs: 50, statusIntervalMs: 100, publicationLookMs: 20 };

describe('what tells whether a table was published all along', () => {
  let db: TestPostgres;

  beforeEach(async () => {
    db = await testPostgres();
    await db.query(
      `create table plain (id int primary key, name text); create table parted (id int primary key) partition by range (id);
       create table parted_all partition of parted default`,
    );
    await publish(db.url, 'truc_pub', tables);
  });
  afterEach(() => db.drop());

  const marks = async (publication = 'truc_pub') => Object.fromEntries((await readTableMarks(db.url, publication, names)).marks);
  /** Tables whose marks are others than before, or gone. */
  const changedBy = async (sql: string, publication?: string): Promise<string[]> => {
    const before = await marks(publication);
    await db.query(sql);
    const after = await marks(publication);
    return names.filter((name) => markChange(before[name] ?? '', after[name] ?? '') === 'other');
  };

  it('stays what it is with whatever leaves no change out', async () => {
    expect(Object.keys(await marks())).toEqual(names);
    expect(await changedBy('create table other (id int primary key); alter publication truc_pub add table other')).toEqual([]);
    expect(await changedBy('alter publication truc_pub set table plain, parted')).toEqual([]);
    expect(await changedBy('truncate plain; alter table plain add born date; alter table plain alter id type bigint')).toEqual([]);
    expect(await changedBy('create table parted_1 partition of parted for values from (1) to (9)')).toEqual([]);
  });

  it.each([
    ['taken out and put back', 'alter publication truc_pub drop table plain; alter publication truc_pub add table plain'],
    ['not published', 'alter publication truc_pub drop table plain'],
    ['made anew', 'drop table plain; create table plain (id int primary key, name text); alter publication truc_pub add table plain'],
    ['published in part', 'alter publication truc_pub set table plain where (id > 7), parted'],
  ])('is another one for a table that was %s', async (_, sql) => {
    expect(await changedBy(sql)).toEqual(['public.plain']);
  });

  it('is another one for all tables of a publication that is made anew, or that leaves out kinds of changes', async () => {
    expect(await changedBy(`alter publication truc_pub set (publish = 'insert')`)).toEqual(names);
    const anew = 'drop publication truc_pub; create publication truc_pub for table plain, parted with (publish_via_partition_root)';
    expect(await changedBy(anew)).toEqual(names);
  });

  it('knows publications of schemas and of everything', async () => {
    await db.query('create publication of_schema for tables in schema public with (publish_via_partition_root)');
    const again = 'alter publication of_schema drop tables in schema public; alter publication of_schema add tables in schema public';
    expect(await changedBy(again, 'of_schema')).toEqual(names);
    await db.query('create publication of_all for all tables with (publish_via_partition_root)');
    expect(await changedBy('drop table plain; create table plain (id int primary key)', 'of_all')).toEqual(['public.plain']);
    expect(await marks('of_none')).toEqual({});
  });

  it('is told with an end of the log that lies behind what made it', async () => {
    await db.query('alter publication truc_pub drop table plain; alter publication truc_pub add table plain');
    const { rows } = await db.query("select pg_current_wal_lsn() - '0/0'::pg_lsn as lsn");
    const { sequence } = await readTableMarks(db.url, 'truc_pub', names);
    expect(sequence).toBeGreaterThanOrEqual(BigInt((rows as { lsn: string }[])[0]!.lsn));
  });

  describe('of a stream', () => {
    let stream: CapturedStream;
    beforeEach(() => {
      stream = new CapturedStream({ connectionString: db.url, slot: `m_${db.database}`, publication: 'truc_pub', tables, limits });
    });
    const known = async (): Promise<ReadonlyMap<string, string | null>> => (await readTableMarks(db.url, 'truc_pub', names)).marks;
    const insert = (id: number): Promise<unknown> => db.query(`insert into plain values (${id}, 'x')`);

    it('ends it where changes of a table were left out', async () => {
      const start = { marks: await known() };
      await stream.read({ until: ({ kind }) => kind === 'idle', start });
      await db.query('alter publication truc_pub drop table plain');
      await insert(1);
      await db.query('alter publication truc_pub add table plain');
      const reading = stream.read({ until: () => false, start });
      await expect(reading).rejects.toMatchObject({ code: 'CAPTURE_TABLE_INTERRUPTED', retry: true });
    });

    it('says of a table that it is not published, and carries the others', async () => {
      const start = { marks: await known() };
      const seen: SourceMessage[] = [];
      await stream.read({ until: ({ kind }) => kind === 'idle', start });
      const messages = await stream.read({
        start,
        until: (message) => message.kind === 'rows',
        each: async (message) => {
          if (message.kind === 'idle' && seen.push(message) === 1) await db.query('alter publication truc_pub drop table plain');
          if (message.kind === 'unreadable') await db.query('insert into parted values (1)');
        },
      });
      expect(messages.filter(({ kind }) => kind === 'unreadable')).toMatchObject([
        { what: 'snapshot', table: 'public.plain', error: { code: 'CAPTURE_TABLE_NOT_PUBLISHED' } },
      ]);
      expect(changesOf(messages)).toHaveLength(1);
    });

    it('has a snapshot wait for a transaction that was open while its table was put into the publication', async () => {
      await insert(1);
      await stream.read({ until: ({ kind }) => kind === 'idle', start: { marks: await known() } });
      await db.query('alter publication truc_pub drop table plain');
      const client = new pg.Client({ connectionString: db.url });
      await client.connect();
      try {
        await client.query(`begin; update plain set name = 'ahead of it' where id = 1`);
        await db.query('alter publication truc_pub add table plain');
        let committed: Promise<unknown> | null = null;
        const log = () => void (committed ??= client.query(`insert into plain values (2, 'behind it'); commit`));
        const waiting = new CapturedStream({ ...stream.options, log });
        const messages = await waiting.read({
          start: {
            marks: await known(),
            snapshots: [{ table: 'public.plain', lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false }],
          },
          until: ({ kind }) => kind === 'snapshot',
        });
        await eventually(() => committed !== null);
        expect(messages.filter(({ kind }) => kind === 'snapshot')).toMatchObject([
          {
            rows: [
              ['1', 'ahead of it'],
              ['2', 'behind it'],
            ],
          },
        ]);
      } finally {
        await client.end();
      }
    });
  });
});
