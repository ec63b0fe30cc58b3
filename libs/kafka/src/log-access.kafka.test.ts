import { testKafka } from '@truc/testing';
import type { BrokerAcl } from './broker-acl.js';
import type { KafkaConnection } from './kafka-connection.js';
import { openLogReader } from './log-reader.js';
import { openLogWriter, type FencedLogWriter } from './log-writer.js';
import { ScratchLog, scratchRecord } from './scratch-log.js';

const log = new ScratchLog(testKafka());
const users: string[] = [];

afterAll(async () => {
  const mine = (await log.admin.listAcls()).acls.filter(({ principal }) => users.includes(principal.slice('User:'.length)));
  await log.admin.deleteAcls(mine);
  for (const user of users) await log.admin.deleteScramUser(user);
  await log.close();
});

async function user(name: string, acls: Omit<BrokerAcl, 'principal' | 'patternType'>[]): Promise<KafkaConnection> {
  const username = `${log.prefix}-${name}`;
  users.push(username);
  await log.admin.upsertScramUser(username, 'secret');
  await log.admin.createAcls(acls.map((acl) => ({ principal: `User:${username}`, patternType: 'literal', ...acl })));
  const connection = { ...log.connection, username, password: 'secret' };
  await untilKnown(connection);
  return connection;
}

/** A new user reaches the broker a moment after the controller has it; its entries, which are made later, a moment after that. */
async function untilKnown(connection: KafkaConnection): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const reader = openLogReader({ connection });
    try {
      await reader.partitions('any');
      return;
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await reader.close();
    }
  }
}

async function opened(connection: KafkaConnection, name: string, topic: string): Promise<FencedLogWriter> {
  const options = { connection, transactionalId: `${log.prefix}.${name}`, partitions: [{ topic, partition: 0 }] };
  return log.closing(await openLogWriter(options));
}

const first = (connection: KafkaConnection, topic: string) =>
  log
    .closing(openLogReader({ connection, fetchWaitMs: 100 }))
    .read([{ topic, partition: 0, offset: -2n }], new AbortController().signal)
    [Symbol.asyncIterator]()
    .next();

describe('access to the log', () => {
  it('needs the right password, and says so with broker and user but without the password', async () => {
    const connection = { ...log.connection, password: 'not-the-password' };
    const expected = {
      code: 'LOG_AUTHENTICATION_FAILED',
      message: expect.stringMatching(new RegExp(`${log.connection.brokers[0]}.*${log.connection.username}`)),
    };
    await expect(opened(connection, 'x', 'x')).rejects.toMatchObject(expected);
    await expect(log.closing(openLogReader({ connection })).partitions('x')).rejects.toMatchObject(expected);
    await expect(first(connection, 'x')).rejects.toMatchObject(expected);
    await opened(connection, 'x', 'x').catch((error: Error) =>
      expect(`${error.message}${String(error.cause)}`).not.toContain('not-the-password'),
    );
  });

  it('of a writer needs WRITE on its transactional id and on its topics, and nothing else', async () => {
    const topic = await log.topic('granted');
    const connection = await user('writer', [
      { resourceType: 'transactional-id', name: `${log.prefix}.granted`, operation: 'write' },
      { resourceType: 'topic', name: topic, operation: 'write' },
    ]);
    const writer = await opened(connection, 'granted', topic);
    await writer.write([scratchRecord(topic, 'k')]);
    await writer.flush();
    expect(await log.keys(topic)).toEqual(['k']);
    await expect(first(connection, topic)).rejects.toMatchObject({
      code: 'LOG_NOT_AUTHORIZED',
      message: expect.stringMatching(new RegExp(`${connection.username}.*${topic}.*READ`)),
    });
    await expect(writer.extend([{ topic: await log.topic('foreign'), partition: 0 }])).rejects.toMatchObject({
      code: 'LOG_NOT_AUTHORIZED',
      message: expect.stringContaining('foreign'),
    });
    // A refused extension leaves the writer as it was.
    await writer.write([scratchRecord(topic, 'k2')]);
    await writer.flush();
  });

  it('of a writer is refused without the transactional id, and without the topic', async () => {
    const topic = await log.topic('half');
    const withoutId = await user('without-id', [{ resourceType: 'topic', name: topic, operation: 'write' }]);
    await expect(opened(withoutId, 'half', topic)).rejects.toMatchObject({
      code: 'LOG_NOT_AUTHORIZED',
      message: expect.stringContaining(`transactional id ${log.prefix}.half`),
    });
    const withoutTopic = await user('without-topic', [
      { resourceType: 'transactional-id', name: `${log.prefix}.half`, operation: 'write' },
    ]);
    await expect(opened(withoutTopic, 'half', topic)).rejects.toMatchObject({
      code: 'LOG_NOT_AUTHORIZED',
      message: expect.stringMatching(new RegExp(`${withoutTopic.username}.*topic ${topic}`)),
    });
  });

  it('of a reader needs READ on its topics, and nothing else', async () => {
    const topic = await log.topic('readable');
    const writer = await log.writer('readable', topic);
    await writer.write([scratchRecord(topic, 'k')]);
    await writer.flush();
    const connection = await user('reader', [{ resourceType: 'topic', name: topic, operation: 'read' }]);
    expect((await first(connection, topic)).value?.records).toHaveLength(1);
    const reader = log.closing(openLogReader({ connection }));
    expect(await reader.bounds(topic, 0)).toEqual({ start: 0n, end: 2n });
    const hidden = await log.topic('hidden');
    expect(await reader.partitions(hidden)).toBeNull();
    await expect(reader.bounds(hidden, 0)).rejects.toMatchObject({ code: 'LOG_NOT_AUTHORIZED', message: expect.stringContaining(hidden) });
    await expect(first(connection, hidden)).rejects.toMatchObject({ code: 'LOG_NOT_AUTHORIZED', message: expect.stringContaining(hidden) });
  });
});
