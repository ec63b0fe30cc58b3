import type { SourceMessage } from '@truc/pipeline';
import { eventually, testPostgres, type TestPostgres } from '@truc/testing';
import { inspectSlot } from './replication-slot.js';
import { CapturedStream, changesOf, describeChange, inWholeTransactions, publish, record } from './test-support/captured-stream.js';

const tables = [
  { table: 'public.person', primaryKey: ['id'] },
  { table: 'public.parcel', primaryKey: ['province', 'id'] },
  { table: 'public.odd', primaryKey: ['Mã "số"'] },
  { table: 'public.kinds', primaryKey: ['id'] },
  { table: 'public.big', primaryKey: ['id'] },
];

const schema = `
  create table person (id int primary key, name text, note text);
  create table parcel (province text, id int, area numeric, primary key (province, id)) partition by list (province);
  create table parcel_01 partition of parcel for values in ('01');
  create table parcel_79 partition of parcel for values in ('79');
  create table odd ("Mã ""số""" int primary key, "Tên Cột" text, "select" text);
  create type mood as enum ('vui', 'buồn');
  create domain short as varchar(10) check (value <> '');
  create table kinds (id int primary key, m mood, s short, tags text[], doc jsonb, born date, seen timestamptz, span int4range, doubled int generated always as (id * 2) stored,
    part real, raw bytea, wait interval);
  create table big (id int primary key, body text, n int);
  alter table big alter column body set storage external;
  create table unpublished (id int primary key);
`;

