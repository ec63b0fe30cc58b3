import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { accessChanges, brokerAccessAcls, wantedAccess } from '@truc/access';
import { agentCommand, policyKey, readRelease, type DocumentFile, type PolicyEntry } from '@truc/coordination';
import { signAdministratorToken } from '@truc/coordination-store';
import {
  commandClient,
  commandConsumer,
  compactedTopic,
  openLogAdmin,
  openLogReader,
  openLogWriter,
  type BrokerAcl,
  type KafkaConnection,
} from '@truc/kafka';
import { startKafka, type KafkaServer } from '@truc/local-stack';
import { eventually, testPostgres } from '@truc/testing';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { platformConfiguration } from './configuration.js';
import { startPlatform, type Platform } from './platform.js';

const root = new URL('../../../schemas/dictionary/', import.meta.url);
const dictionary: DocumentFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path: `dictionary/${path}`, text: readFileSync(new URL(path, root), 'utf8') }));
const title = '{vi: a, en: a}';
const urn = (name: string): string => `urn:vn:ddict:element:${name}`;
const documents: DocumentFile[] = [
  {
    path: 'agencies.yaml',
    text: `agency: {code: G01, name: ${title}}\n---\nagency: {code: G12.34, name: ${title}}\n---\nagency: {code: G12, name: ${title}}\n`,
  },
  {
    path: 'population.yaml',
    text: `dataset: {name: population.resident, agency: G01, title: ${title}, partitions: 2}
---
source: {agency: G01, database: population, schema: dancu, name: ${title}}
tables:
  - table: dancu.cong_dan
    subject: resident
    publish: true
    primaryKey: [id]
    identification: {column: so_dinh_danh, element: ${urn('person.personal-id')}}
    columns:
      - {column: ho_ten, element: ${urn('person.full-name')}}
`,
  },
  {
    path: 'contract.yaml',
    text: `contract: {name: tax, consumer: G12.34, dataset: population.resident, elements: [${urn('person.full-name')}], purpose: ${title},
  legalBasis: Law, validFrom: 2025-01-01, target: {database: tax, table: resident}}\n`,
  },
];

interface Reply {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are judged by what they hold
  readonly body: any;
}

