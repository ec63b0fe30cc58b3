import { ProduceAcks, Producer } from '@platformatic/kafka';
import { reveal } from '@truc/kernel';
import { testKafka } from '@truc/testing';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { ScratchLog, scratchRecord } from './scratch-log.js';

const log = new ScratchLog(testKafka());
const { brokers, username, password } = log.connection;
const kafkajs = new Kafka({
  clientId: 'interop',
  brokers,
  sasl: { mechanism: 'scram-sha-512', username, password: reveal(password) },
  logLevel: logLevel.NOTHING,
});
afterAll(() => log.close());

describe('beside other clients', () => {
  it.each([
    ['no codec', CompressionTypes.None],
    ['gzip', CompressionTypes.GZIP],
  ])('reads what kafkajs wrote with %s, headers, tombstones and null keys too', async (name, compression) => {
    const topic = await log.topic(`from-kafkajs-${compression}`, 1, { 'cleanup.policy': 'delete' });
    const producer = kafkajs.producer();
    await producer.connect();
    const messages = Array.from({ length: 200 }, (_, n) => ({
      key: `k${n}`,
      value: `${name} `.repeat(20) + n,
      headers: { h: `${n}` },
      timestamp: `${1_700_000_000_000 + n}`,
    }));
    await producer.send({ topic, compression, messages: [...messages, { key: 'gone', value: null }, { key: null, value: 'v' }] });
    await producer.disconnect();
    const records = (await log.readAll(topic)).flatMap((batch) => batch.records);
    expect(
      records.slice(0, 200).map(({ key, value, headers, timestampMs }) => [`${key}`, `${value}`, `${headers[0]?.value}`, `${timestampMs}`]),
    ).toEqual(messages.map(({ key, value, headers, timestamp }) => [key, value, headers.h, timestamp]));
    expect(records[200]).toMatchObject({ key: Buffer.from('gone'), value: null });
    expect(records[201]).toMatchObject({ key: Buffer.alloc(0), value: Buffer.from('v') });
  });

  it('reads what another producer compressed with zstd', async () => {
    const topic = await log.topic('zstd');
    const producer = new Producer({
      clientId: 'interop',
      bootstrapBrokers: brokers,
      sasl: { mechanism: 'SCRAM-SHA-512', username, password: reveal(password) },
      acks: ProduceAcks.ALL,
      compression: 'zstd',
    });
    const messages = Array.from({ length: 300 }, (_, n) => ({
      topic,
      partition: 0,
      key: Buffer.from(`k${n}`),
      value: Buffer.alloc(500, n % 7),
    }));
    await producer.send({ messages });
    await producer.close();
    const records = (await log.readAll(topic)).flatMap((batch) => batch.records);
    expect(records.map(({ key, value }) => [key.toString(), value])).toEqual(messages.map(({ key, value }) => [key.toString(), value]));
  });

  it('is read by kafkajs, markers and all', async () => {
    const topic = await log.topic('to-kafkajs');
    const writer = await log.writer('to-kafkajs', topic, 1, { limits: { batchBytesMax: 2048 } });
    const records = Array.from({ length: 100 }, (_, n) => ({
      ...scratchRecord(topic, `k${n}`),
      headers: [{ key: 'truc-epoch', value: Buffer.from(`${n}`) }],
      timestampMs: 1_700_000_000_000 + n,
    }));
    await writer.write(records);
    await writer.write([{ ...scratchRecord(topic, 'last'), value: null }]);
    await writer.flush();
    const consumer = kafkajs.consumer({ groupId: `${log.prefix}.to-kafkajs` });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const seen: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ message: { key, value, headers, timestamp } }) => {
            if (`${key}` === 'last') {
              expect(value).toBeNull();
              resolve();
            } else seen.push([`${key}`, `${value}`, `${headers?.['truc-epoch']}`, Number(timestamp)]);
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    expect(seen).toEqual(
      records.map(({ key, value, headers, timestampMs }) => [`${key}`, `${value}`, `${headers[0]!.value}`, timestampMs]),
    );
  });
});
