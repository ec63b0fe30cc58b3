import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { masterDataKeySchema, namespaceOfTopic, shippedSchema, viewValueSchema } from '@truc/change-event';
import type { ViewPolicy } from '@truc/contracts';
import type { PolicyEntry } from '@truc/coordination';
import { openLogAdmin, openLogReader, openLogWriter, type KafkaConnection, type LogAdmin } from '@truc/kafka';
import { startKafka, type KafkaServer } from '@truc/local-stack';
import { scanToEnd, type LogReader } from '@truc/pipeline';
import { publishPolicy } from '@truc/policy';
import { eventually, residentFields, startTestRegistry, TestDataset, TestSchemas } from '@truc/testing';
import { distributorConfiguration } from './configuration.js';
import { startDistributor, type Distributor } from './distributor.js';

const title = { vi: 'x', en: 'x' };

describe('the distributor', () => {
  // The policy topics have fixed names, so that it has brokers to itself.
  const directory = mkdtempSync(join(tmpdir(), 'truc-distributor-'));
  const schemas = new TestSchemas();
  let kafka: KafkaServer;
  let connection: KafkaConnection;
  let admin: LogAdmin;
  let reader: LogReader;
  let registry: Awaited<ReturnType<typeof startTestRegistry>>;
  let distributor: Distributor;

  beforeAll(async () => {
    [kafka, registry] = await Promise.all([
      startKafka({ directory: join(directory, 'kafka'), heapMebibytes: 320 }),
      startTestRegistry(schemas),
    ]);
    const { brokers, username, password, mechanism } = kafka;
    connection = { brokers: [...brokers], username, password, mechanism };
    admin = openLogAdmin({ connection });
    reader = openLogReader({ connection, fetchWaitMs: 50 });
    distributor = await startDistributor(
      distributorConfiguration.parse({
        port: 0,
        kafka: connection,
        registry: { url: registry.url, principal: 'distributor', token: 'token' },
        viewSecret: 'a secret that is long enough',
        logLevel: 'silent',
      }),
    );
  }, 120_000);

  afterAll(async () => {
    await distributor?.close();
    await Promise.allSettled([reader?.close(), admin?.close(), registry?.close()]);
    await kafka?.stop();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  async function publish(topic: string, set: readonly PolicyEntry[], remove: readonly string[] = []): Promise<void> {
    const writer = await openLogWriter({ connection, transactionalId: 'platform.policy', partitions: [{ topic, partition: 0 }] });
    await publishPolicy(writer, topic, { set, remove });
    await writer.close();
  }

  async function count(topic: string): Promise<number> {
    let records = 0;
    for (let partition = 0; partition < 2; partition += 1) {
      for await (const _ of scanToEnd(reader, topic, partition, -2n, new AbortController().signal)) records += 1;
    }
    return records;
  }

  it('serves views of agencies that it did not know when it started, each once, and lets go of withdrawn ones', async () => {
    const compacted = (name: string, partitions = 1) => ({ name, partitions, config: { 'cleanup.policy': 'compact' } });
    const health = async () => (await fetch(`${distributor.url}/health/ready`)).json() as Promise<Record<string, unknown>>;
    expect(await health()).toMatchObject({ status: 'not ready', policy: 'waiting' });
    const dataset = new TestDataset('data.g01.population.resident.v1', 2, schemas);
    await admin.ensureTopics([
      ...['policy.common', 'policy.g01', 'policy.g12', 'state.distributor', 'rejected.distributor'].map((name) => compacted(name)),
      compacted(dataset.topic, 2),
    ]);
    schemas.register('rejected.distributor-value', shippedSchema('RejectedRecord'));
    await publish('policy.common', [
      { kind: 'agency', code: 'G01', name: title },
      { kind: 'dictionary', release: 1, elements: [], valueDomains: [], codeLists: [] },
    ]);
    await eventually(async () => expect(await health()).toMatchObject({ status: 'ready', flows: {} }));

    const agent = await openLogWriter({
      connection,
      transactionalId: 'agent.g01',
      partitions: [0, 1].map((partition) => ({ topic: dataset.topic, partition })),
    });
    await agent.write(Array.from({ length: 50 }, (_, one) => dataset.change('c', one, { epoch: 1, sequence: 1n, index: one })));
    await agent.close();

    const viewOf = (id: string, field: string): ViewPolicy => {
      const topic = `view.${id}`;
      const fields = residentFields.filter(({ name }) => name === field);
      const view: ViewPolicy = {
        kind: 'view',
        id,
        topic,
        dataset: dataset.name,
        generation: 1,
        datasetTopic: dataset.topic,
        partitions: 2,
        scheme: dataset.scheme,
        codeField: dataset.codeField,
        codeInClear: false,
        fields: [{ name: field, element: 'urn:x', role: 'source', protection: 'none', required: false }],
        valueSchema: viewValueSchema(topic, { type: 'record', name: 'Row', namespace: namespaceOfTopic(topic), fields }),
      };
      schemas.register(`${topic}-key`, masterDataKeySchema);
      schemas.register(`${topic}-value`, view.valueSchema);
      return view;
    };
    const [shared, own] = [viewOf('aa', 'fullName'), viewOf('bb', 'birthDate')];
    await admin.ensureTopics([compacted(shared.topic, 2), compacted(own.topic, 2)]);
    await publish('policy.g01', [shared]);
    await eventually(async () => expect(await count(shared.topic)).toBe(50));
    await publish('policy.common', [{ kind: 'agency', code: 'G12', name: title }]);
    await publish('policy.g12', [shared, own]);
    await eventually(async () => expect(await count(own.topic)).toBe(50));
    expect(await count(shared.topic)).toBe(50);
    expect(distributor.states()).toEqual({ [dataset.topic]: { kind: 'running' } });
    expect(await (await fetch(`${distributor.url}/metrics`)).text()).toMatch(
      /truc_fanout_events_total\{view="bb",dataset="population\.resident"[^}]*\} 50/,
    );

    await publish('policy.g12', [], ['view/aa', 'view/bb']);
    await publish('policy.g01', [], ['view/aa']);
    await eventually(async () => expect(await health()).toMatchObject({ status: 'ready', flows: {} }));
  }, 120_000);
});
