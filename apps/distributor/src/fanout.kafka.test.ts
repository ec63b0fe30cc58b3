import { compileCodec, unframe } from '@truc/avro';
import {
  decodeMasterDataKey,
  masterDataKeySchema,
  namespaceOfTopic,
  partitionForCode,
  positionOf,
  shippedSchema,
  viewValueSchema,
  type ViewEnvelope,
} from '@truc/change-event';
import type { ViewPolicy } from '@truc/contracts';
import { openLogAdmin, openLogReader, openLogWriter, type LogAdmin } from '@truc/kafka';
import { comparePositions, systemClock, type Position, type Row } from '@truc/kernel';
import {
  FanoutFlow,
  FlowSupervisor,
  scanToEnd,
  type FanoutParts,
  type LogReader,
  type LogRecord,
  type LogWriter,
  type StoredRecord,
} from '@truc/pipeline';
import { Telemetry } from '@truc/telemetry';
import { eventually, personalId, residentFields, TestDataset, testKafka, TestSchemas } from '@truc/testing';

const at = (sequence: number, index = 0): Position => ({ epoch: 1, sequence: BigInt(sequence), index });
const secret = Buffer.from('a secret of the distributor that is long enough');
const signal = new AbortController().signal;

interface ViewRecord {
  readonly key: ReturnType<typeof decodeMasterDataKey>['key'];
  readonly envelope: ViewEnvelope | null;
  readonly position: Position;
  readonly stored: StoredRecord;
}

