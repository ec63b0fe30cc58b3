import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicNames, type PolicyEntry } from '@truc/coordination';
import { GroupLease, openLogAdmin, openLogWriter } from '@truc/kafka';
import { checkoutRoot, freePorts, removeBackbone, startBackbone, type Backbone, type BackboneApp } from '@truc/local-stack';
import { eventually, uniqueTestName } from '@truc/testing';
import { Intruder, type HttpAttempt, type HttpCaller } from './intruder.js';
import { importAttempts, registryAttempts, type AttemptedSubjects } from './registry-attempts.js';

/**
 * What an agency could try that means harm, with its own credentials and from every side that it has but its own topics: brokers, registry, platform. Everything is refused by the real parts, and shows
 * in the metrics and in an audit: each attempt by itself.
 */
describe('an agency that means harm, at brokers, registry and platform', () => {
  const directory = join(checkoutRoot, '.truc', 'test', `break-in-${uniqueTestName()}`);
  const apps: readonly BackboneApp[] = ['distributor'];
  const dataTopic = 'data.g01.population.resident.v1';
  let backbone: Backbone;
  let policy: readonly PolicyEntry[];
  let intruder: Intruder;
  /** Somebody of G12 who may register its schemas and apply its documents. */
  let mallory: HttpCaller;
  let administrator: HttpCaller;

  const denied = (operation: string, resource: string, name: string, attempt: () => Promise<unknown>): Promise<void> =>
    intruder.isDenied('agent.g12', [operation, resource, name], attempt);
  const viewTopic = (): string => policy.find((entry) => entry.kind === 'view')?.topic ?? '';

  beforeAll(async () => {
    backbone = await startBackbone({ directory, ports: await freePorts(), residents: 100, seed: 3, only: apps });
    intruder = new Intruder(backbone);
    policy = await backbone.policy();
    administrator = { name: 'administrator', role: 'administrator', token: backbone.administratorToken };
    const made = await backbone.platform.call('POST', '/v1/principals', { name: 'mallory', role: 'integrator', agency: 'G12' });
    mallory = { name: 'mallory', role: 'integrator', token: (made as { token: string }).token };
    await eventually(async () => {
      for (const app of [...apps, 'broker-access'] as const) expect((await fetch(`${intruder.url(app)}/health/ready`)).status).toBe(200);
    });
  }, 300_000);

  afterAll(async () => {
    await backbone?.stop();
    removeBackbone(directory);
  }, 60_000);

  it('reads nothing of others at the brokers: their datasets, views, quarantine, policy, state, commands', async () => {
    const foreign = [
      dataTopic,
      viewTopic(),
      'quarantine.g01.population.resident',
      topicNames.policy('G01'),
      topicNames.policyPrincipals,
      topicNames.state('G01'),
      topicNames.serviceState('distributor'),
      topicNames.command('G01'),
      topicNames.reply('G01'),
      topicNames.rejected('g01'),
      topicNames.rejected('general-database'),
    ];
    for (const topic of foreign) await denied('DESCRIBE', 'topic', topic, () => intruder.reading('G12', topic));
    // Who may write there may know that there is something, and nothing else.
    await denied('READ', 'topic', topicNames.receipts, () => intruder.reading('G12', topicNames.receipts));
  }, 60_000);

  it('writes nothing to others, to the policy, to views, or to itself in the name of the platform', async () => {
    // A forged command: to another agency's agent, and to its own, which only the platform commands; and a forged answer to one.
    const foreign = [
      dataTopic,
      viewTopic(),
      'quarantine.g01.population.resident',
      topicNames.state('G01'),
      topicNames.rejected('general-database'),
      topicNames.policy('G01'),
      topicNames.command('G01'),
      topicNames.reply('G01'),
    ];
    for (const topic of foreign) await denied('DESCRIBE', 'topic', topic, () => intruder.writing('G12', topic));
    for (const topic of [topicNames.policyCommon, topicNames.policy('G12'), topicNames.command('G12')])
      await denied('WRITE', 'topic', topic, () => intruder.writing('G12', topic));
  }, 60_000);

  it("takes neither another's group nor a service's transactional id", async () => {
    for (const group of ['agent.g01.source.population.lease', 'distributor.lease']) {
      const lease = new GroupLease({ connection: intruder.as('G12'), group, holder: 'mallory' });
      try {
        await denied('DESCRIBE', 'group', group, async () => {
          expect(await lease.standBy()).toMatch(/cannot be asked/);
          expect(lease.isHeld).toBe(false);
        });
      } finally {
        await lease.close();
      }
    }
    const client = intruder.kafkajs('agent.g12');
    for (const groupId of ['agent.g01.reader', 'general-database.reader']) {
      const consumer = client.consumer({ groupId, retry: { retries: 0 } });
      try {
        await consumer.connect();
        const crashed = new Promise((resolve) => consumer.on(consumer.events.CRASH, resolve));
        await consumer.subscribe({ topic: topicNames.policyCommon });
        // It looks for the group's coordinator before it joins.
        await denied('DESCRIBE', 'group', groupId, () => Promise.all([crashed, consumer.run({ eachMessage: () => Promise.resolve() })]));
      } finally {
        await consumer.disconnect();
      }
    }
    const admin = client.admin();
    try {
      await admin.connect();
      const offsets = { groupId: 'distributor.lease', topic: topicNames.policyCommon, partitions: [{ partition: 0, offset: '0' }] };
      await denied('DESCRIBE', 'group', 'distributor.lease', () =>
        expect(admin.setOffsets(offsets)).rejects.toThrow(/authorized|group coordinator/i),
      );
    } finally {
      await admin.disconnect();
    }
    for (const transactionalId of [`distributor.${dataTopic}.0`, 'platform.policy', 'agent.g01.population', 'general-database.rejected']) {
      const partitions = [{ topic: topicNames.state('G12'), partition: 0 }];
      await denied('DESCRIBE', 'transactional-id', transactionalId, () =>
        expect(openLogWriter({ connection: intruder.as('G12'), transactionalId, partitions })).rejects.toMatchObject({
          code: 'LOG_NOT_AUTHORIZED',
        }),
      );
    }
  }, 60_000);

  it('changes nothing at the brokers: permissions, users, topics', async () => {
    const admin = intruder.kafkajs('agent.g12').admin();
    const unauthorized = (attempt: Promise<unknown>) => expect(attempt).rejects.toThrow(/authoriz|does not host|creation errors/i);
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
      await denied('ALTER', 'cluster', 'kafka-cluster', () => unauthorized(admin.createAcls({ acl: [acl] })));
      await denied('DELETE', 'topic', dataTopic, () => unauthorized(admin.deleteTopics({ topics: [dataTopic] })));
      await denied('CREATE', 'topic', 'data.g12.own.v1', () =>
        unauthorized(admin.createTopics({ topics: [{ topic: 'data.g12.own.v1' }] })),
      );
    } finally {
      await admin.disconnect();
    }
  }, 60_000);

  async function subjects(): Promise<AttemptedSubjects> {
    const latest = async (subject: string) =>
      (await intruder.ask('schema-registry', { method: 'GET', path: `/subjects/${subject}/versions/latest` }, mallory)).body as {
        id: number;
        schema: string;
      };
    const [own, theirs] = ['data.g12.administrative.province.v1-value', `${dataTopic}-value`];
    const { schema: ownSchema } = await latest(own);
    const { schema: theirSchema, id: theirId } = await latest(theirs);
    return { own, ownSchema, none: 'data.g12.own.v1-value', theirs, theirSchema, theirId };
  }

  const registered = async (): Promise<unknown> => {
    const { body } = await intruder.ask('schema-registry', { method: 'GET', path: '/schemas?deleted=true' }, administrator);
    return body;
  };

  it('gets nothing past the registry: modes, settings, tags, metadata, rules, references, contexts, names, deletions', async () => {
    const asked = await subjects();
    const before = await registered();
    for (const attempt of registryAttempts(asked)) await intruder.isRefused('schema-registry', attempt, mallory);
    // An agent registers and deletes nothing at all, and who is nobody sees nothing.
    const agent = { told: 'an agent', method: 'POST', path: `/subjects/${dataTopic}-value/versions`, body: { schema: '"int"' } } as const;
    await intruder.isRefused('schema-registry', { ...agent, status: 403, code: 40301 }, intruder.agent('G01'));
    await intruder.isRefused('schema-registry', { ...agent, status: 401, code: 40101 }, { ...mallory, token: `${mallory.token}x` });
    // Nor does it help to have an administrator let a name stand for what the dictionary guards.
    const alias = {
      told: 'an alias',
      method: 'PUT',
      path: '/config/free',
      body: { alias: asked.theirs },
      status: 422,
      code: 42205,
    } as const;
    await intruder.isRefused('schema-registry', alias, administrator);
    expect(await registered()).toEqual(before);
  }, 120_000);

  it('gets nothing in by IMPORT mode, though an administrator has entered it for one subject after the other, a context, and everything', async () => {
    const asked = await subjects();
    const before = await registered();
    const places = [asked.own, asked.none, asked.theirs, 'receipts-value', encodeURIComponent(':.evil:')].map(
      (subject) => `/mode/${subject}`,
    );
    const inMode = async (method: 'PUT' | 'DELETE', path: string): Promise<void> => {
      const body = method === 'PUT' ? { mode: 'IMPORT' } : undefined;
      const query = method === 'PUT' ? '?force=true' : '';
      const { status } = await intruder.ask(
        'schema-registry',
        { method, path: `${path}${query}`, ...(body === undefined ? {} : { body }) },
        administrator,
      );
      expect({ path, status }).toEqual({ path, status: 200 });
    };
    for (const set of [places, ['/mode']]) {
      for (const path of set) await inMode('PUT', path);
      try {
        for (const attempt of importAttempts(asked)) await intruder.isRefused('schema-registry', attempt, mallory);
      } finally {
        for (const path of set) await inMode('DELETE', path);
      }
    }
    expect(await registered()).toEqual(before);
  }, 120_000);

  it('ends no version for good that its dataset needs (D11)', async () => {
    const { own, ownSchema } = await subjects();
    const ask = (method: 'DELETE' | 'POST', path: string, body?: object) =>
      intruder.ask('schema-registry', { method, path, ...(body === undefined ? {} : { body }) }, mallory);
    expect(await ask('DELETE', `/subjects/${own}`)).toMatchObject({ status: 200 });
    for (const path of [`/subjects/${own}?permanent=true`, `/subjects/${own}/versions/1?permanent=true`]) {
      const attempt: HttpAttempt = { told: path, method: 'DELETE', path, status: 422, code: 42201, rules: ['D11'] };
      await intruder.isRefused('schema-registry', attempt, mallory);
    }
    expect(await ask('POST', `/subjects/${own}/versions`, { schema: ownSchema })).toMatchObject({ status: 200 });
  }, 60_000);

  it("commands nobody else's agent, sees nobody else's quarantine, sources or commands, and applies nobody else's documents", async () => {
    const deniedHere = { status: 403, code: 'PLATFORM_ACCESS_DENIED' } as const;
    const post = (path: string, body: object): HttpAttempt => ({
      told: `${path} ${JSON.stringify(body)}`,
      method: 'POST',
      path,
      body,
      ...deniedHere,
    });
    const get = (path: string): HttpAttempt => ({ told: path, method: 'GET', path, ...deniedHere });
    const g01 = '/v1/agents/G01/commands';
    const both = [
      post(g01, { command: 'pause' }),
      post(g01, { command: 'snapshot', source: 'population' }),
      post(g01, { command: 'quarantine', source: 'population', quarantine: { dataset: 'population.resident', entry: null } }),
      post(g01, { command: 'retry', source: 'population', quarantine: { dataset: 'population.resident', entry: null } }),
      post(g01, { command: 'resolve', source: 'population', resolution: { code: 'CAPTURE_SLOT_LOST', reason: 'mine' } }),
      post('/v1/principals', { name: 'broker-access', role: 'broker-access' }),
      post('/v1/dictionary/proposals/1/approval', {}),
      get('/v1/documents/source/G01/population'),
      get('/v1/audit'),
      get('/v1/principals'),
      { ...get('/v1/principals/agent.g01'), method: 'DELETE' as const },
    ];
    for (const attempt of both)
      for (const caller of [mallory, intruder.agent('G12')]) await intruder.isRefused('platform', attempt, caller);
    await intruder.isRefused('platform', post('/v1/apply', { files: [] }), intruder.agent('G12'));
    const title = '{vi: a, en: a}';
    const documents = [
      `agency: {code: G01, name: ${title}}`,
      `agency: {code: G13, name: ${title}}`,
      // A contract that would let it read the whole population.
      readFileSync(join(checkoutRoot, 'libs/demo/documents/contract-social-insurance.yaml'), 'utf8')
        .replace('name: social-insurance-residents', 'name: mine')
        .replace('consumer: G12.34', 'consumer: G12'),
    ];
    for (const text of documents) await intruder.isRefused('platform', post('/v1/apply', { files: [{ path: 'a.yaml', text }] }), mallory);
    const nobody = { ...mallory, token: `${mallory.token}x` };
    await intruder.isRefused('platform', { ...post(g01, { command: 'pause' }), status: 401, code: 'ACCESS_TOKEN_INVALID' }, nobody);
    const lines = intruder.audit('platform').filter(({ audit }) => audit === 'access.denied');
    expect(lines).toContainEqual(expect.objectContaining({ principal: 'agent.g12', agency: 'G12', path: g01 }));
    expect(lines).toContainEqual(expect.objectContaining({ code: 'ACCESS_TOKEN_INVALID' }));
  }, 60_000);

  it('finds nothing changed at the end', async () => {
    const besides = (all: readonly PolicyEntry[]) => all.filter((entry) => entry.kind !== 'principal');
    expect(besides(await backbone.policy())).toEqual(besides(policy));
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
      expect(intruder.audit('broker-access')).toContainEqual(
        expect.objectContaining({ audit: 'access.withdrawn', principal: 'agent.g12', name: dataTopic, reason: 'unknown' }),
      ),
    );
    expect(await intruder.counted('broker-access', 'truc_access_changes', { change: 'withdrawn', reason: 'unknown' })).toBe(1);
  }, 60_000);
});
