import { shippedSchema } from '@truc/change-event';
import { openLogAdmin, openLogReader, openLogWriter, type LogAdmin } from '@truc/kafka';
import { systemClock, TrucError, type Position } from '@truc/kernel';
import {
  ApplyFlow,
  FlowSupervisor,
  receiptDigest,
  ReceiptLog,
  RejectionLog,
  type LogReader,
  type LogRecord,
  type LogWriter,
  type ReceiptLogOptions,
  type ReceiptOutbox,
} from '@truc/pipeline';
import { PostgresTarget } from '@truc/postgres-apply';
import { Telemetry } from '@truc/telemetry';
import {
  eventually,
  readReceipts,
  receiptProblems,
  TestDataset,
  testKafka,
  testPostgres,
  TestSchemas,
  type TestPostgres,
} from '@truc/testing';

const at = (sequence: number, index = 0): Position => ({ epoch: 1, sequence: BigInt(sequence), index });
const recipient = { consumer: 'general-database', database: 'general' };
const telemetry = new Telemetry({ service: 'general-database', otlpEndpoint: null });

describe('receipts of what is applied to a database', () => {
  let kafka: ReturnType<typeof testKafka>;
  let admin: LogAdmin;
  let reader: LogReader;
  let agent: LogWriter;
  let db: TestPostgres;
  let target: PostgresTarget;
  let schemas: TestSchemas;
  let dataset: TestDataset;
  let topic: string;
  let rejectedTopic: string;
  let sequence = 0;
  const open: { close(): Promise<void> }[] = [];

  function opened<T extends { close(): Promise<void> }>(one: T): T {
    open.push(one);
    return one;
  }

  function writerOf(name: string, to: string): Promise<LogWriter> {
    const { prefix, ...connection } = kafka;
    return openLogWriter({ connection, transactionalId: `${prefix}.${name}`, partitions: [{ topic: to, partition: 0 }] });
  }

  function receiptLog(more: Partial<ReceiptLogOptions> = {}): ReceiptLog {
    const limits = { gatherMs: 1, lookMs: 50, lastMs: 100 };
    const openWriter = (): Promise<LogWriter> => writerOf('receipts', topic);
    return new ReceiptLog({ topic, recipient, outbox: target.outbox, schemas, openWriter, telemetry, limits, ...more });
  }

  async function supervised(run: (signal: AbortSignal) => Promise<void>): Promise<FlowSupervisor> {
    const supervisor = opened(new FlowSupervisor({ run, retryMs: 10, retryMsMax: 100 }));
    await supervisor.resume();
    return supervisor;
  }

  const sending = (receipts = receiptLog()): Promise<FlowSupervisor> => supervised((signal) => receipts.run(signal));

  function applying(receipts: ReceiptLog): Promise<FlowSupervisor> {
    const { topic: data, partitions, name, scheme, codeField, valueSchema } = dataset;
    const table = { schema: 'g01', name: 'resident' };
    const subscription = { topic: data, partitions, dataset: name, table, scheme, codeField, valueSchema };
    const openWriter = (): Promise<LogWriter> => writerOf('rejected', rejectedTopic);
    const rejections = opened(
      new RejectionLog({ topic: rejectedTopic, consumer: recipient.consumer, schemas, openWriter, telemetry, clock: systemClock }),
    );
    const parts = { consumer: recipient.consumer, reader, target, schemas, isReleased: null, rejections, receipts, telemetry };
    return supervised((signal) =>
      new ApplyFlow([subscription], { ...parts, clock: systemClock, limits: { idleMs: 50, records: 20 } }).run(signal),
    );
  }

  /** Rounds of creates, deletes with their tombstones, and one record that is refused. */
  async function write(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      sequence += 1;
      const records: LogRecord[] = Array.from({ length: 30 }, (_, one) => dataset.change('c', one, at(sequence, one)));
      records.push(dataset.change('d', 3, at(sequence, 40)), dataset.tombstone(3, at(sequence, 40)));
      records.push({ ...dataset.change('c', 4, at(sequence, 41)), value: Buffer.from('not framed') });
      await agent.write(records);
      await agent.flush();
    }
  }

  async function applied(): Promise<void> {
    await eventually(async () => {
      const { rows } = await db.query<{ next_offset: string }>('SELECT next_offset FROM truc.offsets ORDER BY partition');
      const ends = await Promise.all([0, 1].map(async (partition) => (await reader.bounds(dataset.topic, partition)).end.toString()));
      expect(rows.map((row) => row.next_offset)).toEqual(ends);
    });
  }

  async function sent(): Promise<void> {
    await eventually(async () => expect((await target.outbox.waiting(1)).count).toBe(0));
  }

  const problems = async (): Promise<string[]> =>
    receiptProblems(
      reader,
      dataset,
      (await readReceipts(reader, topic)).map(({ receipt }) => receipt),
    );

  beforeEach(async () => {
    kafka = testKafka();
    const { prefix, ...connection } = kafka;
    db = await testPostgres();
    target = new PostgresTarget({ connectionString: db.url, consumer: 'general-database', clock: systemClock });
    schemas = new TestSchemas();
    topic = `${prefix}.receipts`;
    rejectedTopic = `${prefix}.rejected.general-database`;
    schemas.register(`${topic}-value`, shippedSchema('DeliveryReceipt'));
    schemas.register(`${rejectedTopic}-value`, shippedSchema('RejectedRecord'));
    dataset = new TestDataset(`${prefix}.data.g01.resident.v1`, 2, schemas);
    admin = openLogAdmin({ connection });
    reader = openLogReader({ connection, fetchWaitMs: 50 });
    await admin.ensureTopics([
      { name: dataset.topic, partitions: 2, config: {} },
      ...[topic, rejectedTopic].map((name) => ({ name, partitions: 1, config: {} })),
    ]);
    agent = await openLogWriter({
      connection,
      transactionalId: `${prefix}.agent`,
      partitions: [0, 1].map((partition) => ({ topic: dataset.topic, partition })),
    });
  });

  afterEach(async () => {
    await Promise.allSettled(open.splice(0).map((one) => one.close()));
    await Promise.allSettled([target.close(), agent.close(), reader.close()]);
    await admin.deleteTopics([dataset.topic, topic, rejectedTopic]).catch(() => {});
    await admin.close();
    await db.drop();
  });

  afterAll(() => telemetry.shutdown());

  it('recompute from the topic alone, and leave no record out, refused and deleted ones included', async () => {
    const receipts = receiptLog();
    await sending(receipts);
    await applying(receipts);
    await write(4);
    await applied();
    await write(2);
    await applied();
    await sent();
    const found = await readReceipts(reader, topic);
    expect(found.length).toBeGreaterThan(2);
    for (const { key, receipt } of found) expect(receipt).toMatchObject({ ...recipient, deliveryId: key, topic: dataset.topic });
    expect(found.reduce((sum, { receipt }) => sum + receipt.recordCount, 0)).toBe(6 * 33);
    expect(await problems()).toEqual([]);

    const [one] = found.map(({ receipt }) => receipt);
    if (one === undefined) throw new Error('there is a receipt');
    const others = found.slice(1).map(({ receipt }) => receipt);
    expect(await receiptProblems(reader, dataset, [...others, { ...one, digest: receiptDigest([]) }])).toHaveLength(1);
    expect(await receiptProblems(reader, dataset, others)).toHaveLength(one.recordCount);
    expect(await telemetry.prometheusText()).toMatch(/truc_receipts_waiting\{consumer="general-database",database="general"[^}]*\} 0/);
  });

  it('wait in the database while their topic is away, hold nobody up, and are sent in order by whoever starts next', async () => {
    const away = receiptLog({ openWriter: () => Promise.reject(new TrucError('LOG_UNREACHABLE', 'away', { retry: true })) });
    const trying = await sending(away);
    const flow = await applying(away);
    await write(3);
    await applied();
    await eventually(() => expect(trying.state).toMatchObject({ kind: 'retrying', code: 'LOG_UNREACHABLE' }));
    expect(flow.state.kind).toBe('running');
    const { receipts: waiting } = await target.outbox.waiting(1_000);
    expect(waiting.length).toBeGreaterThan(1);
    await Promise.all([trying.close(), flow.close()]);
    await sending();
    await sent();
    const found = (await readReceipts(reader, topic)).map(({ receipt }) => receipt);
    expect(found).toEqual(waiting.map(({ receipt }) => receipt));
    expect(await problems()).toEqual([]);
  });

  it('are sent again unchanged when the process ends between the acknowledgement and forgetting them', async () => {
    const dying: ReceiptOutbox = { ...target.outbox, settle: () => Promise.reject(new Error('the process is gone')) };
    const before = receiptLog({ outbox: dying });
    const flow = await applying(before);
    await write(2);
    await applied();
    await expect(before.run(new AbortController().signal)).rejects.toThrow('the process is gone');
    await flow.close();
    const first = await readReceipts(reader, topic);
    expect(first.length).toBeGreaterThan(0);
    await sending();
    await sent();
    expect((await readReceipts(reader, topic)).map(({ receipt }) => receipt)).toEqual([...first, ...first].map(({ receipt }) => receipt));
    expect(await problems()).toEqual([]);
  });

  it('have no schema of their own making: they wait until the platform has registered it', async () => {
    schemas = new TestSchemas();
    dataset = new TestDataset(dataset.topic, 2, schemas);
    schemas.register(`${rejectedTopic}-value`, shippedSchema('RejectedRecord'));
    const receipts = receiptLog();
    const sender = await sending(receipts);
    await applying(receipts);
    await write(1);
    await applied();
    await eventually(() => expect(sender.state).toMatchObject({ kind: 'retrying', code: 'RECEIPT_SCHEMA_MISSING' }));
    expect(await readReceipts(reader, topic)).toEqual([]);
    schemas.register(`${topic}-value`, shippedSchema('DeliveryReceipt'));
    await sent();
    expect(await problems()).toEqual([]);
  });

  it('go on after another process of the same name has sent some', async () => {
    const receipts = receiptLog();
    const sender = await sending(receipts);
    await applying(receipts);
    await write(1);
    await applied();
    await sent();
    const other = opened(await writerOf('receipts', topic));
    await other.flush();
    await write(1);
    await applied();
    await sent();
    expect(sender.state.kind).not.toBe('stopped');
    expect(await problems()).toEqual([]);
  });

  it('end in time while the log gives no answer', async () => {
    const receipts = receiptLog({ openWriter: () => new Promise(() => {}) });
    const flow = await applying(receipts);
    const sender = await sending(receipts);
    await write(1);
    await applied();
    await Promise.all([flow.close(), sender.close()]);
    expect((await target.outbox.waiting(1)).count).toBeGreaterThan(0);
  });
});