describe('the platform', () => {
  // Its topics have fixed names, so that it has brokers to itself.
  const directory = mkdtempSync(join(tmpdir(), 'truc-platform-'));
  const tokenKeyFile = join(directory, 'keys', 'token.json');
  let kafka: KafkaServer;
  let database: Awaited<ReturnType<typeof testPostgres>>;
  let platform: Platform;
  let token: string;
  let superUser: KafkaConnection;

  const configuration = (more: object = {}) =>
    platformConfiguration.parse({ port: 0, databaseUrl: database.url, kafka: superUser, tokenKeyFile, logLevel: 'silent', ...more });

  async function call(method: string, path: string, body?: unknown, as = token): Promise<Reply> {
    const headers = { 'content-type': 'application/json', ...(as === '' ? {} : { authorization: `Bearer ${as}` }) };
    const response = await fetch(`${platform.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  /** Entries of a policy topic as a reader with these credentials sees them, but for signs of life. */
  async function policyOf(topic: string, connection: KafkaConnection = superUser): Promise<PolicyEntry[]> {
    return (await everythingOf(topic, connection)).filter(({ kind }) => kind !== 'heartbeat');
  }

  async function everythingOf(topic: string, connection: KafkaConnection = superUser): Promise<PolicyEntry[]> {
    const reader = openLogReader({ connection, fetchWaitMs: 50 });
    try {
      const { end } = await reader.bounds(topic, 0);
      const latest = new Map<string, Buffer | null>();
      for await (const batch of reader.read([{ topic, partition: 0, offset: -2n }], AbortSignal.timeout(10_000))) {
        for (const { key, value } of batch.records) latest.set(key.toString(), value);
        if (batch.nextOffset >= end) break;
      }
      return [...latest.values()].flatMap((value) => (value === null ? [] : [JSON.parse(value.toString()) as PolicyEntry]));
    } finally {
      await reader.close();
    }
  }

  async function withAdmin<T>(work: (admin: ReturnType<typeof openLogAdmin>) => Promise<T>): Promise<T> {
    const admin = openLogAdmin({ connection: superUser });
    try {
      return await work(admin);
    } finally {
      await admin.close();
    }
  }

  const acls = (): Promise<BrokerAcl[]> => withAdmin(async (admin) => (await admin.listAcls()).acls);

  /** What the service that keeps permissions does by the policy as it is published. */
  const keepAccess = (): Promise<void> =>
    withAdmin(async (admin) => {
      const topics = (await admin.listTopics()).filter((topic) => topic.startsWith('policy.'));
      const entries = (await Promise.all(topics.map((topic) => everythingOf(topic)))).flat();
      const self = { kind: 'principal', name: 'broker-access', agency: null, role: 'broker-access', sinceSeconds: 0 } as const;
      const wanted = wantedAccess([...entries, self], { nowMs: Date.now(), policyAgeMsMax: 600_000 });
      const present = (await admin.listAcls()).acls.map((acl) => ({ ...acl, principal: acl.principal.slice('User:'.length) }));
      const changes = accessChanges(present, wanted, new Set());
      const grant = changes.grant.filter(({ permission }) => permission.principal !== self.name);
      const { withdraw } = changes;
      const asUser = <P extends { readonly principal: string }>(one: P): P => ({ ...one, principal: `User:${one.principal}` });
      await admin.createAcls(grant.map(({ permission }) => asUser(permission)));
      await admin.deleteAcls(withdraw.map(({ permission }) => asUser(permission)));
    });

  beforeAll(async () => {
    [kafka, database] = await Promise.all([startKafka({ directory: join(directory, 'kafka'), heapMebibytes: 320 }), testPostgres()]);
    const { brokers, username, password, mechanism } = kafka;
    superUser = { brokers: [...brokers], username, password, mechanism };
    platform = await startPlatform(configuration());
    token = await signAdministratorToken(tokenKeyFile, { expiresInSeconds: 600 });
    await platform.ready;
  }, 120_000);

  afterAll(async () => {
    await platform?.close();
    await database?.drop();
    await kafka?.stop();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  it('is ready, keeps its key to itself, and publishes only the public part', async () => {
    expect((await call('GET', '/health/live', undefined, '')).status).toBe(200);
    expect(await call('GET', '/health/ready', undefined, '')).toMatchObject({ status: 200, body: { published: true } });
    expect((await fetch(`${platform.url}/metrics`)).status).toBe(200);
    expect(statSync(tokenKeyFile).mode & 0o777).toBe(0o600);
    const { privateJwk, keyId } = JSON.parse(readFileSync(tokenKeyFile, 'utf8')) as { keyId: string; privateJwk: { d: string } };
    const common = await policyOf('policy.common');
    expect(common).toMatchObject([{ kind: 'token-key', keyId }]);
    expect(JSON.stringify(common)).not.toContain(privateJwk.d);
  });

  it.each(['/v1/documents', '/v1/policy', '/v1/status', '/v1/audit', '/v1/principals', '/v1/documents/agency/G01'])(
    'lets nobody see %s without credentials',
    async (path) => {
      expect((await call('GET', path, undefined, '')).status).toBe(401);
      expect((await call('GET', path, undefined, 'x.y.z')).status).toBe(401);
    },
  );

  it('tells what it does not understand', async () => {
    expect((await call('POST', '/v1/apply', { file: [] })).status).toBe(400);
    expect((await call('POST', '/v1/apply', 'text')).status).toBe(400);
    expect((await call('GET', '/v1/nothing')).status).toBe(404);
    expect((await call('POST', '/v1/apply', { files: [] }, '')).status).toBe(401);
  });

  it('refuses documents with problems and keeps nothing of them', async () => {
    const files = [...dictionary, ...documents, { path: 'bad.yaml', text: 'agency: {code: g1, nmae: x}\n' }];
    const reply = await call('POST', '/v1/apply', { files });
    expect(reply.status).toBe(422);
    expect(reply.body.problems).toEqual([
      expect.objectContaining({ file: 'bad.yaml', line: 1, column: 9, code: 'DOCUMENT_FIELD_MISSING' }),
      expect.objectContaining({ file: 'bad.yaml', line: 1, column: 16, code: 'DOCUMENT_AGENCY_CODE' }),
      expect.objectContaining({
        file: 'bad.yaml',
        line: 1,
        column: 20,
        code: 'DOCUMENT_FIELD_UNKNOWN',
        hint: expect.stringContaining('name'),
      }),
    ]);
    expect((await call('GET', '/v1/documents')).body).toEqual({ documents: [] });
    expect((await policyOf('policy.common')).map(({ kind }) => kind)).toEqual(['token-key']);
  });

  it('applies, and applied again changes nothing', async () => {
    const files = [...dictionary, ...documents];
    const trial = await call('POST', '/v1/apply', { files, dryRun: true });
    expect(trial).toMatchObject({ status: 200, body: { dryRun: true, published: null } });
    expect((await call('GET', '/v1/documents')).body).toEqual({ documents: [] });

    const first = await call('POST', '/v1/apply', { files });
    expect(first).toMatchObject({ status: 200, body: { created: trial.body.created, changed: [], pending: null } });
    expect(first.body.created).toHaveLength(7);
    expect(first.body.published.topicsCreated).toContain('data.g01.population.resident.v1');
    expect(first.body.published.published.map(({ topic }: { topic: string }) => topic)).toEqual([
      'policy.common',
      'policy.g01',
      'policy.g12-34',
    ]);

    const again = await call('POST', '/v1/apply', { files });
    expect(again).toMatchObject({
      status: 200,
      body: { message: 'nothing changed', created: [], changed: [], published: { topicsCreated: [], published: [] } },
    });
    expect(again.body.unchanged).toHaveLength(6);
    const common = await policyOf('policy.common');
    expect(new Set(common.map(({ kind }) => kind))).toEqual(
      new Set(['token-key', 'agency', 'codelist', 'definitions', 'dictionary', 'dataset']),
    );
    expect((await policyOf('policy.g12-34')).map(({ kind }) => kind).sort()).toEqual(['contract', 'view']);
    expect(await call('GET', '/v1/documents/source/G01/population')).toMatchObject({
      status: 200,
      body: { revision: 1, appliedBy: 'administrator' },
    });
    expect((await call('GET', '/v1/documents/agency/G99')).status).toBe(404);
    const { schemas } = (await call('GET', '/v1/status')).body;
    const kinds = schemas.map(({ subject }: { subject: string }) => subject.replace(/^view\.[0-9a-f]{32}/, 'view.*'));
    expect(kinds.toSorted()).toEqual([
      'data.g01.population.resident.v1-key',
      'data.g01.population.resident.v1-value',
      'quarantine.g01.population.resident-value',
      'receipts-value',
      'rejected.distributor-value',
      'rejected.g01-value',
      'rejected.g12-34-value',
      'rejected.g12-value',
      'rejected.general-database-value',
      'view.*-key',
      'view.*-value',
    ]);
    expect(schemas[0]).toMatchObject({ state: 'waiting', reason: 'there is no registry' });
  });

  it('publishes a release once it is approved, and keeps the ones before', async () => {
    const sex = dictionary.find(({ path }) => path.endsWith('/sex.yaml'))!;
    const changed = { ...sex, text: sex.text.replace("version: '1.0.0'", "version: '1.1.0'").replace('Chưa xác định', 'Không xác định') };
    const releases = async (): Promise<number[]> =>
      (await policyOf('policy.common')).flatMap((entry) => (entry.kind === 'dictionary' ? [entry.release] : [])).sort();
    const { body } = await call('POST', '/v1/apply', { files: [changed] });
    expect(body).toMatchObject({ created: [], changed: [], proposal: { number: 1 }, published: { published: [] } });
    expect(await releases()).toEqual([1]);
    expect((await call('POST', '/v1/dictionary/proposals/1/approval', {})).status).toBe(403);
    const authority = await call('POST', '/v1/principals', { name: 'hoa', role: 'dictionary-authority' });
    expect(authority).toMatchObject({ status: 201, body: { kafka: null } });
    const before = new Set((await policyOf('policy.common')).map(policyKey));
    const approved = await call('POST', '/v1/dictionary/proposals/1/approval', {}, authority.body.token as string);
    expect(approved).toMatchObject({ status: 200, body: { release: 2, pending: null } });
    expect(await releases()).toEqual([1, 2]);
    // What the releases have in common is not published again.
    const after = await policyOf('policy.common');
    const added = after.filter((entry) => !before.has(policyKey(entry)));
    expect(added.map(({ kind }) => kind)).toEqual(['dictionary']);
    for (const release of [1, 2]) expect(readRelease(after, release).kind).toBe('whole');
    const dataset = (await policyOf('policy.common')).find((entry) => entry.kind === 'dataset');
    expect(dataset).toMatchObject({ release: 2 });
    expect((await call('DELETE', '/v1/principals/hoa')).status).toBe(204);
    expect((await call('POST', '/v1/dictionary/proposals/1/approval', {}, authority.body.token as string)).status).toBe(401);
  });

  it('brings topics of states to their configuration, which were made as those of data', async () => {
    const { brokers, username, password } = superUser;
    const sasl = { mechanism: 'scram-sha-512', username, password } as const;
    const asks = new Kafka({ brokers: [...brokers], sasl, logLevel: logLevel.NOTHING }).admin();
    const settings = async (): Promise<(string | undefined)[]> => {
      const names = ['state.g01', 'state.distributor', 'data.g01.population.resident.v1'];
      const resources = names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name, configNames: ['min.compaction.lag.ms'] }));
      const { resources: found } = await asks.describeConfigs({ resources, includeSynonyms: false });
      return names.map((name) => found.find(({ resourceName }) => resourceName === name)?.configEntries[0]?.configValue);
    };
    const days = String(7 * 86_400_000);
    const admin = openLogAdmin({ connection: superUser });
    try {
      await asks.connect();
      await admin.ensureTopics(['state.g01', 'state.distributor'].map((name) => ({ name, partitions: 1, config: compactedTopic() })));
      await eventually(async () => expect(await settings()).toEqual([days, days, days]));
      expect((await call('POST', '/v1/apply', { files: documents })).status).toBe(200);
      await eventually(async () => expect(await settings()).toEqual(['0', '0', days]));
    } finally {
      await Promise.allSettled([asks.disconnect(), admin.close()]);
    }
  });

  it('finds everything again after a restart, and mends what was changed behind its back', async () => {
    await platform.close();
    const writer = await openLogWriter({
      connection: superUser,
      transactionalId: 'test.mischief',
      partitions: [{ topic: 'policy.common', partition: 0 }],
    });
    const place = { topic: 'policy.common', partition: 0, headers: [], timestampMs: Date.now() };
    const [part] = (await policyOf('policy.common')).filter(({ kind }) => kind === 'codelist').map(policyKey);
    if (part === undefined) throw new Error('there is no code list');
    await writer.write([
      { ...place, key: Buffer.from('agency/G01'), value: null },
      { ...place, key: Buffer.from('agency/G66'), value: Buffer.from(`{"kind":"agency","code":"G66","name":{"vi":"a","en":"a"}}`) },
      { ...place, key: Buffer.from('agency/G12'), value: Buffer.from('no json') },
      // What two releases refer to; and a code list as releases of before they shared theirs had it.
      { ...place, key: Buffer.from(part), value: null },
      { ...place, key: Buffer.from('codelist/1/urn:x/0'), value: Buffer.from('{"kind":"codelist","release":1,"id":"urn:x","part":0}') },
    ]);
    await writer.flush();
    await writer.close();
    platform = await startPlatform(configuration());
    await platform.ready;
    const agencies = (await policyOf('policy.common')).flatMap((entry) => (entry.kind === 'agency' ? [entry.code] : []));
    expect(agencies.sort()).toEqual(['G01', 'G12', 'G12.34']);
    const mended = await policyOf('policy.common');
    for (const release of [1, 2]) expect(readRelease(mended, release).kind).toBe('whole');
    expect(mended.filter((entry) => entry.kind === 'codelist' && 'release' in entry)).toEqual([]);
    expect((await call('POST', '/v1/apply', { files: documents })).body.message).toBe('nothing changed');
  });

  it('makes a principal who can do at the brokers what its role may, and nothing else, until it is deleted', async () => {
    const made = await call('POST', '/v1/principals', { name: 'agent.g12-34', role: 'agent', agency: 'G12.34' });
    expect(made).toMatchObject({ status: 201, body: { kafka: { username: 'agent.g12-34' } } });
    expect((await call('POST', '/v1/principals', { name: 'agent.g12-34', role: 'agent', agency: 'G12.34' })).status).toBe(409);
    const agent: KafkaConnection = { ...superUser, ...made.body.kafka };
    // What it may do at the brokers is another service's business.
    expect((await acls()).filter(({ principal }) => principal === 'User:agent.g12-34')).toEqual([]);
    await keepAccess();
    // What concerns it, and the view of its contract.
    const own = await policyOf('policy.g12-34', agent);
    const view = own.find((entry) => entry.kind === 'view');
    if (view?.kind !== 'view') throw new Error('the agency has no view');
    expect(await policyOf(view.topic, agent)).toEqual([]);
    expect(await policyOf('policy.principals')).toMatchObject([
      { kind: 'principal', name: 'agent.g12-34', agency: 'G12.34', role: 'agent' },
    ]);
    for (const topic of ['policy.g01', 'policy.g12', 'policy.principals', 'data.g01.population.resident.v1', 'state.g01']) {
      await expect(policyOf(topic, agent)).rejects.toMatchObject({ code: expect.stringMatching(/LOG_(NOT_AUTHORIZED|TOPIC_UNKNOWN)/) });
    }
    const open = (transactionalId: string, topic: string) =>
      openLogWriter({ connection: agent, transactionalId, partitions: [{ topic, partition: 0 }] });
    await (await open('agent.g12-34.tax', 'state.g12-34')).close();
    await expect(open('agent.g12-34.tax', view.topic)).rejects.toMatchObject({ code: 'LOG_NOT_AUTHORIZED' });
    await expect(open('platform.policy', 'state.g12-34')).rejects.toMatchObject({ code: 'LOG_NOT_AUTHORIZED' });

    const as = made.body.token as string;
    expect((await call('POST', '/v1/apply', { files: documents }, as)).status).toBe(403);
    expect((await call('GET', '/v1/documents/source/G01/population', undefined, as)).status).toBe(403);
    expect((await call('GET', '/v1/documents/contract/tax', undefined, as)).status).toBe(200);
    expect((await call('POST', '/v1/principals', { name: 'x', role: 'administrator' }, as)).status).toBe(403);
    const seen = (await call('GET', '/v1/policy', undefined, as)).body.entries.map(({ key }: { key: string }) => key.split('/')[0]);
    expect(seen).toContain('contract');
    expect(seen).not.toContain('source');

    expect((await call('DELETE', '/v1/principals/agent.g12-34')).status).toBe(204);
    await expect(policyOf('policy.g12-34', agent)).rejects.toMatchObject({ code: 'LOG_AUTHENTICATION_FAILED' });
    expect((await call('GET', '/v1/documents', undefined, as)).status).toBe(401);
    expect(await policyOf('policy.principals')).toEqual([]);
    await keepAccess();
    expect((await acls()).filter(({ principal }) => principal === 'User:agent.g12-34')).toEqual([]);
  }, 90_000);

  it('gives the service that keeps permissions its own, and nobody else any', async () => {
    const own = (all: readonly BrokerAcl[]) => all.filter(({ principal }) => principal === 'User:broker-access').length;
    const others = (all: readonly BrokerAcl[]) => all.filter(({ principal }) => principal !== 'User:broker-access');
    const before = await acls();
    expect(own(before)).toBe(0);
    const made = await call('POST', '/v1/principals', { name: 'broker-access', role: 'broker-access' });
    expect(made).toMatchObject({ status: 201, body: { kafka: { username: 'broker-access' } } });
    await eventually(async () => expect(own(await acls())).toBe(brokerAccessAcls().length));
    expect(others(await acls())).toEqual(before);
    // Its business is at the brokers alone.
    expect((await call('GET', '/v1/policy', undefined, made.body.token as string)).status).toBe(403);
    expect((await call('DELETE', '/v1/principals/broker-access')).status).toBe(204);
    await eventually(async () => expect(own(await acls())).toBe(0));
  }, 60_000);

  it('gives a sign of life, again and again, which is nobody’s change', async () => {
    const lastSign = async (): Promise<number> =>
      (await everythingOf('policy.common')).flatMap((entry) => (entry.kind === 'heartbeat' ? [entry.atMs] : []))[0] ?? 0;
    await platform.close();
    platform = await startPlatform(configuration({ heartbeatSeconds: 1 }));
    await platform.ready;
    const first = await lastSign();
    expect(first).toBeGreaterThan(Date.now() - 60_000);
    await eventually(async () => expect(await lastSign()).toBeGreaterThan(first + 1_500));
    expect((await call('POST', '/v1/apply', { files: documents })).body).toMatchObject({ published: { published: [] } });
  }, 60_000);

  it('does not take the token of a predecessor for that of a principal who was made again', async () => {
    const body = { name: 'lan.tran', role: 'integrator', agency: 'G01' };
    const status = async (as: string) => (await call('GET', '/v1/documents', undefined, as)).status;
    const before = (await call('POST', '/v1/principals', body)).body.token as string;
    expect(await status(before)).toBe(200);
    expect((await call('DELETE', '/v1/principals/lan.tran')).status).toBe(204);
    // Tokens are dated in whole seconds.
    await eventually(async () => {
      const after = (await call('POST', '/v1/principals', body)).body.token as string;
      expect(await status(after)).toBe(200);
      const old = await status(before);
      expect((await call('DELETE', '/v1/principals/lan.tran')).status).toBe(204);
      expect(old).toBe(401);
    });
  }, 60_000);

  it.each<[string, object]>([
    ['an agent under a free name', { name: 'g01-agent', role: 'agent', agency: 'G01' }],
    ['somebody under the name of a service', { name: 'distributor', role: 'reader' }],
    ['somebody under the name of an agent', { name: 'agent.g01', role: 'integrator', agency: 'G01' }],
    ['an agent of an agency that is not there', { name: 'agent.g77', role: 'agent', agency: 'G77' }],
    ['a role that is none', { name: 'x', role: 'king' }],
  ])('does not make %s', async (_, body) => {
    expect((await call('POST', '/v1/principals', body)).status).toBe(400);
  });

  it("lets an integrator apply what is its agency's, and nothing else", async () => {
    const { body } = await call('POST', '/v1/principals', { name: 'an.g01', role: 'integrator', agency: 'G01' });
    expect(body.kafka).toBeNull();
    const dataset = (agency: string) => ({
      files: [{ path: 'd.yaml', text: `dataset: {name: ${agency.toLowerCase()}.x, agency: ${agency}, title: ${title}}` }],
      dryRun: true,
    });
    expect((await call('POST', '/v1/apply', dataset('G01'), body.token)).status).toBe(200);
    expect((await call('POST', '/v1/apply', dataset('G12'), body.token)).status).toBe(403);
    // A dataset of another agency is not taken over by naming it as one's own.
    await call('POST', '/v1/apply', { ...dataset('G12'), dryRun: false });
    const claim = { files: [{ path: 'd.yaml', text: `dataset: {name: g12.x, agency: G01, title: ${title}}` }] };
    expect((await call('POST', '/v1/apply', claim, body.token)).status).toBe(403);
    const contract = documents[2]!.text
      .replace('name: tax', 'name: other')
      .replace('table: resident', 'table: other')
      .replace('G12.34', 'G01');
    expect((await call('POST', '/v1/apply', { files: [{ path: 'c.yaml', text: contract }] }, body.token)).status).toBe(403);
  });

  it('sends a command to an agent and brings its reply, repeats it when it is lost, and says when nobody answers', async () => {
    const credentials = (await call('POST', '/v1/principals', { name: 'agent.g01', role: 'agent', agency: 'G01' })).body;
    await keepAccess();
    const silent = await call('POST', '/v1/agents/G01/commands', { command: 'status', timeoutMs: 4000 });
    expect(silent).toMatchObject({
      status: 504,
      body: { code: 'PLATFORM_AGENT_SILENT', message: expect.stringContaining('did not answer') },
    });

    const received: string[] = [];
    @Controller()
    class FakeAgent {
      @MessagePattern('command.g01')
      answer(@Payload() message: unknown): object | Promise<object> {
        const { id, command, source, deadlineMs } = agentCommand.parse(message);
        // The command that nobody waited for is in the topic still.
        if (deadlineMs < Date.now()) return new Promise<object>(() => {});
        received.push(id);
        // The first one is lost on the way.
        if (received.length === 1) throw new Error('lost');
        return { id, ok: command !== 'pause', message: `${command} ${source ?? 'all'}`, detail: {} };
      }
    }
    @Module({ controllers: [FakeAgent] })
    class AgentModule {}
    const client = commandClient({ ...superUser, ...credentials.kafka }, 'agent.g01');
    const agent = await NestFactory.createMicroservice<MicroserviceOptions>(AgentModule, {
      logger: false,
      transport: Transport.KAFKA,
      options: {
        client,
        consumer: commandConsumer('agent.g01.commands'),
        producer: { allowAutoTopicCreation: false },
      },
    });
    await agent.listen();
    try {
      const answered = await call('POST', '/v1/agents/G01/commands', { command: 'resume', source: 'population', timeoutMs: 30_000 });
      expect(answered).toMatchObject({ status: 200, body: { ok: true, message: 'resume population' } });
      expect(new Set(received).size).toBe(1);
      expect(received.length).toBeGreaterThan(1);
      const refused = await call('POST', '/v1/agents/G01/commands', { command: 'pause', timeoutMs: 30_000 }, credentials.token);
      expect(refused).toMatchObject({ status: 200, body: { ok: false, message: 'pause population' } });
      const quarantine = { dataset: 'population.resident', entry: '7' };
      const shown = { command: 'quarantine', source: 'population', quarantine, timeoutMs: 30_000 };
      expect((await call('POST', '/v1/agents/G01/commands', shown, credentials.token)).body).toMatchObject({
        message: 'quarantine population',
      });
      expect((await call('POST', '/v1/agents/G12/commands', shown, credentials.token)).status).toBe(403);
      for (const wrong of [
        { ...shown, source: null },
        { ...shown, quarantine: undefined },
        { ...shown, command: 'status' },
      ])
        expect((await call('POST', '/v1/agents/G01/commands', wrong)).status).toBe(400);
      expect((await call('POST', '/v1/agents/G12/commands', { command: 'pause' }, credentials.token)).status).toBe(403);
      expect((await call('POST', '/v1/agents/G55/commands', { command: 'pause' })).status).toBe(404);
      const { audit } = (await call('GET', '/v1/audit')).body;
      expect(audit.slice(0, 4)).toMatchObject([
        { action: 'agent.quarantine', principal: 'agent.g01', result: 'answered', detail: quarantine },
        { action: 'agent.pause', principal: 'agent.g01', result: 'refused' },
        { action: 'agent.resume', principal: 'administrator', result: 'answered' },
        { action: 'agent.status', result: 'timed-out' },
      ]);
      const elsewhere = await call('POST', '/v1/agents/G01/commands', { command: 'pause', source: 'nothing' });
      expect(elsewhere).toMatchObject({
        status: 200,
        body: { ok: false, message: 'G01 has no source nothing: its sources are population' },
      });
    } finally {
      await agent.close();
    }
  }, 120_000);

  it('leaves the policy to the platform that came later', async () => {
    // Its first sign of life makes it take the name.
    const second = await startPlatform(configuration());
    await second.ready;
    const agency = (code: string) => ({ files: [{ path: 'a.yaml', text: `agency: {code: ${code}, name: ${title}}\n` }] });
    const first = platform;
    platform = second;
    expect((await call('POST', '/v1/apply', agency('G77'))).body).toMatchObject({ pending: null });
    platform = first;
    expect((await call('POST', '/v1/apply', agency('G78'))).body).toMatchObject({
      created: ['agency/G78'],
      pending: expect.stringContaining('another platform'),
    });
    expect(await call('GET', '/health/ready')).toMatchObject({ status: 503, body: { fenced: true } });
    await first.close();
    platform = second;
    // It was stored all the same, and whoever publishes next publishes it.
    expect((await call('POST', '/v1/apply', agency('G78'))).body).toMatchObject({ message: 'nothing changed', pending: null });
    const agencies = (await policyOf('policy.common')).flatMap((entry) => (entry.kind === 'agency' ? [entry.code] : []));
    expect(agencies).toEqual(expect.arrayContaining(['G77', 'G78']));
  });

  it('is open on a loopback address only, and then knows everybody as the administrator', async () => {
    expect(platformConfiguration.safeParse({ ...configuration(), open: true, host: '0.0.0.0' }).success).toBe(false);
    const open = await startPlatform(configuration({ open: true }));
    try {
      await open.ready;
      expect((await fetch(`${open.url}/v1/audit`)).status).toBe(200);
    } finally {
      await open.close();
    }
  });
});
