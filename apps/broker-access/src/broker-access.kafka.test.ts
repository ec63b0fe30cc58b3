import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { brokerAccessAcls } from '@truc/access';
import type { PolicyEntry } from '@truc/coordination';
import {
  aclText,
  compactedTopic,
  openLogAdmin,
  openLogReader,
  openLogWriter,
  type BrokerAcl,
  type KafkaConnection,
  type LogAdmin,
} from '@truc/kafka';
import { reveal } from '@truc/kernel';
import { startKafka, type KafkaServer } from '@truc/local-stack';
import type { LogWriter } from '@truc/pipeline';
import { publishPolicy } from '@truc/policy';
import { eventually } from '@truc/testing';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } from 'kafkajs';
import { startBrokerAccess, type BrokerAccess, type BrokerAccessSurroundings } from './broker-access.js';
import { brokerAccessConfiguration } from './configuration.js';

const bilingual = { vi: 'x', en: 'x' };
const viewTopic = 'view.aa';
const agencies: PolicyEntry[] = ['G01', 'G12'].map((code) => ({ kind: 'agency', code, name: bilingual }));
const view: PolicyEntry = {
  kind: 'view',
  id: 'aa',
  topic: viewTopic,
  dataset: 'population.resident',
  generation: 1,
  datasetTopic: 'data.g01.population.resident.v1',
  partitions: 1,
  scheme: 'personal-id',
  codeField: 'personalId',
  codeInClear: true,
  fields: [{ name: 'personalId', element: 'person.personal-id', role: 'source', protection: 'none', required: true }],
  valueSchema: '{}',
};
const contract = (validFrom = '2020-01-01', validTo: string | null = null): PolicyEntry => ({
  kind: 'contract',
  name: 'c',
  consumer: 'G12',
  dataset: 'population.resident',
  generation: 1,
  viewId: 'aa',
  purpose: bilingual,
  legalBasis: 'x',
  validFrom,
  validTo,
  target: { database: 'd', table: 't' },
});
const principal = (name: string): PolicyEntry => ({ kind: 'principal', name, agency: null, role: 'agent', sinceSeconds: 0 });
const policyTopics = ['policy.common', 'policy.principals', 'policy.g01', 'policy.g12'];
const dataTopics = [viewTopic, 'data.g01.population.resident.v1', 'data.g12.x.v1'];
const reads = 'User:agent.g12 read topic literal view.aa';
const writes = 'User:agent.g12 write topic prefixed data.g12.';
/** The last moment of a day in Viet Nam. */
const lastMoment = (day: string): number => Date.parse(`${day}T16:59:59.999Z`) + 1;

