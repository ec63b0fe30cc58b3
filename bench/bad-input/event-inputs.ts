import { topicNames } from '@truc/coordination';
import { openLogReader } from '@truc/kafka';
import { MetricSamples, type Backbone } from '@truc/local-stack';
import type { StoredRecord } from '@truc/pipeline';
import { changedBytes, hostileFrames } from '@truc/testing';
import fc from 'fast-check';
import { Kafka, logLevel } from 'kafkajs';
import { awaited } from '../harness/awaited.js';
import type { BadInput } from './bad-input-run.js';

const dataTopic = 'data.g01.population.resident.v1';
const consumers = ['general-database', 'distributor'] as const;

/** Messages of every kind of topic that our processes read, changed: in the place of what a good writer wrote. */
export async function eventInputs(backbone: Backbone, quick: boolean): Promise<BadInput[]> {
  const { brokers, username, password } = backbone.kafka;
  const sasl = { mechanism: 'scram-sha-512', username, password } as const;
  const kafka = new Kafka({ brokers: [...brokers], sasl, logLevel: logLevel.NOTHING });
  const good = await firstEvent(backbone);
  const send = async (
    topic: string,
    messages: { key: Buffer | null; value: Buffer; headers?: Record<string, Buffer> }[],
    partition = 0,
  ): Promise<void> => {
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    try {
      await producer.send({ topic, messages: messages.map((message) => ({ ...message, partition })) });
    } finally {
      await producer.disconnect();
    }
  };
  const rejected = async (consumer: (typeof consumers)[number]): Promise<number> => {
    const text = await (await fetch(`${backbone.urls[consumer] ?? ''}/metrics`)).text();
    return new MetricSamples([text]).sum('truc_rejected', { consumer }) ?? 0;
  };
  const headers = Object.fromEntries(good.headers.map(({ key, value }) => [key, value]));
  /** Good where every one of them is counted as rejected by both; where `some` may be good all the same, where the next one that is not is. */
  const events = (name: string, made: { key: Buffer; value: Buffer; headers?: Record<string, Buffer> }[], isAll = true): BadInput => ({
    surface: 'data topic',
    input: name,
    feed: async (signal) => {
      const before = await Promise.all(consumers.map(rejected));
      const last = { key: good.key, value: Buffer.from([9]), headers };
      await send(dataTopic, [...made.map((one) => ({ headers, ...one })), last], good.partition);
      const wanted = (isAll ? made.length : 0) + 1;
      const counts = async (): Promise<number[]> =>
        (await Promise.all(consumers.map(rejected))).map((now, index) => now - (before[index] ?? 0));
      await awaited(`the consumers did not reject ${name}`, async () => (await counts()).every((now) => now >= wanted), signal, 30_000);
      return { told: `rejected ${(await counts()).join(' and ')} of ${made.length + 1}`, isRight: true };
    },
  });
  /** For topics whose readers tell of what they cannot read and go on. */
  const garbage = (surface: string, topic: string, values: [string, Buffer][]): BadInput[] =>
    values.map(([name, value]) => ({
      surface,
      input: name,
      feed: async () => {
        await send(topic, [{ key: Buffer.from('agency/Z99'), value }]);
        return { told: 'every process lives', isRight: true };
      },
    }));
  const epoch = (text: string): Record<string, Buffer> => ({ ...headers, 'truc-epoch': Buffer.from(text) });
  const position = (text: string): Record<string, Buffer> => ({ ...headers, 'truc-position': Buffer.from(text) });
  const json: [string, Buffer][] = [
    ['no JSON', Buffer.from('{')],
    ['not UTF-8', Buffer.from('{"kind":"\xea"}', 'latin1')],
    ['lists in each other', Buffer.from(`${'['.repeat(400_000)}${']'.repeat(400_000)}`)],
    ['900 KB of nothing', Buffer.from(JSON.stringify({ kind: 'agency', more: Array.from({ length: 225_000 }, () => 1) }))],
    ['__proto__', Buffer.from('{"__proto__":{"kind":"agency"}}')],
    ['an integer past 2^53', Buffer.from('{"kind":"heartbeat","atMs":9007199254740993}')],
  ];
  return [
    ...hostileFrames(good.value).map(({ name, bytes }) => events(`a value: ${name}`, [{ key: good.key, value: bytes }])),
    ...hostileFrames(good.key).map(({ name, bytes }) => events(`a key: ${name}`, [{ key: bytes, value: good.value }])),
    events('positions that fit no bytes', [
      { key: good.key, value: good.value, headers: epoch('9999999999') },
      { key: good.key, value: good.value, headers: position('0000000000000001:9999999999') },
      { key: good.key, value: good.value, headers: position('ffffffffffffffff:0') },
    ]),
    events(
      'values changed by chance',
      fc.sample(changedBytes(good.value), { numRuns: quick ? 200 : 2_000, seed: 11 }).map((value) => ({ key: good.key, value })),
      false,
    ),
    events(
      'keys changed by chance',
      fc.sample(changedBytes(good.key), { numRuns: quick ? 200 : 2_000, seed: 12 }).map((key) => ({ key, value: good.value })),
      false,
    ),
    ...garbage('policy topic', topicNames.policyCommon, json),
    ...garbage('command topic', topicNames.command('G01'), json),
    ...garbage('reply topic', topicNames.reply('G01'), json),
    ...garbage(
      'receipts',
      topicNames.receipts,
      hostileFrames(good.value).map(({ name, bytes }) => [name, bytes]),
    ),
  ];
}

/** The first event of the dataset, copied out of its batch. */
async function firstEvent({
  kafka,
}: Backbone): Promise<{ key: Buffer; value: Buffer; partition: number; headers: StoredRecord['headers'] }> {
  const reader = openLogReader({ connection: { ...kafka, brokers: [...kafka.brokers] } });
  try {
    const partitions = Array.from({ length: 6 }, (_, partition) => ({ topic: dataTopic, partition, offset: -2n }));
    for await (const batch of reader.read(partitions, AbortSignal.timeout(60_000))) {
      for (const { key, value, partition, headers } of batch.records) {
        if (value === null) continue;
        const copied = headers.map((header) => ({ key: header.key, value: Buffer.from(header.value) }));
        return { key: Buffer.from(key), value: Buffer.from(value), partition, headers: copied };
      }
    }
    throw new Error(`${dataTopic} has no event`);
  } finally {
    await reader.close();
  }
}