describe('stream of changes', () => {
  let db: TestPostgres;
  let stream: CapturedStream;
  let after = 0n;

  /** Streams what was committed since the last call, up to the row that `marker` inserted. */
  async function captured(...statements: string[]): Promise<SourceMessage[]> {
    for (const statement of statements) await db.query(statement);
    await db.query('insert into odd values (-1, null, null); delete from odd where "Mã ""số""" = -1');
    const ends = (message: SourceMessage) =>
      message.kind === 'rows' && message.changes.some(({ kind, relation }) => kind === 'delete' && relation.table === 'odd');
    let ending = false;
    const messages = await stream.read({
      start: { after },
      until: (message) => {
        ending ||= ends(message);
        return ending && message.kind === 'commit';
      },
      each: (message) => {
        if (message.kind === 'commit') after = message.sequence;
      },
    });
    return inWholeTransactions(messages.filter(({ kind }) => kind !== 'idle')).slice(0, -3);
  }

  beforeAll(async () => {
    db = await testPostgres();
    await db.query(schema);
    await publish(db.url, 'truc_pub', tables);
    stream = new CapturedStream({ connectionString: db.url, slot: `s_${db.database}`, publication: 'truc_pub', tables });
    await stream.read({ until: () => true });
  });

  afterAll(() => db.drop());

  it('carries insert, update, key change, delete and truncate in order', async () => {
    const messages = await captured(
      `begin; insert into person values (1, 'An', 'x'); update person set name = 'Bình' where id = 1; update person set id = 2 where id = 1;
       delete from person where id = 2; truncate person; insert into person values (3, null, null); commit`,
    );
    expect(messages.map(({ kind }) => kind)).toEqual(['begin', 'rows', 'commit']);
    expect(changesOf(messages).map(describeChange)).toEqual([
      { kind: 'insert', index: 0, after: { id: '1', name: 'An', note: 'x' } },
      { kind: 'update', index: 1, after: { id: '1', name: 'Bình', note: 'x' } },
      { kind: 'update', index: 2, before: { id: '1', name: null, note: null }, after: { id: '2', name: 'Bình', note: 'x' } },
      { kind: 'delete', index: 3, before: { id: '2', name: null, note: null } },
      { kind: 'truncate', index: 4 },
      { kind: 'insert', index: 5, after: { id: '3', name: null, note: null } },
    ]);
    const [begin, , commit] = messages;
    expect(begin?.kind === 'begin' && commit?.kind === 'commit' && begin.sequence < commit.sequence).toBe(true);
  });

  it('gives the whole old row under replica identity full', async () => {
    const messages = await captured(
      'alter table person replica identity full',
      `update person set name = 'Chi' where id = 3`,
      'alter table person replica identity default',
    );
    expect(changesOf(messages)).toMatchObject([{ kind: 'update', before: ['3', null, null], beforeIsWhole: true }]);
    // Without partitions a row of nothing but its key is one.
    expect(changesOf(messages).map(({ relation }) => relation.mayLackOldRows)).toEqual([undefined]);
  });

  it('publishes a partitioned table under its root, and a move between partitions as delete and insert', async () => {
    const messages = await captured(`insert into parcel values ('01', 7, 12.50)`, `update parcel set province = '79' where id = 7`);
    expect(changesOf(messages).map(({ relation: { table }, kind, index }) => [table, kind, index])).toEqual([
      ['parcel', 'insert', 0],
      ['parcel', 'delete', 0],
      ['parcel', 'insert', 1],
    ]);
    expect(changesOf(messages).at(-1)).toMatchObject({ after: ['79', '7', '12.50'] });
  });

  it('gives every row of a multi-row statement its own index, and leaves no hole for a rolled-back savepoint', async () => {
    const messages = await captured(
      `insert into person select g, 'p' || g, null from generate_series(100, 104) g`,
      `begin; insert into person values (200, 'a', null); savepoint s; insert into person values (201, 'b', null); rollback to s;
       insert into person values (202, 'c', null); savepoint t; insert into person values (203, 'd', null); release t; commit`,
    );
    const transactions = messages.filter((message) => message.kind === 'rows').map(({ changes }) => changes);
    expect(transactions.map((changes) => changes.map(({ index }) => index))).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2],
    ]);
    expect(transactions[1]?.map((change) => (change.kind === 'insert' ? change.after[0] : ''))).toEqual(['200', '202', '203']);
    const sequences = messages.filter((message) => message.kind === 'begin').map(({ sequence }) => sequence);
    expect(new Set(sequences).size).toBe(2);
  });

  it('keeps odd names', async () => {
    const messages = await captured(`insert into odd values (1, 'có', 'from')`);
    const [change] = changesOf(messages);
    expect(change?.relation.columns.map(({ name }) => name)).toEqual(['Mã "số"', 'Tên Cột', 'select']);
    expect(change && 'after' in change && change.after).toEqual(['1', 'có', 'from']);
  });

  it('leaves out an unchanged value that is stored apart, and keeps it where it changed', async () => {
    const body = 'đ'.repeat(5_000);
    const messages = await captured(
      `insert into big values (1, '${body}', 1)`,
      'update big set n = 2 where id = 1',
      `update big set body = body || '!' where id = 1`,
    );
    expect(changesOf(messages).map((change) => ('after' in change ? change.after : null))).toEqual([
      ['1', body, '1'],
      ['1', undefined, '2'],
      ['1', `${body}!`, '2'],
    ]);
  });

  it('names types by format_type, domains by their base, and gives the text that the settings fix', async () => {
    const messages = await captured(
      `set timezone = 'Asia/Ho_Chi_Minh'`,
      `insert into kinds (id, m, s, tags, doc, born, seen, span, part, raw, wait) values
       (1, 'buồn', 'ngắn', array['a,b', null, '"c"'], '{"k": [1, null]}', '-infinity', '0044-03-15 12:00:00+00 BC', '[1,4)', 0.1, '\\x00ff', '1 year 2 days'),
       (2, null, null, '{}', 'null', '0044-03-15 BC', 'infinity', 'empty', 'NaN', '', '-3 hours')`,
    );
    const changes = changesOf(messages);
    const { columns } = changes[0]!.relation;
    expect(
      record(
        columns,
        columns.map(({ type }) => type),
      ),
    ).toEqual({
      id: 'integer',
      m: 'public.mood',
      s: 'character varying',
      tags: 'text[]',
      doc: 'jsonb',
      born: 'date',
      seen: 'timestamp with time zone',
      span: 'int4range',
      doubled: 'integer',
      part: 'real',
      raw: 'bytea',
      wait: 'interval',
    });
    expect(changes.map((change) => ('after' in change ? record(columns, change.after) : null))).toEqual([
      {
        id: '1',
        m: 'buồn',
        s: 'ngắn',
        tags: '{"a,b",NULL,"\\"c\\""}',
        doc: '{"k": [1, null]}',
        born: '-infinity',
        seen: '0044-03-15 12:00:00+00 BC',
        span: '[1,4)',
        doubled: '2',
        part: '0.1',
        raw: '\\x00ff',
        wait: '1 year 2 days',
      },
      {
        id: '2',
        m: null,
        s: null,
        tags: '{}',
        doc: 'null',
        born: '0044-03-15 BC',
        seen: 'infinity',
        span: 'empty',
        doubled: '4',
        part: 'NaN',
        raw: '\\x',
        wait: '-03:00:00',
      },
    ]);
  });

  it('follows a change of shape in mid-stream', async () => {
    const messages = await captured(
      `insert into person values (300, 'a', 'b')`,
      'alter table person add column level int default 4',
      `insert into person values (301, 'a', 'b')`,
      'alter table person drop column note',
      `insert into person values (302, 'a')`,
    );
    const shapes = changesOf(messages).map(({ relation }) => relation.columns.map(({ name }) => name));
    expect(shapes).toEqual([
      ['id', 'name', 'note'],
      ['id', 'name', 'note', 'level'],
      ['id', 'name', 'level'],
    ]);
  });

  it('counts rows of tables that the mapping does not name', async () => {
    const narrow = new CapturedStream({ ...stream.options, tables: [tables[2]!] });
    await db.query(`begin; insert into person values (400, 'a'); insert into odd values (9, 'x', 'y'); commit`);
    const messages = await narrow.read({ start: { after }, until: ({ kind }) => kind === 'commit' });
    expect(changesOf(messages).map(describeChange)).toMatchObject([{ kind: 'insert', index: 1 }]);
    await captured();
  });

  it('passes a large transaction on in pieces, and skips what is sent again', async () => {
    await db.query(`begin; insert into big select g, repeat('x', 100), g from generate_series(1000, 21000) g; commit`);
    await db.query(`insert into big values (30000, 'next', 0)`);
    const start = after;
    let commits = 0;
    const first = await stream.read({ start: { after: start }, until: ({ kind }) => kind === 'commit' && ++commits === 2 });
    const pieces = first.filter((message) => message.kind === 'rows');
    expect(pieces.slice(0, -1).every(({ changes }) => changes.length <= 1_000)).toBe(true);
    expect(changesOf(first).map(({ index }) => index)).toEqual([...Array(20_001).keys(), 0]);
    const [, second] = first.filter((message) => message.kind === 'begin');
    const [firstEnd] = first.filter((message) => message.kind === 'commit');

    // Nothing was acknowledged: the slot sends both again.
    const again = await stream.read({ start: { after: firstEnd!.sequence }, until: ({ kind }) => kind === 'commit' });
    expect(again.filter(({ kind }) => kind === 'begin')).toEqual([second]);
    await captured();
  });

  it('ends a transaction of which rows were passed on when the stream is aborted, and sends it whole the next time', async () => {
    await db.query(`insert into big select g, 'x', g from generate_series(40000, 44000) g`);
    const cut = await stream.read({ start: { after }, until: ({ kind }) => kind === 'rows' });
    expect(cut.some(({ kind }) => kind === 'commit')).toBe(false);
    const whole = await stream.read({ start: { after }, until: ({ kind }) => kind === 'commit' });
    expect(changesOf(whole)).toHaveLength(4_001);
    await captured();
  });

  it('confirms what was acknowledged and nothing more', async () => {
    const slot = stream.options.slot;
    const confirmed = async () => (await inspectSlot(db.url, slot)).confirmedFlushLsn!;
    await db.query(`insert into odd values (50, 'a', 'a')`);
    await db.query(`insert into odd values (51, 'b', 'b')`);
    const ends: bigint[] = [];
    await stream.read({
      start: { after },
      until: () => ends.length === 2,
      each: async (message, source) => {
        if (message.kind !== 'commit') return;
        ends.push(message.sequence);
        if (ends.length === 1) source.acknowledge(message.sequence);
        expect(() => source.acknowledge(message.sequence + 100_000n)).toThrow(
          expect.objectContaining({ code: 'CAPTURE_ACKNOWLEDGED_AHEAD' }),
        );
        await eventually(async () => (await confirmed()) === ends[0]! + 1n);
      },
    });
    expect(await confirmed()).toBe(ends[0]! + 1n);
    after = ends[0]!;
    const rest = await stream.read({ start: { after }, until: ({ kind }) => kind === 'commit' });
    expect(changesOf(rest).map(describeChange)).toMatchObject([{ after: { select: 'b' } }]);
    expect(rest.at(-1)).toEqual({ kind: 'commit', sequence: ends[1] });
    after = ends[1]!;
  });

  it('advances an idle slot past changes that are not ours, and loses nothing behind it', async () => {
    const idle = new CapturedStream({ ...stream.options, limits: { idleIntervalMs: 50, statusIntervalMs: 50 } });
    const target = async () => BigInt(String((await db.query<{ n: string }>(`select (pg_current_wal_lsn() - '0/0')::text n`)).rows[0]!.n));
    await db.query('insert into unpublished select generate_series(1, 1000)');
    const end = await target();
    let inserted = false;
    let seenIdle = 0n;
    const messages = await idle.read({
      start: { after },
      until: ({ kind }) => kind === 'commit',
      each: async (message, source) => {
        if (message.kind !== 'idle') return;
        expect(message.sequence).toBeGreaterThan(seenIdle);
        seenIdle = message.sequence;
        source.acknowledge(message.sequence);
        if (message.sequence + 1n >= end && !inserted) {
          inserted = true;
          await db.query(`insert into odd values (60, 'z', 'z')`);
        }
      },
    });
    expect(inserted).toBe(true);
    expect(changesOf(messages).map(describeChange)).toMatchObject([{ kind: 'insert', after: { select: 'z' } }]);
    expect((await inspectSlot(db.url, stream.options.slot)).confirmedFlushLsn).toBe(seenIdle + 1n);
    after = (messages.at(-1) as { sequence: bigint }).sequence;
  });

  it('reads no further ahead than its limit while the consumer is slow', async () => {
    const slow = new CapturedStream({ ...stream.options, limits: { readAheadBytes: 256 * 1024 } });
    await db.query(`insert into big select g, repeat('y', 2000), g from generate_series(100000, 110000) g`);
    let held = 0;
    let rows = 0;
    await slow.read({
      start: { after },
      until: ({ kind }) => kind === 'commit',
      each: async (message, source) => {
        if (message.kind === 'rows') rows += message.changes.length;
        await new Promise((resolve) => setTimeout(resolve, 5));
        held = Math.max(held, source.sourceStatistics()!.readAheadBytes);
        if (message.kind === 'commit') after = message.sequence;
      },
    });
    expect(rows).toBe(10_001);
    // The limit, and what one reading of the socket brings on top of it.
    expect(held).toBeLessThan((256 + 128) * 1024);
  });

  it('outlives wal_sender_timeout while the consumer is slower than it', async () => {
    await db.query(`alter database ${db.database} set wal_sender_timeout = '1s'`);
    await db.query(`insert into big select g, repeat('y', 2000), g from generate_series(200000, 205000) g`);
    let paused = false;
    const slow = new CapturedStream({ ...stream.options, limits: { readAheadBytes: 64 * 1024, statusIntervalMs: 60_000 } });
    const messages = await slow.read({
      start: { after },
      until: ({ kind }) => kind === 'commit',
      each: async ({ kind }) => {
        if (kind !== 'rows' || paused) return;
        paused = true;
        await new Promise((resolve) => setTimeout(resolve, 3_000));
      },
    });
    await db.query(`alter database ${db.database} reset wal_sender_timeout`);
    expect(changesOf(messages)).toHaveLength(5_001);
    await captured();
  });
});
