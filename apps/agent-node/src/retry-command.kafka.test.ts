import { randomUUID } from 'node:crypto';
import { decodeMasterDataKey, positionOf } from '@truc/change-event';
import { agentCommand, topicNames, type AgentReply, type DatasetPolicy, type PolicyEntry } from '@truc/coordination';
import { compactedTopic, openLogAdmin, openLogReader, type KafkaConnection } from '@truc/kafka';
import { decodeCaptureState, FlowSet, scanToEnd, type SchemaLookup } from '@truc/pipeline';
import { dropSlot, publicationSql } from '@truc/postgres-capture';
import { createLogger, Telemetry } from '@truc/telemetry';
import { eventually, personalId, testKafka, testPostgres, type TestPostgres } from '@truc/testing';
import { residentDocuments } from './applied-policy.test-data.js';
import { capturePlans, type CaptureParts } from './capture-plans.js';
import { agentConfiguration, type SeatConfiguration } from './configuration.js';
import { ownAgency } from './own-agency.test-data.js';
import { obeyRetry } from './retry-command.js';
import { RetryDesk } from './retry-desk.js';

describe('a retry', () => {
  const { prefix, ...kafka } = testKafka();
  const connection: KafkaConnection = { ...kafka };
  const { code: agency, slot, policyWith } = ownAgency('G92', prefix);
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  const reader = openLogReader({ connection });
  const retries = new RetryDesk();
  const flows = new FlowSet({ retryMs: 50 });
  const codes = [1, 2, 3].map((number) => personalId(number));
  let db: TestPostgres;
  let entries: PolicyEntry[];
  let dataset: DatasetPolicy;
  let seat: SeatConfiguration;
  let parts: CaptureParts;

  beforeAll(async () => {
    db = await testPostgres();
    await db.query('create schema dancu; create table dancu.cong_dan (id int primary key, so_dinh_danh text not null, ho_ten text)');
    await db.query(
      'create unique index nhan_dang on dancu.cong_dan (id, so_dinh_danh); alter table dancu.cong_dan replica identity using index nhan_dang',
    );
    await db.query(publicationSql({ name: slot, tables: ['dancu.cong_dan'] }, 180_000));
    entries = policyWith(residentDocuments(', oneRowPerCode: true'));
    const found = entries.find((entry) => entry.kind === 'dataset');
    if (found?.kind !== 'dataset') throw new Error('no dataset');
    dataset = found;
    const admin = openLogAdmin({ connection });
    await admin.ensureTopics([
      { name: dataset.topic, partitions: dataset.partitions, config: compactedTopic() },
      { name: dataset.quarantineTopic, partitions: 1, config: compactedTopic() },
      { name: topicNames.state(agency), partitions: 1, config: compactedTopic() },
    ]);
    await admin.close();
    const sources = { population: { url: db.url, slot, publication: slot } };
    const registry = { url: 'http://127.0.0.1:1', principal: 'x', token: 'x' };
    seat = agentConfiguration.parse({ port: 0, seats: [{ agency, kafka: connection, registry, sources }] }).seats[0]!;
    const ids = new Map<string, number>();
    const schemas: SchemaLookup = {
      idOf: (_, schema) => Promise.resolve(ids.get(schema) ?? ids.set(schema, ids.size + 1).size),
      schemaById: () => Promise.resolve(null),
      hasVersion: () => Promise.resolve(true),
    };
    parts = { connection, schemas, telemetry, log: createLogger('test', { level: 'silent' }), retries };
  });

  afterAll(async () => {
    await flows.close();
    await reader.close();
    await dropSlot(db.url, slot).catch(() => {});
    await db.drop();
    await telemetry.shutdown();
  });

  async function alive(topic: string, partitions: number): Promise<Map<string, boolean>> {
    const keys = new Map<string, boolean>();
    for (let partition = 0; partition < partitions; partition += 1) {
      for await (const { key, value } of scanToEnd(reader, topic, partition, -2n, AbortSignal.timeout(20_000)))
        if (key.length > 0) keys.set(key.toString('latin1'), value !== null);
    }
    return keys;
  }
  const published = async (): Promise<string[]> =>
    [...(await alive(dataset.topic, dataset.partitions))]
      .flatMap(([key, isAlive]) => (isAlive ? [decodeMasterDataKey(Buffer.from(key, 'latin1')).key.row] : []))
      .sort();
  const held = async (): Promise<string[]> =>
    [...(await alive(dataset.quarantineTopic, 1))].flatMap(([key, isHeld]) => (isHeld ? [key] : [])).sort();
  const shows = (rows: { readonly published: string[]; readonly held: string[] }): Promise<unknown> =>
    eventually(
      async () =>
        expect({
          published: await published(),
          held: await held(),
          ...(Object.values(flows.states()).some(({ kind }) => kind === 'running') ? {} : { capture: flows.states() }),
        }).toEqual(rows),
      { timeoutMs: 15_000 },
    );

  /** Until everything that is on the log is stored: a retry is of what the next start finds held. */
  const isStored = (): Promise<unknown> =>
    eventually(async () => {
      let sequence = 0n;
      let isDone = false;
      for await (const { value } of scanToEnd(reader, topicNames.state(agency), 0, -2n, AbortSignal.timeout(20_000))) {
        const state = decodeCaptureState(value ?? Buffer.alloc(0));
        sequence = state.sequence;
        isDone = state.snapshots.every(({ done }) => done);
      }
      const topics = [{ topic: dataset.quarantineTopic, partitions: 1 }, dataset];
      for (const { topic, partitions } of topics) {
        for (let partition = 0; partition < partitions; partition += 1) {
          for await (const { headers } of scanToEnd(reader, topic, partition, -2n, AbortSignal.timeout(20_000)))
            expect(positionOf(headers).sequence <= sequence).toBe(true);
        }
      }
      expect(isDone).toBe(true);
    });

  function retry(more: { readonly rule?: string } = {}): Promise<AgentReply> {
    const asked = agentCommand.parse({
      id: randomUUID(),
      command: 'retry',
      source: 'population',
      quarantine: { dataset: 'population.resident', entry: null, ...more },
      deadlineMs: Date.now() + 40_000,
      principal: 'alice',
    });
    return obeyRetry(asked, { connection, telemetry, entries, seat, flows, retries }, new AbortController().signal);
  }

  it('publishes what is good now and keeps the rest, and a change of what rows are judged by reads all again by itself', async () => {
    expect(await retry()).toMatchObject({ ok: false, message: expect.stringContaining('has to run for a retry') as string });
    await flows.follow(capturePlans(entries, seat, parts));
    await db.query(
      `insert into dancu.cong_dan values (1, '${codes[0]}', 'Trần Văn A'), (2, '${codes[0]}', 'Trần Văn A'), (3, '${codes[1]}', 'Lê  Thị B')`,
    );
    await shows({ published: ['["1"]'], held: ['["2"]', '["3"]'] });
    expect(await retry()).toMatchObject({
      ok: true,
      message: expect.stringContaining('2 rows were read again: 0 are held no more') as string,
    });
    // The first row of the code goes, and nothing reads the second by itself.
    await db.query('delete from dancu.cong_dan where id = 1');
    await shows({ published: [], held: ['["2"]', '["3"]'] });
    await isStored();
    expect(await retry({ rule: 'V9' })).toMatchObject({ ok: true, detail: { asked: 1, released: 1 } });
    await shows({ published: ['["2"]'], held: ['["3"]'] });
    expect(await retry({ rule: 'V9' })).toMatchObject({ ok: true, message: 'nothing is held that this names' });
    // The stream goes on where it was.
    await db.query(`insert into dancu.cong_dan values (4, '${codes[2]}', 'Lê Thị C')`);
    await shows({ published: ['["2"]', '["4"]'], held: ['["3"]'] });
    await flows.follow(capturePlans(policyWith(residentDocuments(', oneRowPerCode: true, rules: {V2: pass}')), seat, parts));
    await shows({ published: ['["2"]', '["3"]', '["4"]'], held: [] });
    await db.query('delete from dancu.cong_dan');
    await shows({ published: [], held: [] });
  }, 120_000);
});
