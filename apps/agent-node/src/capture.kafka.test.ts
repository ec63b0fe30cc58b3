import { compileCodec, unframe } from '@truc/avro';
import { decodeMasterDataKey, positionOf, type ChangeEnvelope } from '@truc/change-event';
import type { PolicyEntry } from '@truc/coordination';
import { codeListFiles, createWorld, demoDocuments, loadSources, prepareSource, runLife, runMerger, type World } from '@truc/demo';
import { compileValueRules, vietnamToday } from '@truc/dictionary';
import { compactedTopic, openLogAdmin, openLogReader, type KafkaConnection } from '@truc/kafka';
import { comparePositions, systemClock, type Position } from '@truc/kernel';
import { compileTable } from '@truc/mapping';
import { scanToEnd, type SchemaLookup } from '@truc/pipeline';
import { dropSlot, readRows } from '@truc/postgres-capture';
import { createLogger, Telemetry } from '@truc/telemetry';
import { eventually, testKafka, testPostgres, type TestPostgres } from '@truc/testing';
import { appliedPolicy, shippedDictionary } from './applied-policy.test-data.js';
import { capturePlan, runCapture, type CapturePlan } from './capture-plan.js';

/** The demo's policy under an agency of its own, so that its topics are this test's alone. */
function policyOf(world: World, slug: string): PolicyEntry[] {
  const lists = codeListFiles(world);
  const files = [...shippedDictionary.filter(({ path }) => !lists.some((list) => list.path === path)), ...lists, ...demoDocuments()];
  return appliedPolicy(files).map(
    (entry) =>
      JSON.parse(
        JSON.stringify(entry).replaceAll('"data.g01.', `"data.${slug}.`).replaceAll('"quarantine.g01.', `"quarantine.${slug}.`),
      ) as PolicyEntry,
  );
}

/** A registry of its own: ids by text. */
function memorySchemas(): SchemaLookup {
  const ids = new Map<string, number>();
  return {
    idOf: (_subject, schema) => {
      if (!ids.has(schema)) ids.set(schema, ids.size + 1);
      return Promise.resolve(ids.get(schema) ?? null);
    },
    schemaById: (id) => Promise.resolve([...ids].find(([, known]) => known === id)?.[0] ?? null),
    hasVersion: () => Promise.resolve(true),
  };
}

