import { comparePositions } from '@truc/kernel';
import type { SnapshotProgress, SourceMessage, SourceText } from '@truc/pipeline';
import { eventually, testPostgres, type TestPostgres } from '@truc/testing';
import pg from 'pg';
import { readRows } from './read-rows.js';
import { inspectSlot } from './replication-slot.js';
import { CapturedStream, publish } from './test-support/captured-stream.js';

const tables = [
  { table: 'public.person', primaryKey: ['province', 'id'] },
  { table: 'public.plain', primaryKey: ['id'] },
];
const schema = `
  create table person (id int, name text, province text not null, body text, primary key (province, id)) partition by list (province);
  create table person_01 partition of person for values in ('01');
  create table person_rest partition of person default;
  alter table person alter column body set storage external;
  create table plain (id int primary key, name text);
`;
const fresh = (table: string): SnapshotProgress => ({ table, lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false });
const limits = { chunkRows: 7, chunkRetryDelayMs: 20, idleIntervalMs: 50, statusIntervalMs: 100 };

/** The latest state of every row by position, as a consumer that compares positions would hold it. */
class Fold {
  readonly rows = new Map<string, { position: { epoch: number; sequence: bigint; index: number }; values: readonly SourceText[] | null }>();
  private sequence = 0n;

  constructor(private readonly key: readonly number[]) {}

  take(message: SourceMessage): void {
    if (message.kind === 'begin') this.sequence = message.sequence;
    if (message.kind === 'snapshot') for (const row of message.rows) this.put(row, message.sequence, 0, row);
    if (message.kind !== 'rows') return;
    for (const change of message.changes) {
      const { index } = change;
      if (change.kind === 'truncate') {
        for (const row of this.rows.values()) row.values = null;
        continue;
      }
      const before = change.kind === 'insert' ? null : change.before;
      if (before !== null) this.put(before, this.sequence, index, null);
      if (change.kind === 'delete') continue;
      // An unchanged value that is stored apart comes with the old row, where the replica identity is full.
      const whole = change.after.map((value, i) => (value === undefined ? (before?.[i] ?? 'NEVER SEEN') : value));
      this.put(change.after, this.sequence, index, whole);
    }
  }

  private keyOf(values: readonly SourceText[]): string {
    return this.key.map((i) => values[i]).join('/');
  }

  private put(keyed: readonly SourceText[], sequence: bigint, index: number, values: readonly SourceText[] | null): void {
    const key = this.keyOf(keyed);
    const position = { epoch: 1, sequence, index };
    const known = this.rows.get(key);
    if (known !== undefined && comparePositions(position, known.position) < 0) throw new Error(`${key} went back to an older position`);
    this.rows.set(key, { position, values });
  }

  live(): string[] {
    return [...this.rows.values()].flatMap(({ values }) => (values === null ? [] : [JSON.stringify(values)])).sort();
  }
}

/** A small generator with a seed, so that a failure can be repeated. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

async function tableRows(url: string, table: string, columns: string[]): Promise<string[]> {
  const rows: string[] = [];
  for await (const page of readRows(url, table, columns, { pageRows: 50 })) rows.push(...page.map((row) => JSON.stringify(row)));
  return rows.sort();
}

/** What only one of the two has, shortened. */
function differences(streamed: string[], stored: string[]): string[] {
  const lacks = (other: string[]) => (row: string) => !other.includes(row);
  const name = (prefix: string) => (row: string) => `${prefix} ${row.replace(/(.)\1{20,}/g, '$1..')}`;
  return [...streamed.filter(lacks(stored)).map(name('streamed only')), ...stored.filter(lacks(streamed)).map(name('stored only'))];
}

const isDone = (message: SourceMessage, table: string) =>
  message.kind === 'snapshot' && message.progress.table === table && message.progress.done;

