import { Admin, Producer, stringSerializers } from '@platformatic/kafka';
import { testKafka } from './test-kafka.js';

describe('the test broker', () => {
  it('takes topics and records of its super user', async () => {
    const { brokers, username, password, mechanism, prefix } = testKafka();
    const connection = { clientId: prefix, bootstrapBrokers: brokers, sasl: { mechanism, username, password } } as const;
    const admin = new Admin(connection);
    const producer = new Producer({ ...connection, serializers: stringSerializers });
    try {
      await admin.createTopics({ topics: [`${prefix}-a`], partitions: 2, replicas: 1 });
      const { offsets } = await producer.send({ messages: [{ topic: `${prefix}-a`, key: 'k', value: 'v' }], acks: -1 });
      expect(offsets).toEqual([expect.objectContaining({ topic: `${prefix}-a`, offset: 0n })]);
      await admin.deleteTopics({ topics: [`${prefix}-a`] });
    } finally {
      await Promise.all([admin.close(), producer.close()]);
    }
  });
});
