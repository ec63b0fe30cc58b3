import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topicNames, type AgentReply } from '@truc/coordination';
import { openLogAdmin, openLogReader, openLogWriter, retainedTopic, type KafkaConnection } from '@truc/kafka';
import { Secret } from '@truc/kernel';
import { startKafka, type KafkaServer } from '@truc/local-stack';
import { scanToEnd } from '@truc/pipeline';
import { createLogger } from '@truc/telemetry';
import { eventually } from '@truc/testing';
import { CommandServer } from './command-server.js';
import { postGroup, type PostPlace } from './post-place.js';

const place: PostPlace = { agency: 'G01', kind: 'source', database: 'population' };
const [command, reply] = [topicNames.command('G01'), topicNames.reply('G01')];

describe('commands', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-commands-'));
  let kafka: KafkaServer;
  let password = 'one';
  const superUser = (): KafkaConnection => {
    const { brokers, username, password: secret, mechanism } = kafka;
    return { brokers: [...brokers], username, password: secret, mechanism };
  };

  beforeAll(async () => {
    kafka = await startKafka({ directory });
    const admin = openLogAdmin({ connection: superUser() });
    await admin.ensureTopics([command, reply].map((name) => ({ name, partitions: 1, config: retainedTopic(1) })));
    await admin.upsertScramUser('agent.g01', password);
    const own = { principal: 'User:agent.g01', patternType: 'literal' } as const;
    await admin.createAcls([
      { ...own, resourceType: 'topic', name: command, operation: 'read' },
      { ...own, resourceType: 'topic', name: reply, operation: 'write' },
      { ...own, resourceType: 'group', name: postGroup(place, 'commands'), operation: 'read' },
    ]);
    await admin.close();
  }, 120_000);
  afterAll(() => kafka.stop());

  /** Sends a command now and then until it is answered. */
  async function answered(): Promise<void> {
    const connection = superUser();
    const writer = await openLogWriter({ connection, transactionalId: 'test', partitions: [{ topic: command, partition: 0 }] });
    const reader = openLogReader({ connection });
    const id = randomUUID();
    const header = (key: string, value: string) => ({ key, value: Buffer.from(value) });
    const value = {
      id,
      command: 'status',
      source: 'population',
      target: null,
      resolution: null,
      deadlineMs: Date.now() + 60_000,
      principal: 'x',
    };
    const headers = [header('kafka_correlationId', id), header('kafka_replyTopic', reply), header('kafka_replyPartition', '0')];
    const record = {
      topic: command,
      partition: 0,
      key: Buffer.from(id),
      value: Buffer.from(JSON.stringify(value)),
      headers,
      timestampMs: Date.now(),
    };
    await eventually(
      async () => {
        await writer.write([record]);
        const ids: string[] = [];
        for await (const { value: bytes } of scanToEnd(reader, reply, 0, -2n, AbortSignal.timeout(10_000)))
          ids.push((JSON.parse(bytes?.toString() || '{}') as Partial<AgentReply>).id ?? '');
        expect(ids).toContain(id);
      },
      { timeoutMs: 45_000, intervalMs: 500 },
    );
    await writer.close();
    await reader.close();
  }

  it('are taken again with a new password, after the brokers refused the old one', async () => {
    const told: string[] = [];
    const log = { ...createLogger('test', { level: 'silent' }), warn: (_: object, message: string) => void told.push(message) };
    const connection = { ...superUser(), username: 'agent.g01', password: new Secret('x', () => password) };
    const server = new CommandServer(
      connection,
      place,
      ({ id }) => Promise.resolve({ id, ok: true, message: 'status', detail: {} }),
      log as never,
    );
    server.start();
    await answered();
    const admin = openLogAdmin({ connection: superUser() });
    await admin.upsertScramUser('agent.g01', 'two');
    await admin.close();
    await kafka.stop();
    kafka = await startKafka({ directory, port: kafka.port });
    await eventually(() => expect(told).toContain('commands cannot be received any more; trying again'), { timeoutMs: 60_000 });
    password = 'two';
    await answered();
    await server.close();
  }, 240_000);
});
