import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicNames, type PolicyEntry } from '@truc/coordination';
import { GroupLease, openLogAdmin, openLogReader, openLogWriter, type KafkaConnection } from '@truc/kafka';
import { agencySlug, type Row } from '@truc/kernel';
import { checkoutRoot, freePorts, MetricSamples, removeBackbone, startBackbone, type Backbone, type BackboneApp } from '@truc/local-stack';
import type { LogRecord } from '@truc/pipeline';
import type { MetricLabels, MetricName } from '@truc/telemetry';
import { eventually, uniqueTestName } from '@truc/testing';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { ForgedEvents } from './forged-events.js';

/**
 * What an agency could try that means harm, with its own credentials and from every side that it has: brokers, its own topics, registry, platform. Everything is refused or
 * rejected by the real parts, and shows in the metrics and in an audit.
 */
describe('an agency that means harm', () => {
  const directory = join(checkoutRoot, '.truc', 'test', `break-in-${uniqueTestName()}`);
  const apps: readonly BackboneApp[] = ['distributor', 'general-database'];
  const dataTopic = 'data.g01.population.resident.v1';
  /** Two persons who exist nowhere. */
  const [code, other] = ['001099777801', '001099777802'] as const;
  let backbone: Backbone;
  let policy: readonly PolicyEntry[];

  const secret = (name: string): string => readFileSync(join(directory, 'secrets', name), 'utf8').trim();
  const as = (agency: string): KafkaConnection => {
    const username = `agent.${agencySlug(agency)}`;
    return { ...backbone.kafka, brokers: [...backbone.kafka.brokers], username, password: secret(`${username}.kafka-password`) };
  };
  const token = (agency: string): string => secret(`agent.${agencySlug(agency)}.token`);
  const url = (app: BackboneApp): string => backbone.urls[app] ?? '';

  /** A counter of one app, summed over what else it is told by. */
  async function counted<N extends MetricName>(app: BackboneApp, name: N, labels: Partial<MetricLabels<N>>): Promise<number> {
    return new MetricSamples([await (await fetch(`${url(app)}/metrics`)).text()]).sum(name, labels) ?? 0;
  }

  /** Lines of an app's audit. */
  function audit(app: BackboneApp): Record<string, unknown>[] {
    const lines = readFileSync(join(directory, 'logs', `${app}.log`), 'utf8').split('\n');
    return lines.flatMap((line) => (line.includes('"audit"') ? [JSON.parse(line) as Record<string, unknown>] : []));
  }

  /** The brokers refused it, it was counted, and it stands in the audit. */
  async function isDenied(principal: string, operation: string, resourceType: string, resource: string): Promise<void> {
    await eventually(() =>
      expect(audit('broker-access')).toContainEqual(
        expect.objectContaining({ audit: 'broker.denied', principal, operation, resourceType, resource }),
      ),
    );
    expect(await counted('broker-access', 'truc_broker_denied', { principal, operation, resource: resourceType })).toBeGreaterThan(0);
  }

  const notAllowed = { code: expect.stringMatching(/^LOG_(NOT_AUTHORIZED|TOPIC_UNKNOWN)$/) as unknown };

  async function reading(agency: string, topic: string): Promise<void> {
    const reader = openLogReader({ connection: as(agency), unreachableMs: 5_000 });
    try {
      const batches = reader.read([{ topic, partition: 0, offset: 0n }], AbortSignal.timeout(5_000))[Symbol.asyncIterator]();
      await expect(batches.next()).rejects.toMatchObject(notAllowed);
    } finally {
      await reader.close();
    }
  }

  /** Writes outside of a transaction, as a client of another make would. */
  async function writing(agency: string, topic: string): Promise<void> {
    const producer = kafkajs(as(agency)).producer({ allowAutoTopicCreation: false, retry: { retries: 0 } });
    try {
      await producer.connect();
      await expect(producer.send({ topic, messages: [{ key: 'x', value: '{}', partition: 0 }] })).rejects.toThrow(
        /not authorized|does not host this topic/i,
      );
    } finally {
      await producer.disconnect();
    }
  }

  function kafkajs({ brokers, username, password }: KafkaConnection): Kafka {
    const sasl = { mechanism: 'scram-sha-512', username, password } as const;
    return new Kafka({ brokers: [...brokers], sasl, logLevel: logLevel.NOTHING, retry: { retries: 0 } });
  }

  /** @param bearer token of whoever asks; the agent of G01 by itself */
  async function registry(method: string, path: string, body?: object, bearer = token('G01')): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${url('schema-registry')}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  beforeAll(async () => {
    backbone = await startBackbone({ directory, ports: await freePorts(), residents: 100, seed: 3, only: apps });
    policy = await backbone.policy();
    await eventually(async () => {
      for (const app of [...apps, 'broker-access'] as const) expect((await fetch(`${url(app)}/health/ready`)).status).toBe(200);
    });
  }, 120_000);

  afterAll(async () => {
    await backbone?.stop();
    removeBackbone(directory);
  }, 60_000);

  it('reads nothing of others at the brokers: their datasets, views, quarantine, policy, state, commands', async () => {
    const view = policy.find((entry) => entry.kind === 'view');
    if (view?.kind !== 'view') throw new Error('there is no view');
    const foreign = [
      dataTopic,
      view.topic,
      'quarantine.g01.population.resident',
      topicNames.policy('G01'),
      topicNames.policyPrincipals,
      topicNames.state('G01'),
      topicNames.command('G01'),
      topicNames.reply('G01'),
      topicNames.rejected('g01'),
    ];
    for (const topic of foreign) {
      await reading('G12', topic);
      await isDenied('agent.g12', 'DESCRIBE', 'topic', topic);
    }
    // Who may write there may know that there is something, and nothing else.
    await reading('G12', topicNames.receipts);
    await isDenied('agent.g12', 'READ', 'topic', topicNames.receipts);
  }, 60_000);

  it('writes nothing to others, to the policy, to views, or to itself in the name of the platform', async () => {
    const view = policy.find((entry) => entry.kind === 'view');
    if (view?.kind !== 'view') throw new Error('there is no view');
    // The last one is the forged command: to another agency's agent, and to its own, which only the platform commands.
    const foreign = [
      dataTopic,
      view.topic,
      topicNames.policyCommon,
      topicNames.policy('G12'),
      topicNames.command('G01'),
      topicNames.command('G12'),
    ];
    for (const topic of foreign) await writing('G12', topic);
    for (const topic of [topicNames.policyCommon, topicNames.policy('G12'), topicNames.command('G12')])
      await isDenied('agent.g12', 'WRITE', 'topic', topic);
    for (const topic of [dataTopic, view.topic, topicNames.command('G01')]) await isDenied('agent.g12', 'DESCRIBE', 'topic', topic);
  }, 60_000);

  it("takes neither another's group nor a service's transactional id", async () => {
    for (const group of ['agent.g01.source.population.lease', 'distributor.lease']) {
      const lease = new GroupLease({ connection: as('G12'), group, holder: 'mallory' });
      try {
        expect(await lease.standBy()).toMatch(/cannot be asked/);
        expect(lease.isHeld).toBe(false);
      } finally {
        await lease.close();
      }
      await isDenied('agent.g12', 'DESCRIBE', 'group', group);
    }
    for (const transactionalId of [`distributor.${dataTopic}.0`, 'platform.policy', 'agent.g01.population']) {
      const partitions = [{ topic: topicNames.state('G12'), partition: 0 }];
      await expect(openLogWriter({ connection: as('G12'), transactionalId, partitions })).rejects.toMatchObject({
        code: 'LOG_NOT_AUTHORIZED',
      });
      await isDenied('agent.g12', 'DESCRIBE', 'transactional-id', transactionalId);
    }
  }, 60_000);

  it('changes nothing at the brokers: permissions, users, topics', async () => {
    const admin = kafkajs(as('G12')).admin();
    try {
      await admin.connect();
      const acl = {
        resourceType: 2,
        resourceName: dataTopic,
        resourcePatternType: 3,
        principal: 'User:agent.g12',
        host: '*',
        operation: 3,
        permissionType: 3,
      };
      await expect(admin.createAcls({ acl: [acl] })).rejects.toThrow(/not authorized|authorization/i);
      await isDenied('agent.g12', 'ALTER', 'cluster', 'kafka-cluster');
      await expect(admin.deleteTopics({ topics: [dataTopic] })).rejects.toThrow();
      await expect(admin.createTopics({ topics: [{ topic: 'data.g12.own.v1' }] })).rejects.toThrow();
    } finally {
      await admin.disconnect();
    }
  }, 60_000);

  it('gets no schema in by a mode, by a context, or under the name of another', async () => {
    const made = await backbone.platform.call('POST', '/v1/principals', { name: 'mallory', role: 'integrator', agency: 'G12' });
    const mallory = (made as { token: string }).token;
    const schema = JSON.stringify({ type: 'record', name: 'Row', fields: [{ name: 'a', type: 'string' }] });
    const deniedBefore = await counted('schema-registry', 'truc_access_denied', { role: 'integrator' });
    for (const subject of ['', `/${dataTopic}-value`, '/data.g12.own.v1-value', '/:.evil:data.g12.own.v1-value']) {
      expect(await registry('PUT', `/mode${subject}`, { mode: 'IMPORT' }, mallory)).toMatchObject({ status: 403 });
    }
    expect(await counted('schema-registry', 'truc_access_denied', { role: 'integrator' })).toBe(deniedBefore + 4);
    const refused = [
      // Somebody else's, its own as the dictionary does not know it, with an id of its own choice, and in another context.
      [`${dataTopic}-value`, { schema }],
      ['data.g12.own.v1-value', { schema }],
      ['data.g12.own.v1-value', { schema, id: 4711, version: 1 }],
      [`:.evil:${dataTopic}-value`, { schema }],
      [':.evil:data.g12.own.v1-value', { schema }],
    ] as const;
    for (const [subject, body] of refused) {
      const { status } = await registry('POST', `/subjects/${encodeURIComponent(subject)}/versions`, body, mallory);
      expect({ subject, isRefused: status >= 400 && status < 500 }).toEqual({ subject, isRefused: true });
    }
    const told = audit('schema-registry').filter(({ principal }) => principal === 'mallory');
    expect(told.filter(({ audit: kind }) => kind === 'access.denied').length).toBeGreaterThanOrEqual(4);
    expect(told.filter(({ method }) => method === 'POST').length).toBe(refused.length);
    // An agent registers nothing at all.
    expect(await registry('POST', `/subjects/${dataTopic}-value/versions`, { schema })).toMatchObject({ status: 403 });
  }, 60_000);

  it("commands nobody else's agent and applies nobody else's documents", async () => {
    const before = await counted('platform', 'truc_access_denied', { role: 'agent' });
    const call = (path: string, body: object, bearer: string) =>
      fetch(`${url('platform')}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await call('/v1/agents/G01/commands', { command: 'pause' }, token('G12'))).status).toBe(403);
    expect((await call('/v1/apply', { files: [] }, token('G12'))).status).toBe(403);
    expect((await call('/v1/principals', { name: 'broker-access', role: 'broker-access' }, token('G12'))).status).toBe(403);
    expect((await call('/v1/agents/G01/commands', { command: 'pause' }, `${token('G12')}x`)).status).toBe(401);
    expect(await counted('platform', 'truc_access_denied', { role: 'agent' })).toBe(before + 3);
    const told = audit('platform').filter(({ audit: kind }) => kind === 'access.denied');
    expect(told).toContainEqual(expect.objectContaining({ principal: 'agent.g12', agency: 'G12', path: '/v1/agents/G01/commands' }));
    expect(told).toContainEqual(expect.objectContaining({ code: 'ACCESS_TOKEN_INVALID' }));
  }, 60_000);

  it('gets nothing past a consumer that it forges in its own topic, and does not turn a row back', async () => {
    const dataset = policy.find((entry) => entry.kind === 'dataset' && entry.topic === dataTopic);
    if (dataset?.kind !== 'dataset') throw new Error('there is no dataset of residents');
    const idOf = async (subject: string): Promise<number> =>
      ((await registry('GET', `/subjects/${subject}/versions/latest`)).body as { id: number }).id;
    const subjects = [`${dataTopic}-key`, `${dataTopic}-value`, 'data.g01.population.household.v1-value'];
    const [keyId = 0, valueId = 0, foreignId = 0] = await Promise.all(subjects.map(idOf));
    const events = new ForgedEvents(dataset, keyId);
    const row = (more: Row = {}): Row => ({
      ...Object.fromEntries(dataset.fields.map(({ name }) => [name, null])),
      person_personal_id: code,
      address_province: '01',
      person_full_name: 'Nguyễn Văn Một',
      person_date_of_birth: 10_000,
      person_date_of_birth_precision: 'day',
      person_sex: '1',
      address_commune: '00004',
      person_life_status: '1',
      ...more,
    });
    const event = (sequence: bigint, after: Row, ofCode: string = code, schemaId = valueId): LogRecord =>
      events.made(sequence, after, ofCode, schemaId);
    const good = event(100n, row());
    const forged: [string, LogRecord][] = [
      ['KEY_INVALID', { ...event(101n, row()), key: Buffer.alloc(0) }],
      ['SCHEMA_UNKNOWN', event(102n, row(), code, 99_999)],
      ['SCHEMA_NOT_OF_TOPIC', event(103n, row(), code, foreignId)],
      ['KEY_CODE_DIFFERS', event(104n, row(), other)],
      ['KEY_CODE_DIFFERS', event(105n, row({ person_personal_id: other }))],
    ];
    const replayed = event(50n, row({ person_full_name: 'Nguyễn Văn Cũ' }));
    const later = event(200n, row({ person_full_name: 'Nguyễn Văn Hai' }));
    const writer = await openLogWriter({
      connection: as('G01'),
      transactionalId: 'agent.g01.mischief',
      partitions: Array.from({ length: dataset.partitions }, (_, partition) => ({ topic: dataTopic, partition })),
    });
    const stored = async (): Promise<string[]> => {
      const client = new pg.Client({ connectionString: backbone.databases.generalDatabase });
      await client.connect();
      try {
        const { rows } = await client.query<{ name: string }>(
          `SELECT person_full_name AS name FROM g01.population_resident WHERE truc_code = ANY ($1)`,
          [[code, other]],
        );
        return rows.map(({ name }) => name);
      } catch {
        return [];
      } finally {
        await client.end();
      }
    };
    try {
      await writer.write([good]);
      await writer.flush();
      await eventually(async () => expect(await stored()).toEqual(['Nguyễn Văn Một']));
      await writer.write([...forged.map(([, record]) => record), replayed]);
      await writer.flush();
      await eventually(async () =>
        expect(await counted('general-database', 'truc_apply_refused', { dataset: 'population.resident' })).toBeGreaterThan(0),
      );
      expect(await stored()).toEqual(['Nguyễn Văn Một']);
      await writer.write([later]);
      await writer.flush();
      await eventually(async () => expect(await stored()).toEqual(['Nguyễn Văn Hai']));
    } finally {
      await writer.close();
    }
    for (const consumer of ['general-database', 'distributor'] as const) {
      for (const reason of new Set(forged.map(([rule]) => rule))) {
        const times = forged.filter(([rule]) => rule === reason).length;
        await eventually(async () => expect(await counted(consumer, 'truc_rejected', { consumer, reason })).toBe(times));
      }
      // The audit of what a consumer rejected is a topic: where it stands, why, and its digest.
      expect(await offsetsIn(topicNames.rejected(consumer))).toHaveLength(forged.length);
    }
    expect(audit('general-database')).toContainEqual(expect.objectContaining({ audit: 'apply.refused', topic: dataTopic, changes: 1 }));
  }, 60_000);

  /** Keys of a topic of what was rejected: each is the place of one record. */
  async function offsetsIn(topic: string): Promise<string[]> {
    const reader = openLogReader({ connection: { ...backbone.kafka, brokers: [...backbone.kafka.brokers] } });
    try {
      const { end } = await reader.bounds(topic, 0);
      const keys = new Set<string>();
      for await (const batch of reader.read([{ topic, partition: 0, offset: -2n }], AbortSignal.timeout(10_000))) {
        for (const { key } of batch.records) keys.add(key.toString());
        if (batch.nextOffset >= end) break;
      }
      return [...keys];
    } finally {
      await reader.close();
    }
  }

  it('finds nothing changed at the end, and nobody in the audit by code or name', async () => {
    const entries = await backbone.policy();
    expect(entries).toEqual(policy);
    const logs = (['broker-access', 'platform', 'schema-registry', 'distributor', 'general-database'] as const).map((app) =>
      readFileSync(join(directory, 'logs', `${app}.log`), 'utf8'),
    );
    for (const text of [code, other, 'Nguyễn']) expect(logs.join('\n').includes(text)).toBe(false);
  });

  it('keeps nothing that it was granted by hand, though the platform is down', async () => {
    await backbone.process('platform').kill();
    const admin = openLogAdmin({ connection: { ...backbone.kafka, brokers: [...backbone.kafka.brokers] } });
    const principal = 'User:agent.g12';
    const byHand = { principal, resourceType: 'topic', patternType: 'literal', name: dataTopic, operation: 'read' } as const;
    try {
      await admin.createAcls([byHand]);
      await eventually(async () => {
        const { acls } = await admin.listAcls();
        expect(acls.filter((acl) => acl.principal === principal && acl.name === dataTopic)).toEqual([]);
        expect(acls.filter((acl) => acl.principal === principal)).not.toEqual([]);
      });
    } finally {
      await admin.close();
    }
    await eventually(() =>
      expect(audit('broker-access')).toContainEqual(
        expect.objectContaining({ audit: 'access.withdrawn', principal: 'agent.g12', name: dataTopic, reason: 'unknown' }),
      ),
    );
    expect(await counted('broker-access', 'truc_access_changes', { change: 'withdrawn', reason: 'unknown' })).toBe(1);
  }, 60_000);
});
