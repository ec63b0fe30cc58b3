import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedPostgres, oldestPostgres, removeServerDirectory, startPostgres, type PostgresServer } from '@truc/local-stack';
import { testPostgres, type TestPostgres } from '@truc/testing';
import { inspectSlot } from './replication-slot.js';
import { CapturedStream, changesOf, describeChange, publish } from './test-support/captured-stream.js';

const tables = [
  { table: 'public.person', primaryKey: ['id'] },
  { table: 'public.event', primaryKey: ['id', 'day'] },
];
const unread = (table: string) => ({ table, lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false });

/** What holds for the newest server in all other tests, once with everything on each older one that is to be had here. */
describe.each(['the oldest', ...installedPostgres().map(({ major }) => String(major))])('a source of PostgreSQL, %s', (which) => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-older-'));
  let server: PostgresServer;
  let db: TestPostgres;

  beforeAll(async () => {
    const { directory: programs } =
      which === 'the oldest' ? await oldestPostgres() : installedPostgres().find(({ major }) => String(major) === which)!;
    server = await startPostgres({ directory, programs, durable: false });
    db = await testPostgres(server.url);
  }, 180_000);
  afterAll(async () => {
    await db.drop();
    await server.stop();
    removeServerDirectory(directory);
  });

  it('is snapshotted and streamed', async () => {
    await db.query('create table person (id int primary key, name text, long text, twice int generated always as (id * 2) stored)');
    await db.query('create table event (id int, day date, what text, primary key (id, day)) partition by range (day)');
    await db.query("create table event_2026 partition of event for values from ('2026-01-01') to ('2027-01-01')");
    await db.query(`insert into person select i, 'Người ' || i, repeat(md5(i::text), 400) from generate_series(1, 30) i`);
    await db.query(`insert into event values (1, '2026-05-01', 'sinh')`);
    await publish(db.url, 'truc_pub', tables);
    const slot = `s_${db.database}`;
    const stream = new CapturedStream({ connectionString: db.url, slot, publication: 'truc_pub', tables, limits: { chunkRows: 7 } });
    const done = new Set<string>();
    const messages = await stream.read({
      start: { snapshots: tables.map(({ table }) => unread(table)) },
      each: async (message) => {
        if (message.kind !== 'snapshot' || !message.progress.done) return;
        done.add(message.progress.table);
        if (done.size < tables.length) return;
        await db.query(`begin; update person set name = 'khác' where id = 3; delete from person where id = 4; commit`);
        await db.query(`insert into event values (2, '2026-06-01', 'tử')`);
        await db.query('truncate person');
      },
      until: (_, all) => changesOf(all).some(({ kind }) => kind === 'truncate'),
    });
    const rows = messages.flatMap((message) =>
      message.kind === 'snapshot' ? message.rows.map((row) => [message.relation.table, ...row]) : [],
    );
    expect(rows.filter(([table]) => table === 'person')).toHaveLength(30);
    expect(rows).toContainEqual(['event', '1', '2026-05-01', 'sinh']);
    const snapshot = messages.find((message) => message.kind === 'snapshot' && message.relation.table === 'person');
    expect(snapshot).toMatchObject({ relation: { columns: [{ name: 'id' }, { name: 'name' }, { name: 'long' }] } });
    const [changed, removed, born, emptied] = changesOf(messages);
    expect(describeChange(changed!)).toMatchObject({ kind: 'update', index: 0, after: { id: '3', name: 'khác' } });
    expect(describeChange(removed!)).toMatchObject({ kind: 'delete', before: { id: '4' } });
    expect(describeChange(born!)).toMatchObject({ kind: 'insert', after: { id: '2', day: '2026-06-01', what: 'tử' } });
    expect(emptied).toMatchObject({ kind: 'truncate' });
    expect(await inspectSlot(db.url, slot)).toMatchObject({
      exists: true,
      plugin: 'pgoutput',
      walStatus: 'reserved',
      invalidationReason: null,
    });
  });
});