describe('snapshot beside the stream', () => {
  let db: TestPostgres;
  let stream: CapturedStream;
  const logged: string[] = [];

  beforeEach(async () => {
    db = await testPostgres();
    await db.query(schema);
    await publish(db.url, 'truc_pub', tables);
    logged.length = 0;
    const log = (_: string, message: string) => void logged.push(message);
    stream = new CapturedStream({ connectionString: db.url, slot: `s_${db.database}`, publication: 'truc_pub', tables, limits, log });
  });

  afterEach(() => db.drop());

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: db.url });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Random single and multi-row writes, with key moves, partition moves, rolled-back savepoints and now and then a truncate. */
  async function write(client: pg.Client, random: (below: number) => number, truncates: boolean): Promise<void> {
    const province = () => ['01', '02', '79'][random(3)]!;
    const id = () => random(120);
    const one = () => {
      switch (random(8)) {
        case 0:
          return `delete from person where id = ${id()} and province = '${province()}'`;
        case 1:
          return `update person set id = ${id() + 1000} where id = ${id()} and province = '${province()}'
                   and not exists (select from person where id >= 1000)`;
        case 2:
          return `update person p set province = '${province()}' where id = ${id()}
                   and (select count(*) from person q where q.id = p.id) = 1`;
        case 3:
          return `update person set name = name || '.' where id between ${id()} and ${id()}`;
        case 4:
          return truncates && random(6) === 0 ? 'truncate person' : `update person set name = 'n${random(1000)}' where id = ${id()}`;
        case 5:
          return `savepoint s; update person set name = 'never'; rollback to s; savepoint t; update person set name = 'sub' where id = ${id()}; release t`;
        default:
          return `insert into person values (${id()}, 'i${random(1000)}', '${province()}', repeat('b', ${random(2) * 2500})) on conflict do nothing`;
      }
    };
    const statements = Array.from({ length: 1 + random(4) }, one);
    await client
      .query(`begin; ${statements.join('; ')}; ${random(8) === 0 ? 'rollback' : 'commit'}`)
      .catch(async (error: { code?: string }) => {
        await client.query('rollback');
        // Two writers may deadlock or meet in a key; the transaction is gone, which is as good.
        if (!['40P01', '23505', '40001'].includes(error.code ?? '')) throw error;
      });
  }

  it.each([1, 2, 3, 4, 5, 6])('folds with what concurrent writers commit into the table itself (seed %i)', async (seed) => {
    await db.query(
      `insert into person select g, 'p' || g, (array['01', '02', '79'])[g % 3 + 1], repeat('x', 2500) from generate_series(1, 100) g`,
    );
    for (const table of ['person', 'person_01', 'person_rest']) await db.query(`alter table ${table} replica identity full`);
    const writers = await Promise.all([connect(), connect(), connect()]);
    let writing = true;
    const work = writers.map(async (client, i) => {
      const random = seeded(seed * 100 + i);
      for (let n = 0; writing || n < 30; n++) {
        await write(client, random, seed % 2 === 0);
        await new Promise((resolve) => setTimeout(resolve, random(5)));
      }
    });
    const fold = new Fold([2, 0]);
    let finished = false;
    let ended: Promise<unknown> | null = null;
    const messages = await stream.read({
      start: { snapshots: [fresh('public.person')] },
      until: (message) => finished && message.kind === 'rows' && message.changes.some(({ relation }) => relation.table === 'plain'),
      each: (message) => {
        if (message.kind === 'rows') {
          const ours = message.changes.filter(({ relation }) => relation.table === 'person');
          fold.take({ kind: 'rows', changes: ours });
        } else fold.take(message);
        if (!isDone(message, 'public.person') || ended !== null) return;
        writing = false;
        ended = Promise.all(work).then(async () => {
          finished = true;
          await db.query(`insert into plain values (1, 'end')`);
        });
      },
    });
    await ended;
    await Promise.all(writers.map((client) => client.end()));
    const chunks = messages.filter((message) => message.kind === 'snapshot');
    // A truncate may leave little to read.
    expect(chunks.length).toBeGreaterThan(seed % 2 === 0 ? 0 : 3);
    const rows = await tableRows(db.url, 'public.person', ['id', 'name', 'province', 'body']);
    expect(differences(fold.live(), rows)).toEqual([]);
  });

  it('reads tables one after the other and resumes from its progress', async () => {
    await db.query(`insert into person select g, 'p' || g, '0' || g % 3, null from generate_series(1, 30) g`);
    await db.query(`insert into plain select g, 'q' || g from generate_series(1, 14) g; analyze`);
    const tasks = [fresh('public.person'), fresh('public.plain')];
    let progress = tasks[0]!;
    const first = await stream.read({
      start: { snapshots: tasks },
      until: (message) => message.kind === 'snapshot' && message.progress.rowsRead >= 14,
      each: (message) => {
        if (message.kind === 'snapshot') progress = message.progress;
      },
    });
    expect(progress).toEqual({ table: 'public.person', lastKey: ['01', '10'], rowsRead: 14, rowsEstimated: 30, done: false });
    const second = await stream.read({
      start: { snapshots: [progress, tasks[1]!] },
      until: (message) => isDone(message, 'public.plain'),
    });
    const chunks = [...first, ...second].filter((message) => message.kind === 'snapshot');
    const ids = (table: string) =>
      chunks.filter(({ relation }) => relation.table === table).flatMap(({ rows }) => rows.map(([id]) => Number(id)));
    expect(ids('person').sort((a, b) => a - b)).toEqual([...Array(31).keys()].slice(1));
    expect(ids('plain')).toEqual([...Array(15).keys()].slice(1));
    // Fourteen rows are two full chunks: what is last is only known from the empty one that follows.
    expect(chunks.at(-1)).toMatchObject({ rows: [], progress: { table: 'public.plain', lastKey: ['14'], rowsRead: 14, done: true } });
    const done = { ...progress, done: true };
    const third = await stream.read({
      start: { snapshots: [done, fresh('public.plain')] },
      until: (message) => isDone(message, 'public.plain'),
    });
    expect(third.some((message) => message.kind === 'snapshot' && message.relation.table === 'person')).toBe(false);
  });

  it('closes an empty table with an empty chunk', async () => {
    const messages = await stream.read({
      start: { snapshots: [fresh('public.plain')] },
      until: (message) => isDone(message, 'public.plain'),
    });
    expect(messages.at(-1)).toMatchObject({ rows: [], progress: { lastKey: null, rowsRead: 0, done: true } });
  });

  it('gives a row the same text and shape from a chunk as from the stream', async () => {
    await stream.read({ until: ({ kind }) => kind === 'idle' });
    await db.query(`alter table plain add born date, add seen timestamptz, add part double precision, add wait interval, add raw bytea,
                    add twice int generated always as (id * 2) stored, add code char(4)`);
    await db.query(`insert into plain values (1, 'Đỗ', '0044-03-15 BC', 'infinity', 1e-7, '-1 month 3 days', '\\xff00', default, 'ab')`);
    const [before] = (
      await stream.read({ start: { snapshots: [fresh('public.plain')] }, until: (message) => isDone(message, 'public.plain') })
    ).filter((message) => message.kind === 'snapshot');
    const after = (await stream.read({ until: ({ kind }) => kind === 'rows' })).flatMap((message) =>
      message.kind === 'rows' ? message.changes : [],
    );
    const [change] = after;
    expect(change?.relation).toEqual(before?.relation);
    expect(change && 'after' in change && change.after).toEqual(before?.rows[0]);
  });

  it('drops rows of a transaction that was streamed before the chunk and that the chunk cannot see', async () => {
    await db.query(`insert into person select g, 'p' || g, '01', null from generate_series(1, 20) g`);
    await db.query(`insert into plain select g, 'old' from generate_series(1, 5) g`);
    const held = await heldCommit(
      `update plain set name = 'new' where id = 2; delete from plain where id = 3; update plain set id = 40 where id = 4`,
    );
    try {
      // One chunk ahead: the table `plain` is read when the last chunk of `person` is judged, long after the held commit went by.
      const narrow = new CapturedStream({ ...stream.options, limits: { ...limits, chunksAhead: 1 } });
      const fold = new Fold([0]);
      const messages = await narrow.read({
        start: { snapshots: [fresh('public.person'), fresh('public.plain')] },
        until: (message) => isDone(message, 'public.plain'),
        each: async (message) => {
          if (!('relation' in message) || message.relation.table === 'plain') fold.take(message);
          if (message.kind === 'snapshot' && message.progress.rowsRead === 7) await held.commit();
        },
      });
      const order = messages.flatMap((message) => {
        if (message.kind === 'rows') return ['held transaction'];
        return message.kind === 'snapshot' ? [message.relation.table] : [];
      });
      expect(order.lastIndexOf('held transaction')).toBeLessThan(order.indexOf('plain'));
      expect(messages.at(-1)).toMatchObject({
        rows: [
          ['1', 'old'],
          ['5', 'old'],
        ],
        progress: { rowsRead: 5 },
      });
      expect(await held.isWaiting()).toBe(true);
      await held.release();
      expect(fold.live()).toEqual(await tableRows(db.url, 'public.plain', ['id', 'name']));
    } finally {
      await held.release();
    }
  });

  it('waits for a transaction that an earlier stream carried and that the chunk cannot see', async () => {
    await db.query(`insert into plain select g, 'old' from generate_series(1, 5) g`);
    await stream.read({ until: ({ kind }) => kind === 'idle' });
    const held = await heldCommit(`update plain set name = 'new' where id = 2`);
    try {
      await held.commit();
      let after = 0n;
      await stream.read({
        until: ({ kind }) => kind === 'commit',
        each: (message, source) => {
          if (message.kind !== 'commit') return;
          source.acknowledge(message.sequence);
          after = message.sequence;
        },
      });
      expect((await inspectSlot(db.url, stream.options.slot)).confirmedFlushLsn).toBe(after + 1n);
      let released: Promise<void> | null = null;
      const log = () => void (released ??= held.release());
      const waiting = new CapturedStream({ ...stream.options, log });
      const messages = await waiting.read({
        start: { after, snapshots: [fresh('public.plain')] },
        until: (message) => isDone(message, 'public.plain'),
      });
      expect(released).not.toBeNull();
      expect(messages.filter(({ kind }) => kind !== 'idle')).toMatchObject([
        { kind: 'snapshot', rows: expect.arrayContaining([['2', 'new']]) },
      ]);
    } finally {
      await held.release();
    }
  });

  it('waits for a transaction that the stream carries for a table which lags, and that another table stands beyond', async () => {
    await db.query(`insert into person values (1, 'p', '01', null)`);
    await db.query(`insert into plain select g, 'old' from generate_series(1, 5) g`);
    await stream.read({ until: ({ kind }) => kind === 'idle' });
    const held = await heldCommit(`update plain set name = 'new' where id = 2; update person set name = 'q'`);
    try {
      await held.commit();
      const first = await stream.read({ until: ({ kind }) => kind === 'commit' });
      const begin = first.find(({ kind }) => kind === 'begin');
      if (begin?.kind !== 'begin') throw new Error('no transaction came');
      let released: Promise<void> | null = null;
      const log = () => void (released ??= held.release());
      const waiting = new CapturedStream({ ...stream.options, log });
      // "person" lags below the transaction; "plain" stands behind it and takes nothing of it.
      const messages = await waiting.read({
        start: { after: begin.sequence - 1n, snapshots: [fresh('public.plain')] },
        until: (message) => isDone(message, 'public.plain') || (message.kind === 'snapshot' && released === null),
      });
      expect(released).not.toBeNull();
      expect(messages.some((message) => message.kind === 'rows')).toBe(true);
      const chunks = messages.filter(({ kind }) => kind === 'snapshot');
      expect(chunks).toMatchObject([{ rows: expect.arrayContaining([['2', 'new']]) }]);
    } finally {
      await held.release();
    }
  });

  /**
   * A commit that waits for a standby which does not exist: it is in the log and nobody sees it. Sessions that do not ask for it do not wait, so that other
   * databases of the server go on.
   */
  async function heldCommit(sql: string): Promise<{ commit(): Promise<void>; isWaiting(): Promise<boolean>; release(): Promise<void> }> {
    const client = await connect();
    const admin = await connect();
    const setting = async (name: string, value: string) => {
      await admin.query(`alter system set ${name} = '${value}'`);
      await admin.query('select pg_reload_conf()');
      await eventually(async () => (await admin.query(`show ${name}`)).rows[0][name] === value);
    };
    const waiting = async () =>
      (await admin.query(`select from pg_stat_activity where wait_event = 'SyncRep' and datname = current_database()`)).rows.length === 1;
    await setting('synchronous_commit', 'local');
    await setting('synchronous_standby_names', 'missing');
    await client.query('set synchronous_commit = on');
    let done: Promise<unknown> = Promise.resolve();
    let released = false;
    return {
      isWaiting: waiting,
      async commit() {
        done = client.query(`begin; ${sql}; commit`);
        await eventually(waiting);
      },
      async release() {
        if (released) return;
        released = true;
        await admin.query('alter system reset synchronous_standby_names');
        await admin.query('alter system reset synchronous_commit');
        await admin.query('select pg_reload_conf()');
        await done;
        await client.end();
        await admin.end();
      },
    };
  }
});