describe('fanning a dataset out into its views', () => {
  const telemetry = new Telemetry({ service: 'distributor', otlpEndpoint: null });
  let prefix: string;
  let connection: Omit<ReturnType<typeof testKafka>, 'prefix'>;
  let admin: LogAdmin;
  let reader: LogReader;
  let agent: LogWriter;
  let schemas: TestSchemas;
  let dataset: TestDataset;
  let stateTopic: string;
  let rejectedTopic: string;
  let number = 0;
  const supervisors: FlowSupervisor[] = [];

  function viewOf(name: string, fields: readonly string[], codeInClear: boolean): ViewPolicy {
    const topic = `${prefix}.view.${name}${number}`;
    const rowFields = residentFields.filter((field) => fields.includes(field.name));
    const row = { type: 'record', name: 'Row', namespace: namespaceOfTopic(topic), fields: rowFields };
    return {
      kind: 'view',
      id: `${name}${number}`,
      topic,
      dataset: dataset.name,
      generation: 1,
      datasetTopic: dataset.topic,
      partitions: dataset.partitions,
      scheme: dataset.scheme,
      codeField: dataset.codeField,
      codeInClear,
      fields: fields.map((field) => ({ name: field, element: `urn:x:${field}`, role: 'source', protection: 'none', required: false })),
      valueSchema: viewValueSchema(topic, row),
    };
  }

  function register({ topic, valueSchema }: ViewPolicy): void {
    schemas.register(`${topic}-key`, masterDataKeySchema);
    schemas.register(`${topic}-value`, valueSchema);
  }

  async function provide(view: ViewPolicy): Promise<ViewPolicy> {
    register(view);
    await admin.ensureTopics([{ name: view.topic, partitions: view.partitions, config: {} }]);
    return view;
  }

  async function started(views: readonly ViewPolicy[], more: Partial<FanoutParts> = {}): Promise<FlowSupervisor> {
    const flow = new FanoutFlow(views, {
      reader,
      openWriter: (transactionalId, partitions) => openLogWriter({ connection, transactionalId, partitions }),
      schemas,
      isReleased: async (release) => release === 1,
      secret,
      service: `${prefix}.distributor`,
      stateTopic,
      rejectedTopic,
      telemetry,
      clock: systemClock,
      storeEveryMs: 50,
      readyEveryMs: 50,
      ...more,
    });
    const supervisor = new FlowSupervisor({ run: (stop) => flow.run(stop), retryMs: 20, retryMsMax: 200 });
    supervisors.push(supervisor);
    await supervisor.resume();
    return supervisor;
  }

  async function write(records: readonly LogRecord[]): Promise<void> {
    await agent.write(records);
    await agent.flush();
  }

  async function records(topic: string, partitions = dataset.partitions): Promise<StoredRecord[]> {
    const found: StoredRecord[] = [];
    for (let partition = 0; partition < partitions; partition += 1) {
      for await (const record of scanToEnd(reader, topic, partition, -2n, signal)) found.push(record);
    }
    return found;
  }

  async function viewRecords({ topic, valueSchema }: ViewPolicy): Promise<ViewRecord[]> {
    const codec = compileCodec(valueSchema);
    return (await records(topic)).map((stored) => ({
      key: decodeMasterDataKey(stored.key).key,
      envelope: stored.value === null ? null : (codec.decode(unframe(stored.value).body) as ViewEnvelope),
      position: positionOf(stored.headers),
      stored,
    }));
  }

  /** Last version of every row, by key. */
  async function rowsAtRest(view: ViewPolicy): Promise<Map<string, Row>> {
    const rows = new Map<string, Row>();
    for (const { key, envelope } of await viewRecords(view)) {
      const name = `${key.code}/${key.row}`;
      if (envelope === null || envelope.after === null) rows.delete(name);
      else rows.set(name, envelope.after);
    }
    return rows;
  }

  async function stateOf(
    view: ViewPolicy,
    partition: number,
  ): Promise<{ nextOffset: string; viewEndOffset: string | null; sentUpTo: unknown } | null> {
    const found = (await records(stateTopic, 1)).filter(({ key }) => key.toString() === `${view.id}/${partition}`).at(-1);
    return found === undefined || found.value === null ? null : JSON.parse(found.value.toString());
  }

  async function caughtUp(views: readonly ViewPolicy[]): Promise<void> {
    await eventually(async () => {
      for (const view of views) {
        for (let partition = 0; partition < dataset.partitions; partition += 1) {
          expect((await stateOf(view, partition))?.nextOffset).toBe((await reader.bounds(dataset.topic, partition)).end.toString());
        }
      }
    });
  }

  beforeEach(async () => {
    ({ prefix, ...connection } = testKafka());
    number += 1;
    schemas = new TestSchemas();
    stateTopic = `${prefix}.state.distributor${number}`;
    rejectedTopic = `${prefix}.rejected.distributor${number}`;
    schemas.register(`${rejectedTopic}-value`, shippedSchema('RejectedRecord'));
    dataset = new TestDataset(`${prefix}.data.g01.population.resident.v${number}`, 2, schemas);
    admin = openLogAdmin({ connection });
    reader = openLogReader({ connection, fetchWaitMs: 50 });
    await admin.ensureTopics([
      { name: dataset.topic, partitions: 2, config: {} },
      { name: stateTopic, partitions: 1, config: {} },
      { name: rejectedTopic, partitions: 1, config: {} },
    ]);
    const partitions = [0, 1].map((partition) => ({ topic: dataset.topic, partition }));
    agent = await openLogWriter({ connection, transactionalId: `${prefix}.agent${number}`, partitions });
  });

  afterEach(async () => {
    await Promise.allSettled(supervisors.splice(0).map((one) => one.close()));
    await Promise.allSettled([agent.close(), reader.close()]);
    await admin.deleteTopics((await admin.listTopics()).filter((name) => name.startsWith(`${prefix}.`))).catch(() => {});
    await admin.close();
  });

  afterAll(() => telemetry.shutdown());

  it('shows each view its own fields and nothing else, in values, keys and headers', async () => {
    const named = await provide(viewOf('named', ['personalId', 'fullName'], true));
    const masked = await provide(viewOf('masked', ['birthDate', 'landArea'], false));
    await started([named, masked]);
    const canary = 'CANARY-4471';
    const moved = dataset.change('u', 3, at(12), dataset.row(3, { fullName: 'Ba' }), `["${canary}"]`);
    await write([
      dataset.change('r', 1, at(10), dataset.row(1, { fullName: 'Một', birthDate: 1 })),
      dataset.change('u', 1, at(11), dataset.row(1, { fullName: 'Một hai', birthDate: 2 })),
      dataset.change('c', 2, at(11, 1)),
      dataset.change('d', 2, at(11, 2)),
      dataset.tombstone(2, at(11, 2)),
      { ...moved, headers: [...moved.headers, { key: '__debezium.oldkey', value: Buffer.from(canary) }] },
    ]);
    await caughtUp([named, masked]);

    const inClear = await viewRecords(named);
    const first = inClear.filter(({ key }) => key.code === personalId(1));
    expect(first.map(({ envelope, position, key }) => [envelope?.op, envelope?.before, envelope?.after, position, key.row])).toEqual([
      ['r', null, { personalId: personalId(1), fullName: 'Một' }, at(10), ''],
      ['u', null, { personalId: personalId(1), fullName: 'Một hai' }, at(11), ''],
    ]);
    expect(first[0]?.envelope?.source).toEqual({ ts_ms: 1_700_000_000_000n, epoch: 1, sequence: 10n, index: 0n });
    const second = inClear.filter(({ key }) => key.code === personalId(2));
    expect(second.map(({ envelope }) => envelope?.op ?? null)).toEqual(['c', 'd', null]);
    expect(second[1]?.envelope?.after).toBeNull();
    for (const { key, stored } of inClear) expect(stored.partition).toBe(partitionForCode(key.code, 2));
    expect(inClear.find(({ key }) => key.code === personalId(3))?.key.row).toMatch(/^[\w-]{22}$/);

    const hidden = await viewRecords(masked);
    expect(hidden).toHaveLength(6);
    for (const { stored } of [...hidden, ...inClear]) {
      const bytes = Buffer.concat([
        stored.key,
        stored.value ?? Buffer.alloc(0),
        ...stored.headers.flatMap(({ key, value }) => [Buffer.from(key), value]),
      ]);
      expect(bytes.includes(canary) || bytes.includes('g01.population')).toBe(false);
      if (stored.topic === masked.topic)
        expect([1, 2, 3].some((one) => bytes.includes(personalId(one))) || bytes.includes('Một')).toBe(false);
      expect(stored.headers.map(({ key }) => key).filter((key) => key !== 'traceparent')).toEqual(['truc-epoch', 'truc-position']);
    }
    expect(new Set(hidden.map(({ key }) => key.code)).size).toBe(3);
    expect(hidden.some(({ stored }) => stored.headers.some(({ key }) => key === 'traceparent'))).toBe(true);
    expect(await records(rejectedTopic, 1)).toEqual([]);
  });

  it('fills a view that comes later from the log, and hands over where the others stand', async () => {
    const early = await provide(viewOf('early', ['personalId', 'fullName'], true));
    const supervisor = await started([early]);
    await write(Array.from({ length: 300 }, (_, one) => dataset.change('c', one, at(1, one))));
    await caughtUp([early]);
    const before = await records(early.topic);
    await supervisor.close();

    const late = viewOf('late', ['personalId', 'birthDate'], true);
    const second = await started([early, late]);
    await write(
      Array.from({ length: 100 }, (_, one) => dataset.change('u', one, at(2, one), dataset.row(one, { fullName: 'neu', birthDate: one }))),
    );
    // Its topic is not there yet: the other view goes on without it.
    await caughtUp([early]);
    await provide(late);
    await caughtUp([early, late]);
    await write([dataset.change('u', 7, at(3), dataset.row(7, { fullName: 'cuối', birthDate: 777 }))]);
    await caughtUp([early, late]);
    expect(second.state.kind).toBe('running');

    expect(await records(early.topic)).toHaveLength(before.length + 101);
    const filled = await viewRecords(late);
    expect(filled).toHaveLength(401);
    const rows = await rowsAtRest(late);
    expect(rows.size).toBe(300);
    expect([7, 8, 250].map((one) => rows.get(`${personalId(one)}/`)?.['birthDate'])).toEqual([777, 8, 7_300]);
  });

  it('loses nothing and ends at the highest position when distributors are abandoned in the middle; the abandoned ones are fenced', async () => {
    const view = await provide(viewOf('steady', ['personalId', 'fullName'], true));
    // The first never stores on the way: whoever follows sends again what it sent.
    const all = [await started([view], { storeEveryMs: 3_600_000 })];
    const rounds = 9;
    const rowsCount = 100;
    for (let round = 0; round < rounds; round += 1) {
      await write(
        Array.from({ length: rowsCount }, (_, one) =>
          dataset.change(round === 0 ? 'c' : 'u', one, at(round + 1, one), dataset.row(one, { fullName: `round ${round}` })),
        ),
      );
      if (round === 2) await eventually(async () => expect((await records(view.topic)).length).toBe(3 * rowsCount));
      if (round % 3 === 2) all.push(await started([view]));
    }
    await caughtUp([view]);
    const rows = await rowsAtRest(view);
    expect(rows.size).toBe(rowsCount);
    expect(new Set([...rows.values()].map((row) => row['fullName']))).toEqual(new Set([`round ${rounds - 1}`]));
    const highest = new Map<string, Position>();
    const last = new Map<string, Position>();
    const found = await viewRecords(view);
    for (const { key, position } of found) {
      const known = highest.get(key.code);
      if (known === undefined || comparePositions(position, known) > 0) highest.set(key.code, position);
      last.set(key.code, position);
    }
    expect(last).toEqual(highest);
    // What the first one had sent without storing it was sent again.
    expect(found.length).toBeGreaterThan(rounds * rowsCount);
    // Who is fenced learns it from what it writes next. Who of them opened last is left; none of them waited for the other.
    let sequence = 100;
    await eventually(
      async () => {
        sequence += 1;
        await write([1, 2, 3, 4].map((one) => dataset.change('u', one, at(sequence, one))));
        expect(all.map(({ state }) => ('code' in state ? state.code : state.kind)).toSorted()).toEqual([
          ...all.slice(1).map(() => 'LOG_FENCED'),
          'running',
        ]);
      },
      { intervalMs: 200 },
    );
  });

  it('continues after an orderly stop without sending anything again', async () => {
    const view = await provide(viewOf('orderly', ['personalId'], true));
    const first = await started([view], { storeEveryMs: 3_600_000 });
    await write([dataset.change('c', 1, at(1)), dataset.change('c', 2, at(2))]);
    await eventually(async () => expect(await records(view.topic)).toHaveLength(2));
    await first.close();
    expect(first.state.kind).toBe('closed');
    await started([view]);
    await write([dataset.change('c', 3, at(3))]);
    await caughtUp([view]);
    expect(await records(view.topic)).toHaveLength(3);
    expect(await stateOf(view, partitionForCode(personalId(3), 2))).toMatchObject({ sentUpTo: { epoch: 1, sequence: '3', index: 0 } });
  });

  it('refuses what it cannot read, tells of it and goes on', async () => {
    const view = await provide(viewOf('careful', ['personalId', 'fullName'], true));
    await started([view]);
    const good = dataset.change('c', 1, at(1));
    await write([
      { ...good, value: Buffer.from('CANARY') },
      { ...good, headers: [] },
      { ...dataset.change('c', 2, at(2)), partition: good.partition },
    ]);
    await caughtUp([view]);
    expect((await viewRecords(view)).map(({ key }) => key.code)).toEqual([personalId(2)]);
    const codec = compileCodec(shippedSchema('RejectedRecord'));
    const refused = (await records(rejectedTopic, 1)).map(
      ({ value }) => codec.decode(unframe(value as Buffer).body) as { reasons: { rule: string }[] },
    );
    expect(refused.map(({ reasons }) => reasons[0]?.rule)).toEqual(['AVRO_FRAME_INVALID', 'POSITION_INVALID']);
  });

  it('waits while the registry cannot be asked, and stops by name at a state that cannot be read', async () => {
    const view = await provide(viewOf('patient', ['personalId'], true));
    schemas.isReachable = false;
    const waiting = await started([view]);
    await eventually(() => expect(waiting.state).toMatchObject({ kind: 'retrying', code: 'REGISTRY_UNREACHABLE' }));
    await write([dataset.change('c', 1, at(1))]);
    schemas.isReachable = true;
    await caughtUp([view]);
    await waiting.close();
    const vandal = await openLogWriter({
      connection,
      transactionalId: `${prefix}.vandal`,
      partitions: [{ topic: stateTopic, partition: 0 }],
    });
    await vandal.write([
      {
        topic: stateTopic,
        partition: 0,
        key: Buffer.from(`${view.id}/0`),
        value: Buffer.from('{"nextOffset":-5}'),
        headers: [],
        timestampMs: 0,
      },
    ]);
    await vandal.close();
    const stopped = await started([view]);
    await eventually(() => expect(stopped.state).toMatchObject({ kind: 'stopped', code: 'FANOUT_STATE_INVALID' }));
  });

  it('stops by name when a view was sent what the dataset does not hold any more', async () => {
    const view = await provide(viewOf('ahead', ['personalId'], true));
    const partition = partitionForCode(personalId(1), 2);
    // Sent, acknowledged, and never stored: as if the process had ended right then.
    const first = await started([view], { storeEveryMs: 3_600_000 });
    await write([dataset.change('c', 1, at(1)), dataset.change('u', 1, at(2))]);
    await eventually(async () => expect((await records(view.topic)).length).toBe(2));
    await admin.deleteTopics([dataset.topic]);
    await agent.close();
    await admin.ensureTopics([{ name: dataset.topic, partitions: 2, config: {} }]);
    const partitions = [0, 1].map((one) => ({ topic: dataset.topic, partition: one }));
    agent = await openLogWriter({ connection, transactionalId: `${prefix}.agent${number}`, partitions });
    await write([dataset.change('c', 1, at(1))]);

    const second = await started([view]);
    await eventually(() => expect(second.state).toMatchObject({ kind: 'stopped', code: 'FANOUT_DATASET_SHORT' }));
    expect('reason' in second.state && second.state.reason).toContain(
      `${view.topic}/${partition} was sent events up to epoch 1, sequence 2`,
    );
    expect(first.state.kind).not.toBe('closed');
    expect(await records(view.topic)).toHaveLength(2);

    // The source captured anew: what comes then is above all that was sent.
    await write([dataset.change('r', 1, { epoch: 2, sequence: 1n, index: 0 })]);
    await second.resume();
    await caughtUp([view]);
    expect((await viewRecords(view)).at(-1)?.position).toEqual({ epoch: 2, sequence: 1n, index: 0 });
  });
});