describe('the keeper of access', () => {
  // Names of topics are fixed, and every entry at the brokers is judged, so that it has brokers to itself.
  const directory = mkdtempSync(join(tmpdir(), 'truc-broker-access-'));
  let kafka: KafkaServer;
  let superUser: KafkaConnection;
  let admin: LogAdmin;
  let writer: LogWriter;
  let keeper: BrokerAccess | null = null;
  let lines = '';

  const acls = async (): Promise<string[]> => (await admin.listAcls()).acls.map(aclText);
  const publish = (topic: string, set: PolicyEntry[], remove: string[] = []) => publishPolicy(writer, topic, { set, remove });
  const sign = (atMs: number) => publish('policy.common', [{ kind: 'heartbeat', atMs }]);
  const metrics = async (): Promise<string> => (await fetch(`${keeper?.url}/metrics`)).text();
  const audit = (): Record<string, unknown>[] =>
    lines.split('\n').flatMap((line) => (line.includes('"audit"') ? [JSON.parse(line) as Record<string, unknown>] : []));

  async function start(more: object = {}, surroundings: BrokerAccessSurroundings = {}): Promise<BrokerAccess> {
    const logTo = new PassThrough();
    logTo.on('data', (chunk: Buffer) => (lines += chunk.toString()));
    const connection = { ...superUser, username: 'broker-access', password: 'secret' };
    return startBrokerAccess(brokerAccessConfiguration.parse({ port: 0, kafka: connection, lookSeconds: 1, ...more }), {
      logTo,
      ...surroundings,
    });
  }

  /** The brokers show a change before the line that tells of it is written. */
  const told = (line: object) => eventually(() => expect(audit()).toContainEqual(expect.objectContaining(line)));

  beforeAll(async () => {
    kafka = await startKafka({ directory: join(directory, 'kafka'), heapMebibytes: 320 });
    const { brokers, username, password, mechanism } = kafka;
    superUser = { brokers: [...brokers], username, password, mechanism };
    admin = openLogAdmin({ connection: superUser });
    await admin.ensureTopics([...policyTopics, ...dataTopics].map((name) => ({ name, partitions: 1, config: compactedTopic() })));
    writer = await openLogWriter({
      connection: superUser,
      transactionalId: 'platform.policy',
      partitions: policyTopics.map((topic) => ({ topic, partition: 0 })),
    });
    for (const user of ['broker-access', 'agent.g12', 'agent.g01']) await admin.upsertScramUser(user, 'secret');
    // All that the platform gives.
    await admin.createAcls(brokerAccessAcls().map((acl) => ({ ...acl, principal: `User:${acl.principal}` })));
    await publish('policy.common', agencies);
    await publish('policy.g12', [view, contract()]);
    await publish('policy.principals', ['broker-access', 'agent.g12'].map(principal));
  }, 120_000);

  beforeEach(async () => {
    lines = '';
    await publish('policy.principals', [principal('agent.g12')], ['principal/agent.g01']);
    await publish('policy.g12', [contract()]);
    await sign(Date.now());
  });

  afterEach(async () => {
    await keeper?.close();
    keeper = null;
  }, 20_000);

  afterAll(async () => {
    await writer?.close();
    await admin?.close();
    await kafka?.stop();
    rmSync(directory, { recursive: true, force: true });
  }, 120_000);

  it('needs no more than its own rights to bring the brokers to what the policy says, and tells each change', async () => {
    keeper = await start();
    await eventually(async () => expect((await fetch(`${keeper?.url}/health/ready`)).status).toBe(200));
    const there = await eventually(async () => {
      const found = await acls();
      expect(found).toContain(reads);
      return found;
    });
    expect(there).toContain(writes);
    expect(there.filter((text) => /agent\.g01|distributor/.test(text))).toEqual([]);
    await told({ audit: 'access.granted', principal: 'agent.g12', operation: 'read', name: viewTopic, reason: 'policy' });
    await eventually(async () => {
      const granted = audit().filter(({ audit: kind }) => kind === 'access.granted');
      expect(granted).toHaveLength((await acls()).length - brokerAccessAcls().length);
      expect(await metrics()).toMatch(/truc_access_changes_total\{[^}]*change="granted",reason="policy"[^}]*\} [1-9]/);
      expect(await metrics()).toMatch(/truc_access_permissions(\{[^}]*\})? [1-9]/);
    });
    // Who is made, and who is no longer there.
    await publish('policy.principals', [principal('agent.g01')], ['principal/agent.g12']);
    await eventually(async () => {
      const now = await acls();
      expect(now.filter((text) => text.includes('agent.g12'))).toEqual([]);
      expect(now.filter((text) => text.includes('agent.g01'))).not.toEqual([]);
    });
    await told({ audit: 'access.withdrawn', name: viewTopic, reason: 'policy-changed' });
    await publish('policy.principals', [principal('agent.g12')], ['principal/agent.g01']);
    await eventually(async () => expect(await acls()).toContain(reads));
  }, 120_000);

  it('withdraws what was made by hand, in whatever way, and gives back what was taken', async () => {
    keeper = await start({ spare: ['exporter'] });
    await eventually(async () => expect(await acls()).toContain(reads));
    const { brokers, username, password } = superUser;
    const byHand = new Kafka({
      brokers: [...brokers],
      sasl: { mechanism: 'scram-sha-512', username, password: reveal(password) },
      logLevel: logLevel.NOTHING,
    }).admin();
    const entry = {
      resourceType: AclResourceTypes.TOPIC,
      resourceName: viewTopic,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      host: '*',
      operation: AclOperationTypes.READ,
      permissionType: AclPermissionTypes.ALLOW,
    };
    await byHand.connect();
    try {
      const own = { ...entry, resourceName: '*', permissionType: AclPermissionTypes.ALLOW };
      await byHand.createAcls({
        acl: [
          { ...own, principal: 'User:*' },
          { ...entry, principal: 'User:agent.g01', host: '10.0.0.5', operation: AclOperationTypes.ALL },
          { ...entry, principal: 'User:agent.g12', host: '10.0.0.5' },
          { ...entry, principal: 'User:exporter', operation: AclOperationTypes.DESCRIBE },
          { ...entry, principal: 'User:agent.g01', permissionType: AclPermissionTypes.DENY },
        ],
      });
    } finally {
      await byHand.disconnect();
    }
    await eventually(async () => {
      const { foreign, acls: usual } = await admin.listAcls();
      expect(foreign.map(({ principal: who, denies }) => [who, denies])).toEqual([['User:agent.g01', true]]);
      expect(usual.map(({ principal: who }) => who)).not.toContain('User:*');
    });
    expect(await acls()).toContain('User:exporter describe topic literal view.aa');
    expect(await acls()).toContain(reads);
    for (const who of ['*', 'agent.g01 from 10.0.0.5', 'agent.g12 from 10.0.0.5'])
      await told({ level: 40, audit: 'access.withdrawn', principal: who, reason: 'unknown' });
    await told({ audit: 'access.denying' });
    await eventually(async () => {
      expect(await metrics()).toMatch(/truc_access_denying(\{[^}]*\})? 1/);
      expect(await metrics()).toMatch(/truc_access_changes_total\{[^}]*change="withdrawn",reason="unknown"[^}]*\} 3/);
    });
    const { acls: all, foreign } = await admin.listAcls();
    const taken = all.find((one: BrokerAcl) => aclText(one) === reads);
    await admin.deleteAcls([...foreign, ...(taken === undefined ? [] : [taken])]);
    await told({ name: viewTopic, reason: 'was-taken', level: 40 });
    await eventually(async () => expect(await acls()).toContain(reads));
  }, 120_000);

  it('closes and opens a contract at midnight in Viet Nam, though nothing else happens', async () => {
    await publish('policy.g12', [contract('2030-01-01', '2030-03-31')]);
    const midnight = lastMoment('2030-03-31');
    const shiftMs = midnight - Date.now() - 15_000;
    const clock = { now: () => Date.now() + shiftMs };
    await sign(clock.now());
    // Looking at the brokers would not come round within the test.
    keeper = await start({ lookSeconds: 3600 }, { clock });
    await eventually(async () => expect(await acls()).toContain(reads));
    expect(clock.now()).toBeLessThan(midnight);
    await eventually(async () => expect(await acls()).not.toContain(reads));
    expect(clock.now()).toBeGreaterThanOrEqual(midnight);
    await told({ name: viewTopic, reason: 'contract-not-in-force' });
    expect(await acls()).toContain(writes);
  }, 120_000);

  it('opens a contract at its first midnight, though nobody but the brokers is there to ask', async () => {
    await publish('policy.g12', [contract('2030-05-01')]);
    const midnight = lastMoment('2030-04-30');
    const shiftMs = midnight - Date.now() - 15_000;
    const clock = { now: () => Date.now() + shiftMs };
    await sign(clock.now());
    keeper = await start({ lookSeconds: 3600 }, { clock });
    await eventually(async () => expect((await fetch(`${keeper?.url}/health/ready`)).status).toBe(200));
    expect(await acls()).not.toContain(reads);
    expect(clock.now()).toBeLessThan(midnight);
    await eventually(async () => expect(await acls()).toContain(reads));
    expect(clock.now()).toBeGreaterThanOrEqual(midnight);
  }, 120_000);

  it('closes what contracts open when nothing was heard of the platform for too long, leaves agencies their own, and opens it when it is back', async () => {
    await sign(Date.now());
    keeper = await start({ policyAgeSecondsMax: 15 });
    await eventually(async () => expect(await acls()).toContain(reads));
    const full = await acls();
    await eventually(async () => expect(await acls()).not.toContain(reads));
    expect(await acls()).toEqual(full.filter((text) => text !== reads));
    await told({ name: viewTopic, reason: 'policy-old' });
    await told({ audit: 'access.closed', level: 50 });
    await eventually(async () => expect(await metrics()).toMatch(/truc_access_closed(\{[^}]*\})? 1/));
    const agent = openLogReader({ connection: { ...superUser, username: 'agent.g12', password: 'secret' }, unreachableMs: 5_000 });
    try {
      await eventually(() => expect(agent.bounds(viewTopic, 0)).rejects.toMatchObject({ code: 'LOG_NOT_AUTHORIZED' }));
      await expect(agent.bounds('data.g12.x.v1', 0)).resolves.toBeDefined();
      await sign(Date.now() + 60_000);
      await eventually(async () => expect(await acls()).toEqual(full));
      await eventually(() => expect(agent.bounds(viewTopic, 0)).resolves.toBeDefined());
    } finally {
      await agent.close();
    }
    await told({ audit: 'access.opened' });
  }, 120_000);

  it('takes nothing but reading by contract for a policy that does not name itself', async () => {
    keeper = await start();
    await eventually(async () => expect(await acls()).toContain(reads));
    const full = await acls();
    await publish(
      'policy.principals',
      [],
      ['broker-access', 'agent.g12'].map((name) => `principal/${name}`),
    );
    try {
      await eventually(async () => expect(await acls()).toEqual(full.filter((text) => text !== reads)));
      const { url } = keeper;
      const readiness = async (): Promise<unknown> => (await fetch(`${url}/health/ready`)).json();
      await eventually(async () => expect(await readiness()).toMatchObject({ status: 'not ready', access: 'headless' }));
    } finally {
      await publish('policy.principals', ['broker-access', 'agent.g12'].map(principal));
    }
    await eventually(async () => expect(await acls()).toEqual(full));
  }, 120_000);

  it('counts and tells what the brokers refuse', async () => {
    keeper = await start({ authorizerLogs: [join(directory, 'kafka', 'kafka.log')] });
    await eventually(async () => expect(await acls()).toContain(reads));
    const agent = openLogReader({ connection: { ...superUser, username: 'agent.g12', password: 'secret' }, unreachableMs: 5_000 });
    try {
      await eventually(async () => {
        await agent.bounds('data.g01.population.resident.v1', 0).catch(() => {});
        expect(audit()).toContainEqual(
          expect.objectContaining({
            audit: 'broker.denied',
            principal: 'agent.g12',
            resourceType: 'topic',
            resource: 'data.g01.population.resident.v1',
          }),
        );
      });
    } finally {
      await agent.close();
    }
    expect(await metrics()).toMatch(
      /truc_broker_denied_total\{[^}]*principal="agent\.g12",operation="DESCRIBE",resource="topic"[^}]*\} [1-9]/,
    );
  }, 120_000);

  it('stands by while another process acts, and takes over when that one ends', async () => {
    keeper = await start();
    const first = keeper;
    await eventually(async () => expect(await (await fetch(`${first.url}/health/ready`)).json()).toMatchObject({ access: 'kept' }));
    const second = await start();
    keeper = second;
    const state = async () =>
      (await (await fetch(`${second.url}/health/ready`)).json()) as { status: string; role: string; access: string };
    await eventually(async () => expect(await state()).toMatchObject({ status: 'ready', role: 'standby', access: 'standby' }));
    await first.close();
    await eventually(async () => expect(await state()).toMatchObject({ role: 'acting', access: 'kept' }));
  }, 120_000);
});
