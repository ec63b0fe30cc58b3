import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCodec, unframe } from '@truc/avro';
import { decodeMasterDataKey, positionOf, type ChangeEnvelope } from '@truc/change-event';
import { createWorld, codeListFiles, demoDocuments, loadSources, prepareSource } from '@truc/demo';
import { compactedTopic, openLogAdmin, openLogReader, type BrokerAcl, type KafkaConnection } from '@truc/kafka';
import { loadConfiguration } from '@truc/kernel';
import { installedPostgres, oldestPostgres, removeServerDirectory, startPostgres, type PostgresServer } from '@truc/local-stack';
import { compileTable } from '@truc/mapping';
import { FlowSupervisor, scanToEnd, type FlowState, type SchemaLookup } from '@truc/pipeline';
import { SlotWatch } from '@truc/postgres-capture';
import { createLogger, Telemetry } from '@truc/telemetry';
import { eventually, testKafka, testPostgres, type TestPostgres } from '@truc/testing';
import { appliedPolicy, shippedDictionary } from './applied-policy.test-data.js';
import { capturePlan, resolveCaptureGap, runCapture, type CapturePlan, type CaptureRunOptions } from './capture-plan.js';
import { slotStandBy } from './capture-plans.js';
import { agentConfiguration } from './configuration.js';

/** Ids by text. */
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

