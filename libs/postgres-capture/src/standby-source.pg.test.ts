import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeServerDirectory, startPostgres, startStandby, type PostgresServer } from '@truc/local-stack';
import type { SourceMessage } from '@truc/pipeline';
import { eventually, testPostgres, type TestPostgres } from '@truc/testing';
import pg from 'pg';
import { dropSlot, inspectSlot } from './replication-slot.js';
import { CapturedStream, changesOf, describeChange, publish } from './test-support/captured-stream.js';

const tables = [{ table: 'public.person', primaryKey: ['id'] }];
const unread = { table: 'public.person', lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false };

describe('a standby as the source', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-standby-'));
  let primary: PostgresServer;
  let standby: PostgresServer;
  let db: TestPostgres;
  /** The database of the test at the standby. */
  let url: string;
  const at = (slot: string, more: object = {}): CapturedStream =>
    new CapturedStream({
      connectionString: url,
      primaryConnectionString: db.url,
      slot,
      publication: 'truc_pub',
      tables,
      limits: { chunkRows: 10, pulseIntervalMs: 200, idleIntervalMs: 100, ...more },
    });
  const onStandby = async (sql: string): Promise<pg.QueryResult> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client.query(sql).finally(() => client.end());
  };

  beforeAll(async () => {
    const programs = { durable: false, settings: { max_slot_wal_keep_size: '64MB' } };
    primary = await startPostgres({ directory: join(directory, 'primary'), ...programs });
    standby = await startStandby({
      primary,
      primaryDirectory: join(directory, 'primary'),
      directory: join(directory, 'standby'),
      ...programs,
    });
    db = await testPostgres(primary.url);
    const there = new URL(standby.url);
    there.pathname = `/${db.database}`;
    url = there.href;
    await db.query('create table person (id int primary key, name text)');
    await db.query(`insert into person select i, 'người ' || i from generate_series(1, 40) i`);
    await publish(db.url, 'truc_pub', tables);
    await eventually(async () => expect((await onStandby('select count(*)::int as n from person')).rows).toEqual([{ n: 40 }]));
  }, 180_000);
  afterAll(async () => {
    await db.drop().catch(() => undefined);
    await standby.stop();
    await primary.stop();
    for (const name of ['primary', 'standby']) removeServerDirectory(join(directory, name));
  });

  it('is snapshotted and streamed, what is to stand in its log being written at its primary', async () => {
    const stream = at('first');
    let wrote = false;
    const messages = await stream.read({
      start: { snapshots: [unread] },
      each: async ({ kind }) => {
        if (kind !== 'snapshot' || wrote) return;
        wrote = true;
        await db.query(`update person set name = 'khác' where id = 35`);
        await db.query(`insert into person values (41, 'mới')`);
      },
      until: (message, all) => message.kind === 'snapshot' && message.progress.done && changesOf(all).length >= 2,
    });
    const final = new Map<string, string>();
    for (const message of messages) for (const [id, name] of rowsOf(message)) final.set(id, name);
    expect(final.size).toBe(41);
    expect(final.get('35')).toBe('khác');
    expect(await inspectSlot(url, 'first')).toMatchObject({ exists: true, inRecovery: true });
    expect(await inspectSlot(db.url, 'first')).toMatchObject({ exists: false });
    await dropSlot(url, 'first');
  });

  it('is refused without its primary, and where something else is named for it', async () => {
    const read = (stream: CapturedStream) => stream.read({ until: () => false });
    const alone = new CapturedStream({ connectionString: url, slot: 'x', publication: 'truc_pub', tables });
    await expect(read(alone)).rejects.toMatchObject({ code: 'CAPTURE_SOURCE_IS_STANDBY', message: expect.stringContaining('primaryUrl') });
    const itself = new CapturedStream({ ...alone.options, primaryConnectionString: url });
    await expect(read(itself)).rejects.toMatchObject({ code: 'CAPTURE_PRIMARY_WRONG', retry: true });
    const another = await testPostgres();
    try {
      const elsewhere = new CapturedStream({ ...alone.options, primaryConnectionString: another.url });
      await expect(read(elsewhere)).rejects.toMatchObject({
        code: 'CAPTURE_PRIMARY_WRONG',
        message: expect.stringContaining('the cluster'),
      });
    } finally {
      await another.drop();
    }
  });

  it('keeps what the stream carried over what a chunk saw, though a standby does not tell which transactions are running', async () => {
    const open = new pg.Client({ connectionString: db.url });
    await open.connect();
    await open.query('begin');
    const { rows } = await open.query<{ xid: string }>('select pg_current_xact_id()::text as xid');
    await open.query(`update person set name = 'đang sửa' where id = 39`);
    await db.query(`update person set name = 'sau nó' where id = 2`);
    await eventually(async () => expect((await onStandby(`select 1 from person where name = 'sau nó'`)).rowCount).toBe(1));
    // What the standby's snapshot is taken for rests on this: the transaction is running, and is not listed.
    const [xmin, xmax, listed] = String((await onStandby('select pg_current_snapshot()::text as s')).rows[0].s).split(':');
    expect([xmin, listed]).toEqual([rows[0]?.xid, '']);
    expect(BigInt(xmax!)).toBeGreaterThan(BigInt(xmin!));
    await open.query('commit');
    const stream = at('second');
    let wrote = 0;
    const messages = await stream.read({
      start: { snapshots: [unread] },
      each: async ({ kind }) => {
        if (kind === 'snapshot' || kind === 'idle') await db.query(`update person set name = 'lần ${++wrote}' where id = 39`);
      },
      until: (_, all) => all.some((message) => message.kind === 'snapshot' && message.progress.done) && changesOf(all).length === wrote,
    });
    await open.end();
    const seen = messages.flatMap(rowsOf).filter(([id]) => id === '39');
    expect(seen.at(-1)).toEqual(['39', `lần ${wrote}`]);
    await dropSlot(url, 'second');
  });

  it('says so where nothing comes from its primary any more, and goes on when it does again', async () => {
    const stream = at('third');
    const stalled = stream.read({
      until: () => false,
      each: async ({ kind }) => {
        if (kind === 'idle') await onStandby('select pg_wal_replay_pause()');
      },
    });
    await expect(stalled).rejects.toMatchObject({ code: 'CAPTURE_STANDBY_STALLED', retry: true });
    await onStandby('select pg_wal_replay_resume()');
    await dropSlot(url, 'third');
  });

  it('goes on by itself after it was promoted, from where it stood', async () => {
    const stream = at('fourth', { pulseIntervalMs: 60_000 });
    let after = 0n;
    const first = await stream.read({
      each: async ({ kind, ...rest }) => {
        if (kind === 'idle') await db.query(`insert into person values (100, 'trước')`);
        if (kind === 'commit' && 'sequence' in rest) {
          after = rest.sequence;
          stream.source.acknowledge(rest.sequence);
        }
      },
      until: ({ kind }) => kind === 'commit',
    });
    expect(changesOf(first)).toHaveLength(1);
    await db.query(`insert into person values (101, 'khi không ai đọc')`);
    await eventually(async () => expect((await onStandby('select 1 from person where id = 101')).rowCount).toBe(1));
    await primary.stop();
    await onStandby('select pg_promote()');
    await onStandby(`insert into person values (102, 'sau')`);
    const identity = { systemIdentifier: (await inspectSlot(url, 'fourth')).systemIdentifier, timeline: 1 };
    const second = await stream.read({ start: { after, identity }, until: (_, all) => changesOf(all).length === 2 });
    expect(changesOf(second).map((change) => describeChange(change))).toMatchObject([{ after: { id: '101' } }, { after: { id: '102' } }]);
    expect(await inspectSlot(url, 'fourth')).toMatchObject({ inRecovery: false, timeline: 2 });
  });
});

/** Identifier and name of every row that a message brings. */
function rowsOf(message: SourceMessage): [string, string][] {
  if (message.kind === 'snapshot') return message.rows.map(([id, name]) => [String(id), String(name)]);
  if (message.kind !== 'rows') return [];
  return message.changes.flatMap((change) =>
    'after' in change ? [[String(change.after[0]), String(change.after[1])] as [string, string]] : [],
  );
}