describe('capture of the demo population', () => {
  const { prefix, ...kafka } = testKafka();
  const connection: KafkaConnection = { ...kafka };
  const slug = `g01-${prefix.replaceAll(/[^a-z0-9]/g, '').slice(-3)}`;
  const slot = `truc_${prefix.replaceAll(/[^a-z0-9]/g, '_')}`.slice(0, 60);
  const world = createWorld({ seed: 7, residents: 1_500 });
  const log = createLogger('test', { level: 'silent' });
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  const schemas = memorySchemas();
  const reader = openLogReader({ connection });
  let population: TestPostgres;
  let administrative: TestPostgres;
  let plan: CapturePlan;
  let agentUrl: string;

  beforeAll(async () => {
    population = await testPostgres();
    administrative = await testPostgres();
    await loadSources(world, { populationUrl: population.url, administrativeUrl: administrative.url });
    const entries = policyOf(world, slug);
    const found = capturePlan(entries, 'G01', 'population');
    if (found === null) throw new Error('the demo has no population source');
    plan = { ...found, source: { ...found.source, agency: slug.toUpperCase().replace('-', '.') } };
    const tables = plan.source.tables.map((table) => {
      const dataset = plan.datasets.find(({ name }) => name === table.dataset);
      if (dataset === undefined) throw new Error(table.dataset);
      return { table: table.table, columns: compileTable(table, dataset, plan.release).columns };
    });
    await prepareSource(population.url, { role: slot, password: 'secret', publication: slot, tables });
    const url = new URL(population.url);
    url.username = slot;
    url.password = 'secret';
    agentUrl = url.toString();
    const admin = openLogAdmin({ connection });
    await admin.ensureTopics([
      ...plan.datasets.flatMap((dataset) => [
        { name: dataset.topic, partitions: dataset.partitions, config: compactedTopic() },
        { name: dataset.quarantineTopic, partitions: 1, config: compactedTopic() },
      ]),
      { name: `state.${slug}`, partitions: 1, config: compactedTopic() },
    ]);
    await admin.close();
  });

  afterAll(async () => {
    await reader.close();
    await dropSlot(population.url, slot).catch(() => {});
    await population.drop();
    await administrative.drop();
    await telemetry.shutdown();
  });

  /** Runs one capture until `until` holds, then stops it in order or by force. */
  async function captureUntil(until: () => Promise<boolean>, during: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    const stop = new AbortController();
    const database = { url: agentUrl, slot, publication: slot };
    const running = runCapture(plan, { connection, schemas, database, telemetry, log }, stop.signal);
    running.catch(() => {});
    try {
      await Promise.race([
        running.then(() => Promise.reject(new Error('the capture ended'))),
        during().then(() => eventually(until, { timeoutMs: 45_000 })),
      ]);
    } finally {
      stop.abort();
      await running;
    }
  }

  interface LogState {
    readonly rows: Map<string, ChangeEnvelope['after']>;
    readonly lastIsHighest: boolean;
    readonly records: number;
    /** Events of a snapshot among them. */
    readonly reads: number;
  }

  /** What the topic says at rest: the last record of every key, and whether it has the key's highest position. */
  async function logState(topic: string, partitions: number): Promise<LogState> {
    const rows = new Map<string, ChangeEnvelope['after']>();
    const highest = new Map<string, Position>();
    const last = new Map<string, Position>();
    let records = 0;
    let reads = 0;
    for (let partition = 0; partition < partitions; partition += 1) {
      for await (const record of scanToEnd(reader, topic, partition, -2n, AbortSignal.timeout(30_000))) {
        records += 1;
        const { key } = decodeMasterDataKey(record.key);
        const id = JSON.stringify(key);
        const position = positionOf(record.headers);
        const known = highest.get(id);
        if (known === undefined || comparePositions(position, known) > 0) highest.set(id, position);
        last.set(id, position);
        if (record.value === null) {
          rows.delete(id);
          continue;
        }
        const { schemaId, body } = unframe(record.value);
        const schema = await schemas.schemaById(schemaId);
        const { after, op } = compileCodec(schema ?? '').decode(body) as ChangeEnvelope;
        if (op === 'r') reads += 1;
        if (after === null) rows.delete(id);
        else rows.set(id, after);
      }
    }
    const lastIsHighest = [...last].every(([id, position]) => comparePositions(position, highest.get(id) ?? position) === 0);
    return { rows, lastIsHighest, records, reads };
  }

  /** The source's good rows, mapped and judged apart from the flow. */
  async function sourceRows(
    dataset: CapturePlan['datasets'][number],
  ): Promise<{ good: Map<string, ChangeEnvelope['after']>; bad: number }> {
    const table = plan.source.tables.find((one) => one.dataset === dataset.name);
    if (table === undefined) throw new Error(dataset.name);
    const compiled = compileTable(table, dataset, plan.release);
    const rules = compileValueRules(plan.release, dataset.fields, { codeField: dataset.codeField, today: () => vietnamToday(systemClock) });
    const good = new Map<string, ChangeEnvelope['after']>();
    let bad = 0;
    const types = await population.query(
      'select attname, format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = $1::regclass and attnum > 0',
      [table.table],
    );
    const typeOf = new Map((types.rows as { attname: string; type: string }[]).map(({ attname, type }) => [attname, type]));
    const columns = compiled.columns.map((name) => ({ name, type: typeOf.get(name) ?? 'text', isKey: table.primaryKey.includes(name) }));
    const bound = compiled.bind(columns);
    for await (const page of readRows(population.url, table.table, compiled.columns, { pageRows: 1_000 })) {
      for (const values of page) {
        const { row, code, rowKey, problems, referenceDate } = bound.map(values);
        if (problems.length > 0 || rules(row, { referenceDate: referenceDate ?? '2026-01-01' }).length > 0) bad += 1;
        else good.set(JSON.stringify({ scheme: dataset.scheme, code, row: rowKey }), row);
      }
    }
    return { good, bad };
  }

  const isSnapshotDone = async (): Promise<boolean> => {
    let done = false;
    for await (const record of scanToEnd(reader, `state.${slug}`, 0, -2n, AbortSignal.timeout(10_000))) {
      const state = JSON.parse(record.value?.toString('utf8') ?? '{}') as { snapshots?: { done: boolean }[] };
      done = state.snapshots?.length === 2 && state.snapshots.every((progress) => progress.done);
    }
    return done;
  };

  const isConfirmed = async (): Promise<boolean> => {
    const lsn = await population.query('select pg_current_wal_lsn() as lsn');
    const target = (lsn.rows as { lsn: string }[])[0]?.lsn;
    await eventually(
      async () => {
        await population.query("select pg_logical_emit_message(true, 'test', 'tick')");
        const slots = await population.query(
          'select confirmed_flush_lsn >= $1::pg_lsn as done from pg_replication_slots where slot_name = $2',
          [target, slot],
        );
        return (slots.rows as { done: boolean }[])[0]?.done === true;
      },
      { timeoutMs: 45_000, intervalMs: 300 },
    );
    return true;
  };

  async function expectLogEqualsSource(): Promise<void> {
    for (const dataset of plan.datasets) {
      const state = await logState(dataset.topic, dataset.partitions);
      const { good } = await sourceRows(dataset);
      expect(state.lastIsHighest).toBe(true);
      expect(state.rows.size).toBe(good.size);
      for (const [key, row] of good) expect({ key, row: state.rows.get(key) }).toEqual({ key, row });
      expect([...state.rows.keys()].toSorted()).toEqual([...good.keys()].toSorted());
    }
  }

  it('takes the snapshot while life goes on, and holds back what the dictionary refuses', async () => {
    await captureUntil(
      async () => (await isSnapshotDone()) && (await isConfirmed()),
      () => runLife(world, { populationUrl: population.url }, { seed: 1, eventsPerSecond: 1_000, events: 200 }),
    );
    await expectLogEqualsSource();
    const resident = plan.datasets.find(({ name }) => name === 'population.resident');
    const { bad } = await sourceRows(resident!);
    expect(bad).toBeGreaterThan(0);
    const held = new Set<string>();
    for await (const record of scanToEnd(reader, resident!.quarantineTopic, 0, -2n, AbortSignal.timeout(10_000))) {
      if (record.value === null) held.delete(record.key.toString());
      else held.add(record.key.toString());
    }
    expect(held.size).toBe(bad);
  });

  it('goes on where it stood, through the merger of communes in one transaction, with no second snapshot', async () => {
    const before = await logState(plan.datasets[0]!.topic, plan.datasets[0]!.partitions);
    await runMerger(world, { populationUrl: population.url, administrativeUrl: administrative.url });
    await runLife(world, { populationUrl: population.url }, { seed: 1, eventsPerSecond: 1_000, events: 100 });
    await captureUntil(isConfirmed);
    await expectLogEqualsSource();
    const after = await logState(plan.datasets[0]!.topic, plan.datasets[0]!.partitions);
    expect(after.records).toBeGreaterThan(before.records);
    expect(after.reads).toBe(before.reads);
  });
});
