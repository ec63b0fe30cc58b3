import { testPostgres, type TestPostgres } from '@truc/testing';
import pg from 'pg';
import { markChange } from './mark-change.js';
import { readTableMarks } from './table-marks.js';
import { CapturedStream, changesOf, publish } from './test-support/captured-stream.js';

const tables = [{ table: 'public.certificate', primaryKey: ['id', 'year'] }];
const limits = { chunkRetryDelayMs: 20, idleIntervalMs: 50, statusIntervalMs: 100, publicationLookMs: 20 };

describe('a partitioned table', () => {
  let db: TestPostgres;
  beforeEach(async () => {
    db = await testPostgres();
    await db.query(
      `create table certificate (id int, year int, code text, primary key (id, year)) partition by range (year);
       create table certificate_2024 partition of certificate for values from (2024) to (2025);
       create table certificate_2025 partition of certificate for values from (2025) to (2026);
       insert into certificate values (1, 2024, 'a'), (2, 2025, 'b')`,
    );
    await publish(db.url, 'truc_pub', tables);
  });
  afterEach(() => db.drop());

  const mark = async (): Promise<string> =>
    (await readTableMarks(db.url, 'truc_pub', ['public.certificate'])).marks.get('public.certificate')!;
  const changeBy = async (...statements: string[]): Promise<string> => {
    const before = await mark();
    for (const sql of statements) await db.query(sql);
    return markChange(before, await mark());
  };
  const made = 'create table late (id int, year int, code text, primary key (id, year))';
  const attached = 'alter table certificate attach partition late for values from (2027) to (2028)';

  it.each<[string, string, string[]]>([
    ['same', 'rows are written', ["insert into certificate values (3, 2025, 'c'); delete from certificate where id = 1"]],
    ['grown', 'a partition is made', ['create table c26 partition of certificate for values from (2026) to (2027)']],
    [
      'grown',
      'a partition is made, and written to before anybody looks',
      ['create table c26 partition of certificate for values from (2026) to (2027)', "insert into certificate values (3, 2026, 'c')"],
    ],
    ['grown', 'an empty table is attached', [made, attached]],
    ['moved', 'a table with rows is attached', [made, "insert into late values (9, 2027, 'z')", attached]],
    [
      'moved',
      'a table with rows is attached, and renamed then',
      [made, "insert into late values (9, 2027, 'z')", attached, 'alter table late rename to c27'],
    ],
    ['moved', 'a partition is truncated', ['truncate certificate_2024']],
    ['moved', 'all partitions are truncated one by one', ['truncate certificate_2024', 'truncate certificate_2025']],
    ['moved', 'the root is truncated, which looks the same', ['truncate certificate']],
    ['moved', 'a partition is dropped', ['drop table certificate_2024']],
    ['moved', 'a partition is detached', ['alter table certificate detach partition certificate_2024']],
  ])('is %s where %s', async (change, _, statements) => {
    expect(await changeBy(...statements)).toBe(change);
  });

  it('is looked at while somebody holds its partitions, and takes one that came meanwhile for filled', async () => {
    const before = await mark();
    await db.query(made);
    await db.query(attached);
    const client = new pg.Client({ connectionString: db.url });
    await client.connect();
    try {
      await client.query('begin; lock table certificate_2024, certificate_2025 in access exclusive mode');
      expect(markChange(before, await mark())).toBe('grown');
      await client.query('lock table late in access exclusive mode');
      expect(markChange(before, await mark())).toBe('moved');
    } finally {
      await client.end();
    }
    expect(markChange(before, await mark())).toBe('grown');
  });

  it('ends its stream where a partition goes, of which PostgreSQL tells nobody', async () => {
    const stream = new CapturedStream({ connectionString: db.url, slot: `p_${db.database}`, publication: 'truc_pub', tables, limits });
    const start = { marks: new Map([['public.certificate', await mark()]]) };
    await stream.read({ until: ({ kind }) => kind === 'idle', start });
    await db.query('drop table certificate_2024');
    const seen: string[] = [];
    const reading = stream.read({ until: () => false, each: ({ kind }) => void seen.push(kind), start });
    await expect(reading).rejects.toMatchObject({ code: 'CAPTURE_TABLE_INTERRUPTED', retry: true });
    expect(seen).not.toContain('rows');
  });

  it('has its new partitions noted before one of them may go again', async () => {
    const stream = new CapturedStream({ connectionString: db.url, slot: `p_${db.database}`, publication: 'truc_pub', tables, limits });
    const start = { marks: new Map([['public.certificate', await mark()]]) };
    await stream.read({ until: ({ kind }) => kind === 'idle', start });
    await db.query('create table c26 partition of certificate for values from (2026) to (2027)');
    await expect(stream.read({ until: () => false, start })).rejects.toMatchObject({ code: 'CAPTURE_PARTITIONS_NOTED', retry: true });
    const again = await stream.read({
      until: ({ kind }) => kind === 'idle',
      start: { marks: new Map([['public.certificate', await mark()]]) },
    });
    expect(again.map(({ kind }) => kind)).not.toContain('unreadable');
  });

  it('says that whole old rows come where its root has REPLICA IDENTITY FULL, and a partition that is made later does not send them', async () => {
    await db.query(
      `alter table certificate replica identity full; alter table certificate_2024 replica identity full; alter table certificate_2025 replica identity full;
       create table c26 partition of certificate for values from (2026) to (2027); insert into certificate values (3, 2026, 'c'), (4, 2026, 'd')`,
    );
    const stream = new CapturedStream({ connectionString: db.url, slot: `p_${db.database}`, publication: 'truc_pub', tables, limits });
    await stream.read({ until: ({ kind }) => kind === 'idle' });
    await db.query(
      "update certificate set code = 'B' where id = 2; update certificate set code = 'C' where id = 3; delete from certificate where id = 4",
    );
    const changes = changesOf(await stream.read({ until: (_, all) => changesOf(all).length === 3 }));
    expect(changes.map(({ relation }) => relation.mayLackOldRows)).toEqual([true, true, true]);
    expect(changes).toMatchObject([
      { kind: 'update', before: ['2', '2025', 'b'] },
      { kind: 'update', before: null },
      { kind: 'delete', before: ['4', '2026', null], beforeIsWhole: true },
    ]);
  });
});
