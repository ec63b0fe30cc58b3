import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMasterDataKey, positionOf } from '@truc/change-event';
import { agentCommand, topicNames, type AgentReply, type DatasetPolicy, type PolicyEntry } from '@truc/coordination';
import { compactedTopic, openLogAdmin, openLogReader, type KafkaConnection } from '@truc/kafka';
import { comparePositions, type Position } from '@truc/kernel';
import { removeServerDirectory, startPostgres, type PostgresServer } from '@truc/local-stack';
import { captureStateKey, decodeCaptureState, FlowSet, scanToEnd, type CaptureState, type SchemaLookup } from '@truc/pipeline';
import { dropSlot, publicationSql } from '@truc/postgres-capture';
import { createLogger, Telemetry } from '@truc/telemetry';
import { eventually, personalId, testKafka, testPostgres, type TestPostgres } from '@truc/testing';
import { elementUrn } from './applied-policy.test-data.js';
import { captureName, capturePlans, type CaptureParts } from './capture-plans.js';
import { agentConfiguration, type SeatConfiguration } from './configuration.js';
import { DatasetsApart } from './datasets-apart.js';
import { ownAgency } from './own-agency.test-data.js';
import { obeyPostCommand } from './post-command.js';
import { RetryDesk } from './retry-desk.js';

const limitBytes = 1_048_576;
const title = '{vi: a, en: a}';
const tableOf = (table: string, subject: string, column = 'ten'): string => `
  - table: dancu.${table}
    subject: ${subject}
    publish: true
    primaryKey: [id]
    identification: {column: ma, element: ${elementUrn('person.personal-id')}}
    columns:
      - {column: ${column}, element: ${elementUrn('person.full-name')}, reference: ${subject !== 'resident'}}`;
/** Two datasets of one source. @param choice what becomes of a resident that breaks V2 @param column that a resident's name is in */
const documents = (choice: string, limit = '', column = 'ten'): string => `agency: {code: G01, name: ${title}}
---
dataset: {name: population.resident, agency: G01, title: ${title}, rules: {V2: ${choice}}}
---
dataset: {name: population.card, agency: G01, title: ${title}}
---
source: {agency: G01, database: population, schema: dancu, name: ${title}${limit}}
tables:${tableOf('cong_dan', 'resident', column)}${tableOf('the', 'card')}
`;

