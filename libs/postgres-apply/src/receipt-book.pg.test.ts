import { systemClock } from '@truc/kernel';
import { deliveriesOf, type Delivery, type DeliveryReceipt, type LogBatch, type TargetBatch, type TargetTable } from '@truc/pipeline';
import { testPostgres, type TestPostgres } from '@truc/testing';
import type { ApplyLimits } from './apply-limits.js';
import { PostgresTarget } from './postgres-target.js';

const table: TargetTable = { schema: 'data', name: 'parcel', columns: [{ name: 'area', type: { kind: 'integer' } }] };
const topic = 'data.g05.parcel.v1';
const partitions = [0, 1].map((partition) => ({ topic, partition }));

interface Call {
  readonly batches: readonly TargetBatch[];
  readonly deliveries: readonly Delivery[];
}

/** What a flow hands over of a batch of one partition: one record for each offset from `from` on. */
function call(partition: number, from: bigint, area = 1): Call {
  const next = from + 2n;
  const records = [from, from + 1n].map((offset) => ({
    topic,
    partition,
    offset,
    key: Buffer.from(`${partition}/${offset}`),
    value: Buffer.from([area]),
    headers: [],
    timestampMs: 1,
  }));
  const batch: LogBatch = { topic, partition, fetchedFrom: from, nextOffset: next, endOffset: next, records };
  const changes = records.map(({ offset, key }) => ({
    kind: 'upsert' as const,
    key: { scheme: 'parcel', code: key.toString(), row: '' },
    position: { epoch: 1, sequence: offset, index: 0 },
    row: { area },
  }));
  return {
    batches: [{ topic, partition, fetchedFrom: from, nextOffset: next, table, changes }],
    deliveries: deliveriesOf([batch], { consumer: 'g05', database: 'land' }),
  };
}

describe('receipts in the database of a target', () => {
  let db: TestPostgres;
  const open: { close(): Promise<void> }[] = [];

  function target(consumer = 'agent.g05', limits: Partial<ApplyLimits> = {}): PostgresTarget {
    const opened = new PostgresTarget({ connectionString: db.url, consumer, clock: systemClock, limits });
    open.push(opened);
    return opened;
  }

  const apply = (to: PostgresTarget, { batches, deliveries }: Call) => to.apply(batches, undefined, deliveries);

  async function waiting(of: PostgresTarget): Promise<DeliveryReceipt[]> {
    return (await of.outbox.waiting(1_000)).receipts.map(({ receipt }) => receipt);
  }

  const rows = async (name: string): Promise<number> => (await db.query(`SELECT FROM ${name}`)).rows.length;

  beforeEach(async () => {
    db = await testPostgres();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    await db.drop();
  });

  it('are there when the rows are, whole, in the order of the deliveries, for whichever process looks', async () => {
    const one = target();
    await one.take(partitions);
    const before = Date.now();
    const [a, b, c] = [call(0, 5n), call(1, 0n), call(0, 7n)];
    await one.apply([...a.batches, ...b.batches], undefined, [...a.deliveries, ...b.deliveries]);
    await apply(one, c);
    const found = await waiting(target());
    expect(found.map(({ deliveredAtMs: _, ...delivery }) => delivery)).toEqual([...a.deliveries, ...b.deliveries, ...c.deliveries]);
    for (const { deliveredAtMs } of found) expect(deliveredAtMs).toBeGreaterThanOrEqual(before);
    expect(await rows('data.parcel')).toBe(6);
  });

  it('are written by the very transaction that writes rows and offsets', async () => {
    const one = target();
    await one.take(partitions);
    await apply(one, call(0, 0n));
    const { rows: found } = await db.query<{ same: boolean }>(
      `SELECT r.xmin = o.xmin AND o.xmin = ALL (SELECT xmin FROM data.parcel) AS same FROM truc.receipts r JOIN truc.offsets o USING (topic, partition)`,
    );
    expect(found).toEqual([{ same: true }]);
  });

  it('are not there when the delivery was fenced, did not fit, or could not be announced, and the next attempt has the same id', async () => {
    const one = target();
    await one.take(partitions);
    const first = call(0, 0n);
    const unheard = () => Promise.reject(new Error('the log is away'));
    const { batches, deliveries } = call(0, 0n, 2 ** 40);
    await expect(one.apply(batches, unheard, deliveries)).rejects.toThrow('the log is away');
    expect(await waiting(one)).toEqual([]);
    await apply(one, first);
    await expect(apply(one, call(0, 9n))).rejects.toMatchObject({ code: 'APPLY_OFFSET_MISMATCH' });
    await target().take(partitions);
    await expect(apply(one, call(0, 2n))).rejects.toMatchObject({ code: 'APPLY_FENCED' });
    expect((await waiting(one)).map(({ deliveryId }) => deliveryId)).toEqual(first.deliveries.map(({ deliveryId }) => deliveryId));
  });

  it('are there once when the database refuses a row and the batch is applied with care', async () => {
    const one = target();
    await one.take(partitions);
    await apply(one, call(1, 0n));
    await db.query('ALTER TABLE data.parcel ADD CONSTRAINT small CHECK (area < 100)');
    const refused = call(0, 0n, 101);
    expect(await apply(one, refused)).toMatchObject({ applied: 0, rejected: [{ change: 0 }, { change: 1 }] });
    expect((await waiting(one)).filter(({ partition }) => partition === 0)).toMatchObject(refused.deliveries);
  });

  it('are forgotten one by one, and each applier has its own', async () => {
    const [one, other] = [target(), target('agent.g12')];
    await one.take(partitions);
    await other.take(partitions);
    for (const from of [0n, 2n, 4n]) await apply(one, call(0, from));
    await apply(other, call(0, 0n));
    const { receipts, count } = await one.outbox.waiting(2);
    expect([receipts.length, count]).toEqual([2, 3]);
    await other.outbox.settle(receipts.map(({ id }) => id));
    expect(await waiting(one)).toHaveLength(3);
    await one.outbox.settle(receipts.map(({ id }) => id));
    expect((await waiting(one)).map(({ firstOffset }) => firstOffset)).toEqual([4n]);
    expect(await waiting(other)).toHaveLength(1);
  });

  it('are collected up to their bound; then nothing is applied until there is room', async () => {
    const one = target('agent.g05', { receiptsWaitingMax: 2 });
    await one.take(partitions);
    await apply(one, call(0, 0n));
    await apply(one, call(0, 2n));
    await expect(apply(one, call(0, 4n))).rejects.toMatchObject({ code: 'APPLY_RECEIPTS_WAITING', retry: true });
    expect([await rows('data.parcel'), await rows('truc.receipts')]).toEqual([4, 2]);
    const [oldest] = (await one.outbox.waiting(1)).receipts;
    await one.outbox.settle(oldest === undefined ? [] : [oldest.id]);
    await apply(one, call(0, 4n));
    expect((await waiting(one)).map(({ firstOffset }) => firstOffset)).toEqual([2n, 4n]);
  });

  it('find their table made in a database that has been applied to before there were any', async () => {
    const before = target();
    await before.take(partitions);
    await before.close();
    await db.query('DROP TABLE truc.receipts, truc.loaded_topics; UPDATE truc.apply_version SET version = 1');
    const one = target();
    await one.take(partitions);
    await apply(one, call(0, 0n));
    expect(await waiting(one)).toHaveLength(1);
  });
});
