import { systemClock } from '@truc/kernel';
import type { TargetBatch, TargetTable } from '@truc/pipeline';
import { testPostgres, type TestPostgres } from '@truc/testing';
import pg from 'pg';
import { PostgresTarget } from './postgres-target.js';

const table: TargetTable = { schema: 'data', name: 'parcel', columns: [{ name: 'area', type: { kind: 'integer' } }] };
const partitions = [
  { topic: 'data.g05.parcel.v1', partition: 0 },
  { topic: 'data.g05.parcel.v1', partition: 1 },
];

function batch(partition: number, from: bigint, to: bigint, codes: readonly string[] = []): TargetBatch {
  return {
    topic: 'data.g05.parcel.v1',
    partition,
    fetchedFrom: from,
    nextOffset: to,
    table,
    changes: codes.map((code) => ({
      kind: 'upsert',
      key: { scheme: 'parcel', code, row: '' },
      position: { epoch: 1, sequence: to, index: 0 },
      row: { area: 1 },
    })),
  };
}

describe('fencing and offsets', () => {
  let db: TestPostgres;
  const open: { close(): Promise<void> }[] = [];

  function target(consumer = 'general-database', connectionString = db.url): PostgresTarget {
    const opened = new PostgresTarget({ connectionString, consumer, clock: systemClock });
    open.push(opened);
    return opened;
  }

  async function codes(): Promise<unknown[]> {
    return (await db.query('SELECT truc_code FROM data.parcel ORDER BY 1')).rows.map((row) => row['truc_code']);
  }

  beforeEach(async () => {
    db = await testPostgres();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    await db.drop();
  });

  it('refuses the process whose partition another one took, and writes nothing of its call', async () => {
    const [first, second] = [target(), target()];
    expect(await first.take(partitions)).toEqual(partitions.map((partition) => ({ ...partition, offset: -2n })));
    await first.apply([batch(0, 7n, 10n, ['a']), batch(1, 0n, 5n, ['b'])]);
    expect(await second.take([partitions[1] as (typeof partitions)[0]])).toEqual([{ ...partitions[1], offset: 5n }]);

    // Partition 0 is still the first one's, but a call is one transaction.
    await expect(first.apply([batch(0, 10n, 20n, ['c']), batch(1, 5n, 9n, ['d'])])).rejects.toMatchObject({
      code: 'APPLY_FENCED',
      retry: false,
    });
    expect(await codes()).toEqual(['a', 'b']);
    expect(await second.apply([batch(1, 5n, 9n, ['d'])])).toMatchObject({ applied: 1 });
    expect(await first.apply([batch(0, 10n, 20n, ['c'])])).toMatchObject({ applied: 1 });
    expect(await codes()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('lets a process that waits for the lock see that it was fenced meanwhile', async () => {
    const [first, second] = [target(), target()];
    await first.take(partitions);
    await first.apply([batch(0, 0n, 1n)]);
    const holder = new pg.Client({ connectionString: db.url });
    await holder.connect();
    open.push({ close: () => holder.end() });
    await holder.query('BEGIN; SELECT * FROM truc.offsets FOR UPDATE');
    const taking = second.take(partitions);
    await waiting(db, 1);
    const applying = first.apply([batch(0, 1n, 2n, ['late'])]);
    await waiting(db, 2);
    await holder.query('COMMIT');
    await taking;
    await expect(applying).rejects.toMatchObject({ code: 'APPLY_FENCED' });
    expect(await codes()).toEqual([]);
  });

  it('refuses a batch that was fetched from another offset than the stored one', async () => {
    const one = target();
    await one.take(partitions);
    await one.apply([batch(0, 0n, 10n, ['a'])]);
    for (const from of [9n, 11n, 0n]) {
      await expect(one.apply([batch(0, from, 20n, ['x'])])).rejects.toMatchObject({ code: 'APPLY_OFFSET_MISMATCH', retry: false });
    }
    expect(await codes()).toEqual(['a']);
    expect(await one.apply([batch(0, 10n, 12n), batch(0, 12n, 30n)])).toEqual({ applied: 0, refused: 0, rejected: [] });
    expect(await one.take(partitions)).toEqual([
      { ...partitions[0], offset: 30n },
      { ...partitions[1], offset: -2n },
    ]);
  });

  it('refuses batches of a partition that do not join, and partitions that were not taken', async () => {
    const one = target();
    await one.take([partitions[0] as (typeof partitions)[0]]);
    await expect(one.apply([batch(0, 0n, 10n), batch(0, 11n, 12n)])).rejects.toMatchObject({ code: 'APPLY_BATCH_INVALID' });
    await expect(one.apply([batch(0, 5n, 4n)])).rejects.toMatchObject({ code: 'APPLY_BATCH_INVALID' });
    await expect(one.apply([batch(1, 0n, 4n)])).rejects.toMatchObject({ code: 'APPLY_FENCED' });
    expect(await one.apply([])).toEqual({ applied: 0, refused: 0, rejected: [] });
  });

  it('keeps the offsets of consumers apart', async () => {
    const [one, other] = [target('one'), target('other')];
    await one.take(partitions);
    await one.apply([batch(0, 0n, 10n, ['a'])]);
    expect((await other.take(partitions))[0]?.offset).toBe(-2n);
    expect(await other.apply([batch(0, 3n, 10n, ['a'])])).toMatchObject({ applied: 0, refused: 1 });
    expect(await one.apply([batch(0, 10n, 11n)])).toMatchObject({ applied: 0 });
  });

  it('opens any number of times at once on an empty database', async () => {
    const targets = Array.from({ length: 6 }, (_, index) => target(`consumer-${index}`));
    await Promise.all(targets.map((one) => one.take(partitions)));
    const results = await Promise.all(targets.map((one, index) => one.apply([batch(0, 0n, 10n, [`code-${index}`])])));
    expect(results.every(({ applied }) => applied === 1)).toBe(true);
    expect(await codes()).toHaveLength(6);
    expect((await db.query('SELECT version FROM truc.apply_version')).rows).toEqual([{ version: 3 }]);
  });

  it('refuses a database that a newer release has been at', async () => {
    await target().take(partitions);
    await db.query('UPDATE truc.apply_version SET version = 99');
    await expect(target().take(partitions)).rejects.toMatchObject({ code: 'APPLY_SCHEMA_NEWER' });
  });

  it('says what to grant when the role may not create', async () => {
    const role = `role_${db.database}`;
    await db.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
    const url = new URL(db.url);
    url.username = role;
    url.password = 'x';
    const poor = target('poor', url.toString());
    await expect(poor.take(partitions)).rejects.toMatchObject({
      code: 'APPLY_NOT_ALLOWED',
      message: expect.stringContaining('GRANT CREATE'),
    });
    url.password = 'wrong';
    const wrong = target('wrong', url.toString());
    await expect(wrong.take(partitions)).rejects.toMatchObject({ code: 'APPLY_LOGIN_REFUSED', retry: false });
    await poor.close();
    await db.query(`DROP ROLE ${role}`);
  });
});

/** Until so many sessions of ours wait for a lock. */
async function waiting(db: TestPostgres, sessions: number): Promise<void> {
  for (;;) {
    const { rows } = await db.query<{ n: number }>(
      `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'`,
      [db.database],
    );
    if ((rows[0]?.n ?? 0) >= sessions) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