describe('a dataset that stops by itself', () => {
  const { prefix, ...kafka } = testKafka();
  const connection: KafkaConnection = { ...kafka };
  const { code: agency, slot, policyWith } = ownAgency('G93', prefix);
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  const log = createLogger('test', { level: 'silent' });
  const reader = openLogReader({ connection });
  const apart = new DatasetsApart(log);
  const flows = new FlowSet({ retryMs: 50 });
  const post = captureName('population');
  // A server of its own: the log that is held is the whole server's, and other tests write to the shared one.
  const directory = join(mkdtempSync(join(tmpdir(), 'truc-stopped-')), 'server');
  let server: PostgresServer;
  let db: TestPostgres;
  let resident: DatasetPolicy;
  let card: DatasetPolicy;
  let entries: PolicyEntry[];
  let seat: SeatConfiguration;
  let parts: CaptureParts;

  const follow = (text: string): Promise<void> => {
    entries = policyWith(text);
    return flows.follow(capturePlans(entries, seat, parts));
  };

  beforeAll(async () => {
    server = await startPostgres({ directory, durable: false });
    db = await testPostgres(server.url);
    await db.query('create schema dancu; create table rac (noi_dung text)');
    for (const table of ['cong_dan', 'the']) {
      await db.query(`create table dancu.${table} (id int primary key, ma text not null, ten text)`);
      await db.query(
        `create unique index nhan_dang_${table} on dancu.${table} (id, ma); alter table dancu.${table} replica identity using index nhan_dang_${table}`,
      );
    }
    await db.query(publicationSql({ name: slot, tables: ['dancu.cong_dan', 'dancu.the'] }, 180_000));
    entries = policyWith(documents('stop'));
    const datasets = entries.filter((entry) => entry.kind === 'dataset');
    resident = datasets.find(({ name }) => name === 'population.resident')!;
    card = datasets.find(({ name }) => name === 'population.card')!;
    const admin = openLogAdmin({ connection });
    await admin.ensureTopics([
      ...datasets.flatMap(({ topic, partitions, quarantineTopic }) => [
        { name: topic, partitions, config: compactedTopic() },
        { name: quarantineTopic, partitions: 1, config: compactedTopic() },
      ]),
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
    parts = { connection, schemas, telemetry, log, apart, retries: new RetryDesk() };
    await follow(documents('stop'));
  });

  afterAll(async () => {
    await flows.close();
    await reader.close();
    await dropSlot(db.url, slot).catch(() => {});
    await db.drop();
    await server.stop();
    removeServerDirectory(directory);
    await telemetry.shutdown();
  });

  async function events({ topic, partitions }: DatasetPolicy): Promise<number> {
    let count = 0;
    for (let partition = 0; partition < partitions; partition += 1)
      for await (const { key } of scanToEnd(reader, topic, partition, -2n, AbortSignal.timeout(20_000))) count += key.length > 0 ? 1 : 0;
    return count;
  }
  const insert = (table: string, id: number, name = 'Lê Thị C'): Promise<unknown> =>
    db.query(`insert into dancu.${table} values (${id}, '${personalId(id)}', '${name}')`);

  /** Source keys that are published; and that none ends with an event that is older than another of it. */
  async function published({ topic, partitions }: DatasetPolicy): Promise<number[]> {
    const last = new Map<string, { position: Position; highest: Position; row: string | null }>();
    for (let partition = 0; partition < partitions; partition += 1) {
      for await (const { key, value, headers } of scanToEnd(reader, topic, partition, -2n, AbortSignal.timeout(20_000))) {
        if (key.length === 0) continue;
        const position = positionOf(headers);
        const highest = last.get(key.toString('latin1'))?.highest ?? position;
        const row = value === null ? null : decodeMasterDataKey(key).key.row;
        last.set(key.toString('latin1'), { position, highest: comparePositions(position, highest) < 0 ? highest : position, row });
      }
    }
    for (const { position, highest } of last.values()) expect(position).toEqual(highest);
    return [...last.values()].flatMap(({ row }) => (row === null ? [] : Number((JSON.parse(row) as string[])[0]))).sort((a, b) => a - b);
  }
  const held = async (): Promise<string[]> => {
    const keys = new Map<string, boolean>();
    for await (const { key, value } of scanToEnd(reader, resident.quarantineTopic, 0, -2n, AbortSignal.timeout(20_000)))
      if (key.length > 0) keys.set(key.toString(), value !== null);
    return [...keys].flatMap(([key, isHeld]) => (isHeld ? [key] : []));
  };
  async function state(): Promise<CaptureState> {
    let last: CaptureState | null = null;
    for await (const { key, value } of scanToEnd(reader, topicNames.state(agency), 0, -2n, AbortSignal.timeout(20_000)))
      if (key.equals(captureStateKey(slot)) && value !== null) last = decodeCaptureState(value);
    if (last === null) throw new Error('there is no state yet');
    return last;
  }
  const walEnd = async (): Promise<bigint> => {
    const { rows } = await db.query("select pg_current_wal_lsn() - '0/0'::pg_lsn as lsn");
    return BigInt((rows as { lsn: string }[])[0]?.lsn ?? 0);
  };
  const confirmed = async (): Promise<bigint> => {
    const { rows } = await db.query(
      `select confirmed_flush_lsn - '0/0'::pg_lsn as lsn from pg_replication_slots where slot_name = '${slot}'`,
    );
    return BigInt((rows as { lsn: string }[])[0]?.lsn ?? 0);
  };
  const shows = (residents: number[], cards: number[], ...quarantined: string[]): Promise<unknown> =>
    eventually(
      async () => expect([await published(resident), await published(card), await held()]).toEqual([residents, cards, quarantined]),
      {
        timeoutMs: 60_000,
        intervalMs: 300,
      },
    );
  const command = (name: string, more: object = {}): Promise<AgentReply> => {
    const asked = {
      id: randomUUID(),
      command: name,
      source: 'population',
      deadlineMs: Date.now() + 50_000,
      principal: 'an operator',
      ...more,
    };
    const states = () => flows.states();
    return obeyPostCommand(agentCommand.parse(asked), { ...parts, seat, flows, entries, post, states }, AbortSignal.timeout(60_000));
  };
  const told = async (): Promise<unknown> => (await command('status')).detail[`${post}/population.resident`];
  /** As the source sees a process that is killed: what was not stored is lost, and the next attempt fences whatever is left. */
  const kill = async (): Promise<void> => {
    await db.query(
      `select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '${slot}' and active_pid is not null`,
    );
  };

  it('holds the slot while the other streams on, through a kill, and goes on from there when its choice is mended', async () => {
    await insert('cong_dan', 1);
    await insert('the', 1);
    await shows([1], [1]);
    await eventually(async () => expect((await state()).snapshots.every(({ done }) => done)).toBe(true), { timeoutMs: 30_000 });
    await db.query(
      `insert into dancu.cong_dan values (2, '${personalId(2)}', 'Lê Thị C'), (3, '${personalId(3)}', 'Lê  Thị C'); insert into dancu.the values (2, '${personalId(2)}', 'Lê Thị C')`,
    );
    const stoppedAt = await walEnd();
    await insert('the', 3);
    await insert('cong_dan', 4);
    // The transaction in the middle of which it stopped is published as far as it went, and comes again whole.
    await eventually(async () => expect(await published(card)).toEqual([1, 2, 3]), { timeoutMs: 30_000 });
    await eventually(async () => expect(await told()).toMatchObject({ kind: 'stopped', code: 'CAPTURE_RULE_STOP' }), { timeoutMs: 10_000 });
    await eventually(async () => expect((await state()).sequence).toBeGreaterThan(stoppedAt), { timeoutMs: 30_000 });
    const { lags } = await state();
    expect(lags).toMatchObject([{ kind: 'stopped', table: 'dancu.cong_dan', dataset: 'population.resident' }]);
    expect(await confirmed()).toBeLessThan(stoppedAt);

    await kill();
    await insert('the', 4);
    await eventually(async () => expect(await published(card)).toEqual([1, 2, 3, 4]), { timeoutMs: 30_000 });
    await eventually(async () => expect(await told()).toMatchObject({ kind: 'stopped' }), { timeoutMs: 10_000 });
    expect(await command('retry', { quarantine: { dataset: 'population.resident', entry: null } })).toMatchObject({
      ok: false,
      message: expect.stringContaining('population.resident is stopped') as string,
    });
    // A resumption tries again, and changes nothing as long as nothing is mended.
    expect(await command('resume')).toMatchObject({ ok: true });
    await insert('the', 5);
    await eventually(async () => expect(await published(card)).toEqual([1, 2, 3, 4, 5]), { timeoutMs: 30_000 });
    expect(await confirmed()).toBeLessThan(stoppedAt);
    expect((await state()).lags[0]?.sequence).toBeLessThan(stoppedAt);
    expect(await published(resident)).not.toContain(4);

    // What is not stored yet would come again.
    const written = await walEnd();
    await eventually(
      async () => {
        await db.query("select pg_logical_emit_message(true, 'test', 'tick')");
        expect((await state()).sequence).toBeGreaterThanOrEqual(written);
      },
      { timeoutMs: 30_000, intervalMs: 300 },
    );
    const cardEvents = await events(card);
    await follow(documents('quarantine'));
    await shows([1, 2, 4], [1, 2, 3, 4, 5], '["3"]');
    await eventually(
      async () => {
        await db.query("select pg_logical_emit_message(true, 'test', 'tick')");
        expect(await confirmed()).toBeGreaterThan(stoppedAt);
      },
      { timeoutMs: 30_000, intervalMs: 300 },
    );
    expect(await state()).toMatchObject({ epoch: 1, lags: [], gaps: [] });
    expect(await told()).toBeUndefined();
    // Nothing of the other dataset came again.
    expect(await events(card)).toBe(cardEvents);
  }, 240_000);

  it('has a gap of its own past the limit, and is read anew when a person resolves it', async () => {
    await follow(documents('stop', `, heldLogBytesMax: ${limitBytes}`));
    await db.query('delete from dancu.cong_dan where id = 3');
    await shows([1, 2, 4], [1, 2, 3, 4, 5]);
    await insert('cong_dan', 5, 'Lê  Thị C');
    await eventually(async () => expect(await told()).toMatchObject({ kind: 'stopped' }), { timeoutMs: 30_000 });
    await db.query('delete from dancu.cong_dan where id = 1');
    await db.query(`insert into rac select repeat(md5(n::text), 30) from generate_series(1, ${(3 * limitBytes) / 1_000}) n`);
    const past = await walEnd();
    await insert('the', 6);
    await shows([1, 2, 4], [1, 2, 3, 4, 5, 6]);
    await eventually(async () => expect(await told()).toMatchObject({ kind: 'gap', code: 'CAPTURE_HOLD_EXCEEDED', heldBytes: null }), {
      timeoutMs: 30_000,
    });
    // The source may forget what it kept; the other dataset goes on, also after a kill.
    await kill();
    await insert('the', 7);
    await eventually(async () => expect(await confirmed()).toBeGreaterThan(past), { timeoutMs: 30_000 });
    await insert('cong_dan', 6);
    await shows([1, 2, 4], [1, 2, 3, 4, 5, 6, 7]);
    expect((await state()).gaps).toMatchObject([{ code: 'CAPTURE_HOLD_EXCEEDED', dataset: 'population.resident', resolution: null }]);

    await db.query(`update dancu.cong_dan set ten = 'Lê Thị D' where id = 5`);
    const resolution = { gap: 'CAPTURE_HOLD_EXCEEDED', dataset: 'population.resident', reason: 'test' };
    // A capture that ends whenever somebody asks too early would get nowhere.
    const pause = flows.pause.bind(flows);
    let pauses = 0;
    flows.pause = (flow) => {
      pauses += 1;
      return pause(flow);
    };
    await expect(command('resolve', { resolution: { ...resolution, gap: 'CAPTURE_SLOT_LOST' } })).rejects.toMatchObject({
      code: 'CAPTURE_GAP_DIFFERS',
    });
    expect(pauses).toBe(0);
    const id = randomUUID();
    expect(await command('resolve', { id, resolution })).toMatchObject({ ok: true });
    expect(pauses).toBe(1);
    // The same command once more, whose reply was lost, has nothing to end.
    expect(await command('resolve', { id, resolution })).toMatchObject({ id, ok: true });
    expect(pauses).toBe(1);
    // 1 went while nobody looked, 5 was mended at the source.
    await shows([2, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7]);
    await insert('cong_dan', 7);
    await shows([2, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7]);
    expect(await state()).toMatchObject({ epoch: 1, lags: [], gaps: [{ resolution: { by: 'an operator', reason: 'test' } }] });
    expect(await told()).toBeUndefined();
  }, 240_000);

  it('is read anew by itself when its table was not published for a while', async () => {
    await follow(documents('quarantine'));
    await db.query('delete from dancu.cong_dan; delete from dancu.the');
    await insert('cong_dan', 30);
    await insert('cong_dan', 31);
    await shows([30, 31], []);
    await db.query(`alter publication ${slot} drop table dancu.cong_dan`);
    await db.query('delete from dancu.cong_dan where id = 30');
    await insert('cong_dan', 32);
    await insert('the', 30);
    await shows([30, 31], [30]);
    await db.query(`alter publication ${slot} add table dancu.cong_dan`);
    // It would find out by itself, within half a minute.
    await command('pause');
    await command('resume');
    await shows([31, 32], [30]);
    await insert('cong_dan', 33);
    await shows([31, 32, 33], [30]);
    expect((await state()).gaps.at(-1)).toMatchObject({
      code: 'CAPTURE_TABLE_INTERRUPTED',
      dataset: 'population.resident',
      resolution: { by: 'agent' },
    });
    expect(await told()).toBeUndefined();
  }, 120_000);

  it('stops at rows that its mapping does not fit any more, and goes on with the mapping that does', async () => {
    await follow(documents('quarantine'));
    await db.query('delete from dancu.cong_dan; delete from dancu.the');
    await insert('cong_dan', 20);
    await shows([20], []);
    await db.query('alter table dancu.cong_dan rename column ten to ho_ten');
    await insert('cong_dan', 21);
    await insert('the', 20);
    await eventually(async () => expect(await told()).toMatchObject({ kind: 'stopped', code: 'MAPPING_COLUMN_MISSING' }), {
      timeoutMs: 30_000,
    });
    await db.query('delete from dancu.cong_dan where id = 20');
    await shows([20], [20]);
    await follow(documents('quarantine', '', 'ho_ten'));
    await shows([21], [20]);
    await eventually(
      async () => {
        await db.query("select pg_logical_emit_message(true, 'test', 'tick')");
        expect(await told()).toBeUndefined();
      },
      { timeoutMs: 30_000, intervalMs: 300 },
    );
  }, 120_000);
});