describe('a capture whose references change under it', () => {
  const { prefix, ...superUser } = testKafka();
  const slug = `g01-${prefix.replaceAll(/[^a-z0-9]/g, '').slice(-3)}`;
  const slot = `truc_${prefix.replaceAll(/[^a-z0-9]/g, '_')}`.slice(0, 60);
  const user = `agent.${prefix}`;
  const directory = mkdtempSync(join(tmpdir(), 'truc-reference-'));
  const world = createWorld({ seed: 3, residents: 60 });
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  const schemas = memorySchemas();
  const reader = openLogReader({ connection: superUser as KafkaConnection });
  const admin = openLogAdmin({ connection: superUser as KafkaConnection });
  const states: FlowState[] = [];
  let old: PostgresServer;
  let before: TestPostgres;
  let after: TestPostgres;
  let administrative: TestPostgres;
  let plan: CapturePlan;
  let options: CaptureRunOptions;
  let supervisor: FlowSupervisor;

  const put = (name: string, text: string): void => writeFileSync(join(directory, name), `${text}\n`);
  const asRole = (url: string, password: string): string => {
    const made = new URL(url);
    [made.username, made.password] = [slot, password];
    return made.href;
  };
  const tablesOf = () =>
    plan.source.tables.map((table) => {
      const dataset = plan.datasets.find(({ name }) => name === table.dataset)!;
      return { table: table.table, columns: compileTable(table, dataset, plan.release).columns };
    });
  /** Ends what the role holds at a server, as a network or a restart would. */
  const cut = (database: TestPostgres) =>
    database.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [slot]);

  beforeAll(async () => {
    const programs = installedPostgres()[0]?.directory ?? (await oldestPostgres()).directory;
    old = await startPostgres({ directory: join(directory, 'old'), programs, durable: false });
    [before, after, administrative] = await Promise.all([testPostgres(old.url), testPostgres(), testPostgres()]);
    await loadSources(world, { populationUrl: before.url, administrativeUrl: administrative.url });
    const lists = codeListFiles(world);
    const files = [...shippedDictionary.filter(({ path }) => !lists.some((list) => list.path === path)), ...lists, ...demoDocuments()];
    const text = JSON.stringify(appliedPolicy(files))
      .replaceAll('"data.g01.', `"data.${slug}.`)
      .replaceAll('"quarantine.g01.', `"quarantine.${slug}.`);
    const found = capturePlan(JSON.parse(text) as Parameters<typeof capturePlan>[0], 'G01', 'population')!;
    plan = { ...found, source: { ...found.source, agency: slug.toUpperCase().replace('-', '.') } };
    await prepareSource(before.url, { role: slot, password: 'one', publication: slot, tables: tablesOf() });
    await admin.ensureTopics([
      ...plan.datasets.flatMap((dataset) => [
        { name: dataset.topic, partitions: dataset.partitions, config: compactedTopic() },
        { name: dataset.quarantineTopic, partitions: 1, config: compactedTopic() },
      ]),
      { name: `state.${slug}`, partitions: 1, config: compactedTopic() },
    ]);
    await admin.upsertScramUser(user, 'one');
    const own = { principal: `User:${user}`, patternType: 'prefixed', operation: 'all' } as const;
    const acls: BrokerAcl[] = [
      ...[`data.${slug}`, `quarantine.${slug}`, `state.${slug}`].map((name) => ({ ...own, resourceType: 'topic' as const, name })),
      { ...own, resourceType: 'transactional-id', name: `agent.${slug}` },
    ];
    await admin.createAcls(acls);
    put('kafka.password', 'one');
    put('population.url', asRole(before.url, 'one'));
    const { brokers, mechanism } = superUser;
    put(
      'agent.json',
      JSON.stringify({
        port: 0,
        seats: [
          {
            agency: 'G01',
            kafka: { brokers, username: user, password: { file: 'kafka.password' }, mechanism },
            registry: { url: 'http://127.0.0.1:1', principal: 'x', token: { file: 'kafka.password' } },
            sources: { population: { url: { file: 'population.url' }, slot, publication: slot } },
          },
        ],
      }),
    );
    const [seat] = loadConfiguration(agentConfiguration, join(directory, 'agent.json'), {}).seats;
    const log = createLogger('test', { level: 'silent' });
    options = { connection: seat!.kafka, schemas, database: seat!.sources['population']!, telemetry, log };
    supervisor = new FlowSupervisor({
      run: (signal) => runCapture(plan, options, signal),
      standBy: slotStandBy(new SlotWatch(options.database.url, slot), slot),
      onState: (state) => void states.push(state),
      retryMs: 50,
      retryMsMax: 200,
    });
    await supervisor.resume();
  }, 180_000);

  afterAll(async () => {
    await supervisor.close();
    await reader.close();
    await admin.deleteScramUser(user).catch(() => undefined);
    await admin.close();
    for (const database of [before, after, administrative]) await database.drop();
    await old.stop();
    removeServerDirectory(join(directory, 'old'));
    await telemetry.shutdown();
  });

  /** Names of residents as the topic has them at rest, and the epochs that they come from. */
  async function logged(): Promise<{ names: string[]; codes: Set<string>; epochs: number[] }> {
    const dataset = plan.datasets.find(({ name }) => name === 'population.resident')!;
    const rows = new Map<string, { name: string; code: string; epoch: number }>();
    for (let partition = 0; partition < dataset.partitions; partition += 1) {
      for await (const { key, value, headers } of scanToEnd(reader, dataset.topic, partition, -2n, AbortSignal.timeout(30_000))) {
        const decoded = decodeMasterDataKey(key).key;
        const id = JSON.stringify(decoded);
        rows.delete(id);
        if (value === null) continue;
        const { schemaId, body } = unframe(value);
        const { after: row } = compileCodec((await schemas.schemaById(schemaId)) ?? '').decode(body) as ChangeEnvelope;
        if (row !== null) rows.set(id, { name: String(row['person_full_name']), code: decoded.code, epoch: positionOf(headers).epoch });
      }
    }
    const all = [...rows.values()];
    return {
      names: all.map(({ name }) => name),
      codes: new Set(all.map(({ code }) => code)),
      epochs: [...new Set(all.map(({ epoch }) => epoch))],
    };
  }
  const arrived = (name: string) =>
    eventually(async () => expect((await logged()).names).toContain(name), { timeoutMs: 45_000, intervalMs: 300 });
  const rename = (database: TestPostgres, name: string) =>
    database.query(`update dancu.cong_dan set ho_ten = $1 where so_dinh_danh = (select min(so_dinh_danh) from dancu.cong_dan)`, [name]);

  it('goes on with new passwords of the database and of the brokers, which it reads where they stand', async () => {
    await rename(before, 'Trước Khi Đổi');
    await arrived('Trước Khi Đổi');
    await before.query(`alter role ${slot} password 'two'`);
    await admin.upsertScramUser(user, 'two');
    await cut(before);
    // Refused meanwhile, which nobody has to mend here.
    await eventually(() => expect(states.at(-1)).toMatchObject({ kind: 'retrying', code: 'CAPTURE_ACCESS_REFUSED' }));
    put('population.url', asRole(before.url, 'two'));
    await eventually(() => expect(states.at(-1)).toMatchObject({ kind: 'retrying', code: 'LOG_AUTHENTICATION_FAILED' }));
    put('kafka.password', 'two');
    await rename(before, 'Sau Khi Đổi');
    await arrived('Sau Khi Đổi');
    expect(states.some(({ kind }) => kind === 'stopped')).toBe(false);
  }, 120_000);

  it('is led to a restored server of a newer version by another address in the same place, with a new epoch and a sweep', async () => {
    const { epochs, codes: published } = await logged();
    expect(epochs).toEqual([1]);
    const gone = [...published].toSorted().at(-1)!;
    const bin = (name: string): string => join(installedPostgres()[0]?.directory ?? '', 'bin', name);
    const dump = execFileSync(bin('pg_dump'), ['--no-publications', '--no-privileges', `--dbname=${before.url}`], { maxBuffer: 1e9 });
    execFileSync(bin('psql'), ['-v', 'ON_ERROR_STOP=1', '-q', '-d', after.url], { input: dump, stdio: ['pipe', 'ignore', 'inherit'] });
    await prepareSource(after.url, { role: slot, password: 'two', publication: slot, tables: tablesOf() });
    // What somebody takes out between the two servers is to go everywhere.
    await rename(after, 'Trên Máy Mới');
    await after.query('delete from dancu.cong_dan where so_dinh_danh = $1', [gone]);
    put('population.url', asRole(after.url, 'two'));
    await cut(before);
    await eventually(() => expect(states.at(-1)).toMatchObject({ kind: 'stopped', code: 'CAPTURE_SOURCE_REPLACED' }), {
      timeoutMs: 30_000,
    });
    const decision = { gap: 'CAPTURE_SOURCE_REPLACED', reason: 'upgrade', by: 'alice', commandId: 'c1' };
    expect(await resolveCaptureGap(plan, decision, options, AbortSignal.timeout(60_000))).toBe(2);
    await supervisor.resume();
    await arrived('Trên Máy Mới');
    await eventually(async () => expect((await logged()).epochs).toEqual([2]), { timeoutMs: 45_000, intervalMs: 300 });
    const { codes } = await logged();
    expect(codes.has(gone)).toBe(false);
    const { rows } = await after.query<{ code: string }>('select so_dinh_danh as code from dancu.cong_dan');
    const kept = new Set(rows.map(({ code }) => code));
    expect([...codes].filter((code) => !kept.has(code))).toEqual([]);
    expect(codes.size).toBeGreaterThan(30);
  }, 180_000);
});
