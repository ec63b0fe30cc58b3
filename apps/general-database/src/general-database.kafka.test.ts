import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedSchema } from '@truc/change-event';
import type { DatasetPolicy, PolicyEntry } from '@truc/coordination';
import { openLogAdmin, openLogReader, openLogWriter, type KafkaConnection, type LogAdmin } from '@truc/kafka';
import type { Position } from '@truc/kernel';
import { freePort, startKafka, type KafkaServer } from '@truc/local-stack';
import type { LogWriter } from '@truc/pipeline';
import { publishPolicy } from '@truc/policy';
import {
  eventually,
  readReceipts,
  receiptProblems,
  startTestRegistry,
  TestDataset,
  testPostgres,
  TestSchemas,
  type TestPostgres,
} from '@truc/testing';

const at = (sequence: number, index: number): Position => ({ epoch: 1, sequence: BigInt(sequence), index });
const title = { vi: 'x', en: 'x' };
const main = new URL('../dist/main.js', import.meta.url).pathname;

function policyOf(dataset: TestDataset, generation: number): DatasetPolicy {
  const { name, topic, partitions, scheme, codeField, valueSchema } = dataset;
  return {
    kind: 'dataset',
    name,
    generation,
    agency: 'G01',
    title,
    topic,
    quarantineTopic: 'quarantine.g01.population.resident',
    partitions,
    scheme,
    codeElement: 'urn:x',
    codeField,
    keyIsCode: true,
    fields: [{ name: codeField, element: 'urn:x', role: 'source', protection: 'none', required: true }],
    release: 1,
    valueSchema,
  };
}

