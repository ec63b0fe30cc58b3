import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateTokenKey, type TokenHolder } from '@truc/access';
import { topicNames } from '@truc/coordination';
import { compactedTopic, openLogAdmin, openLogReader, openLogWriter, type KafkaConnection } from '@truc/kafka';
import { startKafka, type KafkaServer } from '@truc/local-stack';
import { BackbonePolicy, publishPolicy } from '@truc/policy';
import { RegistryRefusal, type SubjectRules } from '@truc/registry';
import { createLogger } from '@truc/telemetry';
import { eventually } from '@truc/testing';
import { RegistryPolicy } from './registry-policy.js';

const { policyCommon, policyPrincipals } = topicNames;

describe('RegistryPolicy over the log', () => {
  // The policy topics have fixed names, so that it has brokers to itself.
  const directory = mkdtempSync(join(tmpdir(), 'truc-registry-policy-'));
  let kafka: KafkaServer;
  beforeAll(async () => {
    kafka = await startKafka({ directory: join(directory, 'kafka'), heapMebibytes: 320 });
  }, 120_000);
  afterAll(async () => {
    await kafka.stop();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  it('opens once everything is read, reads what a refusal or a caller waits for, and closes with what is withdrawn', async () => {
    const { brokers, username, password, mechanism } = kafka;
    const connection: KafkaConnection = { brokers: [...brokers], username, password, mechanism };
    const admin = openLogAdmin({ connection });
    const reader = openLogReader({ connection, fetchWaitMs: 100 });
    const source = new BackbonePolicy({ reader, withAgencies: true, withPrincipals: true, retryMs: 100, lookMs: 10_000 });
    const policy = new RegistryPolicy(source, [], createLogger('schema-registry', { level: 'silent' }));
    const reading = source.run(async () => {});
    try {
      expect(policy.state()).toEqual({ policy: 'waiting', rules: false });
      await admin.ensureTopics([{ name: policyCommon, partitions: 1, config: compactedTopic() }]);
      const { keyId, publicJwk } = await generateTokenKey();
      const open = (topic: string) =>
        openLogWriter({ connection, transactionalId: 'platform.policy', partitions: [{ topic, partition: 0 }] });
      const common = await open(policyCommon);
      await publishPolicy(common, policyCommon, { set: [{ kind: 'token-key', keyId, jwk: publicJwk as { kty: string } }], remove: [] });
      await eventually(() => expect(source.entries('token-key')).toHaveLength(1));
      // It is not known yet who was removed, so no key opens anything.
      expect(policy.tokenKeys()).toEqual([]);
      await admin.ensureTopics([{ name: policyPrincipals, partitions: 1, config: compactedTopic() }]);
      await eventually(() => expect(policy.tokenKeys()).toEqual([publicJwk]));

      await publishPolicy(common, policyCommon, {
        set: [{ kind: 'dictionary', release: 1, elements: [], valueDomains: [], codeLists: [] }],
        remove: [],
      });
      const judged = await policy.judging(async (): Promise<SubjectRules> => {
        const rules = policy.rules();
        if (rules === null) throw new RegistryRefusal('dictionaryNotLoaded', 'not yet');
        return rules;
      });
      expect(judged.neededBy('data.g01.x.v1-value', 'en')).toEqual([]);
      await publishPolicy(common, policyCommon, { set: [], remove: ['dictionary/1'] });
      await eventually(() => expect(policy.rules()).toBeNull());
      await common.close();

      const holder: TokenHolder = { name: 'lan.tran', agency: 'G01', role: 'integrator', issuedAtSeconds: 100, goodUntilSeconds: 5_000 };
      const principals = await open(policyPrincipals);
      expect(await policy.knows(holder)).toBe(false);
      const { name, agency, role } = holder;
      await publishPolicy(principals, policyPrincipals, {
        set: [{ kind: 'principal', name, agency, role, sinceSeconds: 100 }],
        remove: [],
      });
      expect(await policy.knows(holder)).toBe(true);
      await publishPolicy(principals, policyPrincipals, { set: [], remove: ['principal/lan.tran'] });
      await eventually(async () => expect(await policy.knows(holder)).toBe(false));
      await principals.close();
    } finally {
      await source.close();
      await reading;
      await Promise.allSettled([reader.close(), admin.close()]);
    }
  }, 120_000);
});
