import { compileCodec, frame, unframe } from '@truc/avro';
import { datasetValueSchema, encodeMasterDataKey, positionHeaders, shippedSchema } from '@truc/change-event';
import { openLogAdmin, openLogReader, openLogWriter, type LogAdmin } from '@truc/kafka';
import { systemClock, type Position } from '@truc/kernel';
import {
  ApplyFlow,
  FlowSupervisor,
  RejectionLog,
  scanToEnd,
  type ApplyParts,
  type ApplySubscription,
  type ChangeTarget,
  type LogReader,
  type LogRecord,
  type LogWriter,
} from '@truc/pipeline';
import { PostgresTarget } from '@truc/postgres-apply';
import { Telemetry } from '@truc/telemetry';
import {
  eventually,
  personalId,
  residentFields,
  TestDataset,
  testKafka,
  testPostgres,
  TestSchemas,
  type TestPostgres,
} from '@truc/testing';

/** Quiet partitions store their offsets soon, so that tests see them. */
const limits = { idleMs: 100 };
const at = (sequence: number, index = 0): Position => ({ epoch: 1, sequence: BigInt(sequence), index });

describe('applying a dataset to a database', () => {
  const telemetry = new Telemetry({ service: 'general-database', otlpEndpoint: null });
  let kafka: ReturnType<typeof testKafka>;
  let admin: LogAdmin;
  let reader: LogReader;
  let writer: LogWriter;
  let db: TestPostgres;
  let schemas: TestSchemas;
  let dataset: TestDataset;
  let rejectedTopic: string;
  let number = 0;
  const open: { close(): Promise<void> }[] = [];

  function opened<T extends { close(): Promise<void> }>(one: T): T {
    open.push(one);
    return one;
  }

  function target(consumer = 'general-database'): PostgresTarget {
    return opened(new PostgresTarget({ connectionString: db.url, consumer, clock: systemClock }));
  }

  function subscription(more: Partial<ApplySubscription> = {}): ApplySubscription {
    const { topic, partitions, name, scheme, codeField, valueSchema } = dataset;
    return {
      topic,
      partitions,
      dataset: name,
      table: { schema: 'g01', name: 'population_resident' },
      scheme,
      codeField,
      valueSchema,
      ...more,
    };
  }

  function parts(to: ChangeTarget, more: Partial<ApplyParts> = {}): ApplyParts {
    const { prefix, ...connection } = kafka;
    const rejections = opened(
      new RejectionLog({
        topic: rejectedTopic,
        consumer: 'general-database',
        schemas,
        openWriter: () =>
          openLogWriter({ connection, transactionalId: `${prefix}.rejected`, partitions: [{ topic: rejectedTopic, partition: 0 }] }),
        telemetry,
        clock: systemClock,
      }),
    );
    const isReleased = async (release: number): Promise<boolean> => release === 1;
    return {
      consumer: 'general-database',
      reader,
      target: to,
      schemas,
      isReleased,
      rejections,
      telemetry,
      clock: systemClock,
      limits,
      ...more,
    };
  }

  async function started(to: ChangeTarget = target(), more: Partial<ApplyParts> = {}): Promise<FlowSupervisor> {
    const flow = new ApplyFlow([subscription()], parts(to, more));
    const supervisor = opened(new FlowSupervisor({ run: (signal) => flow.run(signal), retryMs: 20, retryMsMax: 200 }));
    await supervisor.resume();
    return supervisor;
  }

  async function write(records: readonly LogRecord[]): Promise<void> {
    await writer.write(records);
    await writer.flush();
  }

  async function rows(): Promise<Record<string, unknown>[]> {
    const { rows: found } = await db.query(
      `SELECT truc_code, "fullName", "birthDate"::text, "landArea"::text, extract(epoch from "registeredAt")::text AS at, encode(truc_position, 'hex') AS position, ctid::text
         FROM g01.population_resident ORDER BY truc_code`,
    );
    return found;
  }

  async function offsets(): Promise<string[]> {
    const { rows: found } = await db.query<{ next_offset: string }>('SELECT next_offset FROM truc.offsets ORDER BY topic, partition');
    return found.map((row) => row.next_offset);
  }

  /** Until the stored offsets are the ends of the log. */
  async function caughtUp(): Promise<void> {
    await eventually(async () => {
      const ends = await Promise.all(
        Array.from({ length: dataset.partitions }, async (_, partition) => (await reader.bounds(dataset.topic, partition)).end.toString()),
      );
      expect(await offsets()).toEqual(ends);
    });
  }

  async function rejected(): Promise<{ key: string; entry: Record<string, unknown>; bytes: Buffer }[]> {
    const codec = compileCodec(shippedSchema('RejectedRecord'));
    const found = [];
    for await (const record of scanToEnd(reader, rejectedTopic, 0, -2n, new AbortController().signal)) {
      const value = Buffer.from(record.value ?? Buffer.alloc(0));
      found.push({ key: record.key.toString(), entry: codec.decode(unframe(value).body) as Record<string, unknown>, bytes: value });
    }
    return found;
  }

  beforeEach(async () => {
    kafka = testKafka();
    const { prefix, ...connection } = kafka;
    db = await testPostgres();
    schemas = new TestSchemas();
    number += 1;
    const topic = `${prefix}.data.g01.population.resident.v${number}`;
    rejectedTopic = `${prefix}.rejected.general-database`;
    schemas.register(`${rejectedTopic}-value`, shippedSchema('RejectedRecord'));
    dataset = new TestDataset(topic, 2, schemas);
    admin = openLogAdmin({ connection });
    reader = openLogReader({ connection, fetchWaitMs: 50 });
    await admin.ensureTopics([
      { name: topic, partitions: 2, config: {} },
      { name: rejectedTopic, partitions: 1, config: {} },
    ]);
    writer = await openLogWriter({
      connection,
      transactionalId: `${prefix}.agent`,
      partitions: [0, 1].map((partition) => ({ topic, partition })),
    });
  });

  afterEach(async () => {
    await Promise.allSettled(open.splice(0).map((one) => one.close()));
    await Promise.allSettled([writer.close(), reader.close()]);
    await admin.deleteTopics([dataset.topic, rejectedTopic]).catch(() => {});
    await admin.close();
    await db.drop();
  });

  afterAll(() => telemetry.shutdown());

  it('keeps the last version of every row, forgets deleted ones, and a replay of the topic changes nothing', async () => {
    const supervisor = await started();
    await write([1, 2, 3, 4, 5, 6].map((one) => dataset.change('r', one, at(10))));
    await write([
      dataset.change('u', 1, at(20), dataset.row(1, { fullName: 'Tên mới', landArea: -5n, birthDate: -1 })),
      dataset.change('d', 2, at(20, 1)),
      dataset.tombstone(2, at(20, 1)),
      dataset.tombstone(3, at(21)),
      // Sent again after the delete: its position is the first one.
      dataset.change('r', 2, at(10)),
      dataset.change('c', 4, at(22), dataset.row(4), '["a",1]'),
    ]);
    await caughtUp();
    const found = await rows();
    expect(found.map((row) => row['truc_code'])).toEqual([1, 4, 4, 5, 6].map(personalId));
    expect(found[0]).toMatchObject({ fullName: 'Tên mới', birthDate: '1969-12-31', landArea: '-0.05', at: '1700000000.000000' });
    expect(found[0]?.['position']).toBe('00000001000000000000001400000000');
    expect(await rejected()).toEqual([]);
    await supervisor.close();

    await db.query('UPDATE truc.offsets SET next_offset = -2');
    await started();
    await caughtUp();
    expect(await rows()).toEqual(found);
  });

  it('refuses poison out loud, without a value, and goes on', async () => {
    const canary = 'CANARY-7733';
    const other = schemas.register('free-value', datasetValueSchema('free', { type: 'record', name: 'Row', fields: residentFields }));
    const good = dataset.change('c', 1, at(5), dataset.row(1));
    const swap = (record: LogRecord, id: number): LogRecord => ({ ...record, value: frame(id, unframe(record.value as Buffer).body) });
    const noPosition = dataset.change('c', 1, at(6), dataset.row(1, { fullName: canary }));
    const poison: [string, LogRecord][] = [
      ['KEY_INVALID', { ...good, key: Buffer.alloc(0) }],
      ['AVRO_FRAME_INVALID', { ...good, key: Buffer.from(canary) }],
      ['AVRO_FRAME_INVALID', { ...good, value: Buffer.from(canary) }],
      ['SCHEMA_UNKNOWN', swap(good, 4711)],
      ['SCHEMA_UNKNOWN', { ...good, key: encodeMasterDataKey({ scheme: 'personal-id', code: personalId(1), row: '' }, 4711) }],
      ['SCHEMA_NOT_OF_TOPIC', swap(good, other)],
      ['AVRO_MALFORMED', { ...good, value: (good.value as Buffer).subarray(0, -1) }],
      ['AVRO_MALFORMED', { ...good, value: Buffer.concat([good.value as Buffer, Buffer.from(canary)]) }],
      ['POSITION_INVALID', { ...noPosition, headers: [] }],
      ['POSITION_DISAGREES', { ...noPosition, headers: positionHeaders(at(7)) }],
      [
        'KEY_SCHEME_DIFFERS',
        { ...good, key: encodeMasterDataKey({ scheme: 'household-id', code: personalId(1), row: '' }, dataset.keySchemaId) },
      ],
      ['KEY_CODE_INVALID', { ...good, key: encodeMasterDataKey({ scheme: 'personal-id', code: canary, row: '' }, dataset.keySchemaId) }],
      [
        'KEY_CODE_DIFFERS',
        { ...good, key: encodeMasterDataKey({ scheme: 'personal-id', code: personalId(2), row: '' }, dataset.keySchemaId) },
      ],
      ['APPLY_REJECTED', dataset.change('c', 1, at(8), dataset.row(1, { fullName: `${canary}\0` }))],
      ['ENVELOPE_INVALID', dataset.change('u', 1, at(9), null)],
    ];
    await started();
    await write([...poison.map(([, record]) => ({ ...record, partition: 0 })), { ...dataset.change('c', 5, at(10)), partition: 0 }]);
    await write([dataset.change('c', 6, at(11))]);
    await caughtUp();
    expect((await rows()).map((row) => row['truc_code'])).toEqual([5, 6].map(personalId));
    const entries = (await rejected()).toSorted((a, b) => Number(a.entry['offset']) - Number(b.entry['offset']));
    expect(entries.map(({ entry }) => (entry['reasons'] as { rule: string }[])[0]?.rule)).toEqual(poison.map(([rule]) => rule));
    expect(entries[0]).toMatchObject({
      key: `${dataset.topic}/0/${entries[0]?.entry['offset']}`,
      entry: { topic: dataset.topic, partition: 0 },
    });
    expect(entries[0]?.entry['digest']).toMatch(/^[0-9a-f]{64}$/);
    for (const { bytes } of entries) expect(bytes.includes(canary) || bytes.includes(personalId(1))).toBe(false);
    expect(await telemetry.prometheusText()).toMatch(/truc_rejected_total\{consumer="general-database",reason="KEY_INVALID"[^}]*\} 1/);
  });

  it('rejects what names a release that is not published', async () => {
    await started(target(), { isReleased: async () => false });
    await write([dataset.change('c', 1, at(1)), dataset.tombstone(2, at(2))]);
    await caughtUp();
    expect((await rejected()).map(({ entry }) => (entry['reasons'] as { rule: string }[])[0]?.rule)).toEqual(['RELEASE_UNKNOWN']);
  });

  it('moves no offset past a rejection that is not told of', async () => {
    schemas = new TestSchemas();
    dataset = new TestDataset(dataset.topic, 2, schemas);
    const bad = dataset.change('c', 1, at(8), dataset.row(1, { fullName: 'x\0' }));
    const supervisor = await started();
    await write([bad, dataset.change('c', 2, at(9))]);
    await eventually(() => expect(supervisor.state).toMatchObject({ kind: 'retrying', code: 'REJECTED_SCHEMA_MISSING' }));
    expect(BigInt((await offsets())[bad.partition] as string)).toBeLessThan((await reader.bounds(dataset.topic, bad.partition)).end);
    expect(await rejected()).toEqual([]);
    schemas.register(`${rejectedTopic}-value`, shippedSchema('RejectedRecord'));
    await caughtUp();
    expect((await rejected()).map(({ entry }) => (entry['reasons'] as { rule: string }[])[0]?.rule)).toEqual(['APPLY_REJECTED']);
    expect((await rows()).map((row) => row['truc_code'])).toEqual([personalId(2)]);
  });

  it('waits while the registry cannot be asked, says so, and rejects nothing', async () => {
    schemas.isReachable = false;
    await write([dataset.change('c', 1, at(1))]);
    const supervisor = await started();
    await eventually(() => expect(supervisor.state).toMatchObject({ kind: 'retrying', code: 'REGISTRY_UNREACHABLE' }));
    schemas.isReachable = true;
    await caughtUp();
    expect(await rows()).toHaveLength(1);
    expect(await rejected()).toEqual([]);
  });

  it('takes both schemas of a dataset that grew, in one batch', async () => {
    const wider = new TestDataset(dataset.topic, 2, schemas, [
      ...residentFields,
      { name: 'nickname', type: ['null', 'string'], default: null },
    ]);
    await write([
      dataset.change('c', 1, at(1)),
      wider.change('u', 1, at(2), wider.row(1, { nickname: 'Tí' })),
      wider.change('c', 2, at(3), wider.row(2, { nickname: null })),
      dataset.change('c', 3, at(4)),
      dataset.tombstone(2, at(5)),
    ]);
    await started();
    await caughtUp();
    const { rows: found } = await db.query('SELECT truc_code, nickname FROM g01.population_resident ORDER BY 1');
    expect(found).toEqual([
      { truc_code: personalId(1), nickname: 'Tí' },
      { truc_code: personalId(3), nickname: null },
    ]);
  });

  it('loses and doubles nothing when processes are abandoned in the middle; the abandoned one is fenced', async () => {
    const rounds = 12;
    const perRound = 200;
    const first = await started(target(), { limits: { records: 50, bytes: 20_000, idleMs: 100 } });
    const flows = [first];
    for (let round = 0; round < rounds; round += 1) {
      await write(
        Array.from({ length: perRound }, (_, one) =>
          dataset.change(round === 0 ? 'c' : 'u', one, at(round + 1, one), dataset.row(one, { fullName: `round ${round}` })),
        ),
      );
      // The former one is neither told nor closed.
      if (round % 4 === 1) flows.push(await started());
      if (round % 4 === 3) {
        await db.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'truc apply%'`,
        );
      }
    }
    await caughtUp();
    const found = await rows();
    expect(found).toHaveLength(perRound);
    expect(new Set(found.map((row) => row['fullName']))).toEqual(new Set([`round ${rounds - 1}`]));
    expect(await rejected()).toEqual([]);
    await write([dataset.change('c', 999, at(99)), dataset.change('c', 998, at(99, 1)), dataset.change('c', 997, at(99, 2))]);
    await eventually(() => expect(flows.filter(({ state }) => state.kind === 'running')).toHaveLength(1));
    for (const { state } of flows.filter(({ state: { kind } }) => kind !== 'running')) {
      expect(state).toMatchObject({ kind: 'stopped', code: 'APPLY_FENCED' });
    }
  });

  it('links its spans to the one that wrote the records', async () => {
    const spans: { name: string; links: { context: { traceId: string } }[] }[] = [];
    const processor = {
      onStart: () => {},
      onEnd: (span: never) => void spans.push(span),
      forceFlush: async () => {},
      shutdown: async () => {},
    };
    const traced = new Telemetry({ service: 'general-database', otlpEndpoint: null, spanProcessors: [processor] });
    const traceId = '0123456789abcdef0123456789abcdef';
    const record = dataset.change('c', 1, at(1));
    const header = { key: 'traceparent', value: Buffer.from(`00-${traceId}-0123456789abcdef-01`) };
    await write([{ ...record, headers: [...record.headers, header] }]);
    await started(target(), { telemetry: traced });
    await caughtUp();
    const linked = spans.filter(({ links }) => links[0]?.context.traceId === traceId).map(({ name }) => name);
    expect(linked).toEqual(['truc.process', 'truc.apply']);
    await traced.shutdown();
  });

  it('waits for its topic, and stops by name where the partitions are others than the policy says', async () => {
    const flow = new ApplyFlow([subscription({ topic: `${dataset.topic}.later` })], parts(target()));
    await expect(flow.run(new AbortController().signal)).rejects.toMatchObject({ code: 'APPLY_TOPIC_MISSING', retry: true });
    const other = new ApplyFlow([subscription({ partitions: 3 })], parts(target()));
    await expect(other.run(new AbortController().signal)).rejects.toMatchObject({ code: 'APPLY_PARTITIONS_DIFFER', retry: false });
  });

  it('stops by name where policy has another table or other columns than the topic was loaded with', async () => {
    const loaded = await started();
    await write([dataset.change('c', 1, at(1))]);
    await caughtUp();
    await loaded.close();
    const before = await offsets();
    await write([dataset.change('c', 2, at(2))]);
    const wider = new TestDataset(dataset.topic, 2, schemas, [
      ...residentFields,
      { name: 'nickname', type: ['null', 'string'], default: null },
    ]);
    for (const [changed, code] of [
      [{ table: { schema: 'g01', name: 'resident' } }, 'APPLY_TABLE_DIFFERS'],
      [{ valueSchema: wider.valueSchema }, 'APPLY_COLUMNS_DIFFER'],
      [{ table: { schema: 'g02', name: 'population_resident' } }, 'APPLY_TABLE_DIFFERS'],
    ] as const) {
      const flow = new ApplyFlow([subscription(changed)], parts(target()));
      await expect(flow.run(new AbortController().signal)).rejects.toMatchObject({ code, retry: false });
    }
    expect(await offsets()).toEqual(before);
    await started();
    await caughtUp();
    expect(await rows()).toHaveLength(2);
  });
});
