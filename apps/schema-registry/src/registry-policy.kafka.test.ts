import { generateTokenKey } from '@truc/access';
import { openLogAdmin, openLogReader, openLogWriter } from '@truc/kafka';
import { PolicyReader, publishPolicy } from '@truc/policy';
import { RegistryRefusal, type SubjectRules } from '@truc/registry';
import { createLogger } from '@truc/telemetry';
import { eventually, testKafka } from '@truc/testing';
import { RegistryPolicy } from './registry-policy.js';

describe('RegistryPolicy over the log', () => {
  it('opens once a release is published, reads what a refusal waits for, and closes with the release withdrawn', async () => {
    const { prefix, ...connection } = testKafka();
    const topic = `${prefix}.policy.common`;
    const admin = openLogAdmin({ connection });
    const reader = openLogReader({ connection, fetchWaitMs: 100 });
    const source = new PolicyReader({ reader, topics: [topic], retryMs: 100 });
    const policy = new RegistryPolicy(source, [], createLogger('schema-registry', { level: 'silent' }));
    try {
      source.start();
      expect(policy.state()).toEqual({ policy: 'waiting', rules: false });
      await admin.ensureTopics([{ name: topic, partitions: 1, config: {} }]);
      const writer = await openLogWriter({ connection, transactionalId: `${prefix}.platform`, partitions: [{ topic, partition: 0 }] });
      const { keyId, publicJwk } = await generateTokenKey();
      await publishPolicy(writer, topic, { set: [{ kind: 'token-key', keyId, jwk: publicJwk as { kty: string } }], remove: [] });
      await eventually(() => expect(policy.state()).toEqual({ policy: 'read', rules: false }));
      await eventually(() => expect(policy.tokenKeys()).toEqual([publicJwk]));

      await publishPolicy(writer, topic, {
        set: [{ kind: 'dictionary', release: 1, elements: [], valueDomains: [], codeLists: [] }],
        remove: [],
      });
      const judged = await policy.judging(async (): Promise<SubjectRules> => {
        const rules = policy.rules();
        if (rules === null) throw new RegistryRefusal('dictionaryNotLoaded', 'not yet');
        return rules;
      });
      expect(judged.isInUse('data.g01.x.v1-value')).toBe(false);

      await publishPolicy(writer, topic, { set: [], remove: ['dictionary/1'] });
      await eventually(() => expect(policy.rules()).toBeNull());
      await writer.close();
    } finally {
      await source.close();
      await Promise.allSettled([reader.close(), admin.close()]);
    }
  });
});
