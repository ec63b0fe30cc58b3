import { eventually, testPostgres, type TestPostgres } from '@truc/testing';
import { SlotWatch } from './slot-watch.js';
import { CapturedStream, publish } from './test-support/captured-stream.js';

const tables = [{ table: 'public.person', primaryKey: ['id'] }];

describe('watching a slot', () => {
  let db: TestPostgres;
  let slot: string;
  let watch: SlotWatch;
  const watching = new AbortController();

  beforeAll(async () => {
    db = await testPostgres();
    slot = `s_${db.database}`;
    watch = new SlotWatch(db.url, slot);
    await db.query('create table person (id int primary key)');
    await publish(db.url, 'truc_pub', tables);
  });

  afterAll(async () => {
    watching.abort();
    await watch.close();
    await db.drop();
  });

  it('tells who reads it while somebody does', async () => {
    expect(await watch.reader(watching.signal)).toBeNull();
    const stream = new CapturedStream({ connectionString: db.url, slot, publication: 'truc_pub', tables });
    const seen: (number | null)[] = [];
    await stream.read({
      until: () => seen.length > 0,
      each: async () => {
        seen.push(await watch.reader(watching.signal));
        const { rows } = await db.query(`select active_pid from pg_replication_slots where slot_name = '${slot}'`);
        expect(seen).toEqual([rows[0]?.['active_pid']]);
      },
    });
    expect(seen[0]).toBeGreaterThan(0);
  });

  it('leaves no connection where it is given up while it connects', async () => {
    const ending = new AbortController();
    const given = new SlotWatch(db.url, slot);
    const connections = async () =>
      (await db.query(`select pid from pg_stat_activity where datname = '${db.database}' and application_name = 'truc-capture'`)).rows
        .length;
    await watch.close();
    await eventually(async () => expect(await connections()).toBe(0));
    const looking = given.reader(ending.signal);
    ending.abort(new Error('given up'));
    await expect(looking).rejects.toThrow('given up');
    await eventually(async () => expect(await connections()).toBe(0), { timeoutMs: 5_000 });
  });

  it('looks again over another connection after the one it had was lost', async () => {
    await watch.reader(watching.signal);
    await db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${db.database}' and application_name = 'truc-capture'`,
    );
    await expect(watch.reader(watching.signal)).rejects.toMatchObject({ code: 'CAPTURE_CONNECTION_LOST', retry: true });
    expect(await watch.reader(watching.signal)).toBeNull();
  });
});