describe('the general database as a process', () => {
  // The policy topics have fixed names, so that it has brokers to itself.
  const directory = mkdtempSync(join(tmpdir(), 'truc-general-database-'));
  const configFile = join(directory, 'config.json');
  const schemas = new TestSchemas();
  let kafka: KafkaServer;
  let db: TestPostgres;
  let registry: Awaited<ReturnType<typeof startTestRegistry>>;
  let admin: LogAdmin;
  let url: string;
  let child: ChildProcess | null = null;
  const writers: LogWriter[] = [];
  let connection: KafkaConnection;

  function run(): ChildProcess {
    return (child = spawn(process.execPath, [main, '--config', configFile], { stdio: ['ignore', 'ignore', 'inherit'] }));
  }

  async function kill(): Promise<void> {
    const ended = child;
    child = null;
    if (ended === null || ended.exitCode !== null) return;
    ended.kill('SIGKILL');
    await once(ended, 'exit');
  }

  async function publish(set: readonly PolicyEntry[], remove: readonly string[] = []): Promise<void> {
    const partitions = [{ topic: 'policy.common', partition: 0 }];
    const writer = await openLogWriter({ connection, transactionalId: 'platform.policy', partitions });
    await publishPolicy(writer, 'policy.common', { set, remove });
    await writer.close();
  }

  async function openDataset(generation: number): Promise<{ dataset: TestDataset; agent: LogWriter }> {
    const dataset = new TestDataset(`data.g01.population.resident.v${generation}`, 2, schemas);
    await admin.ensureTopics([{ name: dataset.topic, partitions: 2, config: {} }]);
    const partitions = [0, 1].map((partition) => ({ topic: dataset.topic, partition }));
    const agent = await openLogWriter({ connection, transactionalId: `agent.g01.${generation}`, partitions });
    writers.push(agent);
    return { dataset, agent };
  }

  const health = async (): Promise<{ status: string; flows: Record<string, { kind: string }> }> =>
    (await fetch(`${url}/health/ready`)).json() as never;

  beforeAll(async () => {
    [kafka, db, registry] = await Promise.all([
      startKafka({ directory: join(directory, 'kafka'), heapMebibytes: 320 }),
      testPostgres(),
      startTestRegistry(schemas),
    ]);
    const { brokers, username, password, mechanism } = kafka;
    connection = { brokers: [...brokers], username, password, mechanism };
    admin = openLogAdmin({ connection });
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    writeFileSync(join(directory, 'password'), password);
    writeFileSync(join(directory, 'database'), db.url);
    writeFileSync(join(directory, 'token'), 'token');
    const configuration = {
      port,
      kafka: { brokers, username, mechanism, password: { file: 'password' } },
      registry: { url: registry.url, principal: 'general-database', token: { file: 'token' } },
      databaseUrl: { file: 'database' },
      logLevel: 'silent',
    };
    writeFileSync(configFile, JSON.stringify(configuration));
  }, 120_000);

  afterAll(async () => {
    await kill();
    await Promise.allSettled(writers.map((writer) => writer.close()));
    await admin?.close();
    await registry?.close();
    await db?.drop();
    await kafka?.stop();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  it('starts before anything is there, loses and doubles nothing under kill -9, takes in new datasets, and stops in order', async () => {
    run();
    await eventually(async () => expect((await health()).status).toBe('not ready'));
    await admin.ensureTopics([
      { name: 'policy.common', partitions: 1, config: { 'cleanup.policy': 'compact' } },
      { name: 'rejected.general-database', partitions: 1, config: {} },
      { name: 'receipts', partitions: 1, config: {} },
    ]);
    schemas.register('rejected.general-database-value', shippedSchema('RejectedRecord'));
    schemas.register('receipts-value', shippedSchema('DeliveryReceipt'));
    const { dataset, agent } = await openDataset(1);
    await publish([{ kind: 'dictionary', release: 1, elements: [], valueDomains: [], codeLists: [] }, policyOf(dataset, 1)]);
    await eventually(async () =>
      expect(await health()).toMatchObject({ status: 'ready', flows: { [dataset.topic]: { kind: 'running' } } }),
    );

    const rounds = 6;
    const perRound = 3_000;
    for (let round = 0; round < rounds; round += 1) {
      await agent.write(
        Array.from({ length: perRound }, (_, one) =>
          dataset.change(round === 0 ? 'c' : 'u', one, at(round + 1, one), dataset.row(one, { fullName: `round ${round}` })),
        ),
      );
      await agent.flush();
      if (round % 2 === 0) {
        // In the middle: something of the round is there, hardly all of it.
        await eventually(
          async () => {
            const { rows } = await db.query('SELECT 1 FROM g01.population_resident WHERE "fullName" = $1 LIMIT 1', [`round ${round}`]);
            expect(rows).toHaveLength(1);
          },
          { intervalMs: 5 },
        );
        await kill();
        run();
      }
    }
    const count = async () =>
      (
        await db.query(
          'SELECT "fullName" AS name, count(*)::int AS rows, min(encode(truc_position, $1)) AS least FROM g01.population_resident GROUP BY 1',
          ['hex'],
        )
      ).rows;
    await eventually(async () =>
      expect(await count()).toEqual([{ name: `round ${rounds - 1}`, rows: perRound, least: `00000001${'6'.padStart(16, '0')}00000000` }]),
    );
    // What each process committed before it was killed has its receipt, from that process or the next one.
    const reader = openLogReader({ connection });
    await eventually(async () => {
      const receipts = (await readReceipts(reader, 'receipts')).map(({ receipt }) => receipt);
      expect(await receiptProblems(reader, dataset, receipts)).toEqual([]);
    });
    await reader.close();

    const second = await openDataset(2);
    await second.agent.write([second.dataset.change('c', 1, at(1, 0))]);
    await second.agent.flush();
    await publish([policyOf(second.dataset, 2)]);
    await eventually(async () => expect((await db.query('SELECT 1 FROM g01.population_resident_v2')).rows).toHaveLength(1));
    await publish([], ['dataset/population.resident.v2']);
    await eventually(async () => expect(Object.keys((await health()).flows)).toEqual([dataset.topic]));

    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/truc_apply_behind\{consumer="general-database",dataset="population\.resident"[^}]*\} 0/);
    expect(metrics).toMatch(/truc_flow_state\{flow="data\.g01\.population\.resident\.v1"[^}]*\} 1/);
    const last = child as ChildProcess;
    last.kill('SIGTERM');
    const [code] = (await once(last, 'exit')) as [number | null];
    expect(code).toBe(0);
  }, 180_000);
});
