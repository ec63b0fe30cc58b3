import { eventually, testPostgres, type TestPostgres } from '@truc/testing';
import { readRows } from './read-rows.js';
import { createSlot, dropSlot, inspectSlot } from './replication-slot.js';
import { judgeSlot } from './slot-verdict.js';
import { CapturedStream, publish } from './test-support/captured-stream.js';

const tables = [{ table: 'public.person', primaryKey: ['id'] }];

describe('a source in trouble', () => {
  let db: TestPostgres;
  let stream: CapturedStream;
  let slot: string;
  const code = (expected: string, retry = false) => expect.objectContaining({ code: expected, retry });
  const failing = (after: bigint) => stream.read({ start: { after }, until: () => false });

  beforeEach(async () => {
    db = await testPostgres();
    slot = `s_${db.database}`;
    await db.query('create table person (id int primary key, name text)');
    await publish(db.url, 'truc_pub', tables);
    stream = new CapturedStream({ connectionString: db.url, slot, publication: 'truc_pub', tables });
  });

  afterEach(() => db.drop());

  it('has a name for a slot that was dropped, made anew, or advanced by hand', async () => {
    const stored = await createSlot(db.url, slot);
    expect(judgeSlot({ sequence: stored }, await inspectSlot(db.url, slot))).toEqual({ kind: 'resume' });
    await dropSlot(db.url, slot);
    await dropSlot(db.url, slot);
    await expect(failing(stored)).rejects.toEqual(code('CAPTURE_SLOT_MISSING'));
    await db.query(`insert into person values (1, 'a')`);
    await createSlot(db.url, slot);
    await expect(failing(stored)).rejects.toEqual(code('CAPTURE_SLOT_AHEAD'));
    expect(judgeSlot(null, await inspectSlot(db.url, slot))).toMatchObject({ code: 'CAPTURE_SLOT_UNKNOWN' });
    await expect(failing(2n ** 62n)).rejects.toEqual(code('CAPTURE_SOURCE_RESTORED'));
    const facts = await inspectSlot(db.url, slot);
    await db.query(`insert into person values (2, 'b')`);
    await db.query(`select pg_replication_slot_advance('${slot}', pg_current_wal_lsn())`);
    await expect(failing(facts.confirmedFlushLsn! - 1n)).rejects.toEqual(code('CAPTURE_SLOT_AHEAD'));
  });

  it('says that a slot is in use, that the connection was lost, and that a publication is missing', async () => {
    const second = new CapturedStream(stream.options);
    const lost = stream.read({
      until: () => false,
      each: async ({ kind }) => {
        if (kind !== 'idle') return;
        await expect(second.read({ until: () => true })).rejects.toEqual(code('CAPTURE_SLOT_ACTIVE', true));
        await db.query(`select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '${slot}'`);
      },
    });
    await expect(lost).rejects.toEqual(code('CAPTURE_CONNECTION_LOST', true));
    await db.query('drop publication truc_pub');
    await expect(failing(0n)).rejects.toEqual(code('CAPTURE_PUBLICATION_MISSING'));
    const elsewhere = new CapturedStream({ ...stream.options, connectionString: 'postgres://nobody:x@127.0.0.1:1/none' });
    await expect(elsewhere.read({ until: () => true })).rejects.toEqual(code('CAPTURE_CONNECTION_LOST', true));
  });

  it('can be stopped while PostgreSQL holds up the creation of the slot', async () => {
    await db.query('begin; insert into person values (1)');
    const abort = new AbortController();
    const iterator = stream.source.stream({ after: 0n, snapshots: [] }, abort.signal);
    const ended = iterator.next();
    await eventually(async () => (await inspectSlot(db.url, slot)).exists);
    abort.abort();
    expect(await ended).toEqual({ done: true, value: undefined });
    await db.query('rollback');
  });

  it('tells of a table that cannot be snapshotted, and goes on with the others', async () => {
    await db.query('drop table person');
    const progress = { table: 'public.person', lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false };
    const read = await stream.read({ start: { snapshots: [progress] }, until: ({ kind }) => kind === 'unreadable' });
    expect(read.at(-1)).toEqual({ kind: 'unreadable', what: 'snapshot', table: 'public.person', error: code('CAPTURE_TABLE_CHANGED') });
    await expect(stream.read({ start: { snapshots: [{ ...progress, table: 'public.other' }] }, until: () => false })).rejects.toEqual(
      code('CAPTURE_TABLE_UNKNOWN'),
    );
  });

  it('reads a whole table in pages in key order', async () => {
    await db.query(
      `create table "Hộ khẩu" ("số ""a""" int primary key, "select" text); insert into "Hộ khẩu" select g, 'n' || g from generate_series(1, 100) g`,
    );
    const pages: (string | null | undefined)[][][] = [];
    for await (const page of readRows(db.url, 'public.Hộ khẩu', ['select', 'số "a"'], { pageRows: 30 })) pages.push(page);
    expect(pages.every((page) => page.length <= 30)).toBe(true);
    expect(pages.flat()).toEqual([...Array(100).keys()].map((i) => [`n${i + 1}`, `${i + 1}`]));
    await expect(readRows(db.url, 'public.none', ['a'], { pageRows: 10 }).next()).rejects.toEqual(code('CAPTURE_TABLE_CHANGED'));
  });
});
