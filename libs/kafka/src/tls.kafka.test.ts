import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@truc/kernel';
import { freePort, startKafka, type KafkaServer } from '@truc/local-stack';
import { eventually, testCa, type TestCertificate } from '@truc/testing';
import { Kafka } from 'kafkajs';
import { commandClient } from './command-transport.js';
import { kafkaConnection, type KafkaConnection } from './kafka-connection.js';
import { openLogAdmin } from './log-admin.js';
import { openLogReader } from './log-reader.js';
import { openLogWriter } from './log-writer.js';
import { scratchRecord } from './scratch-log.js';

const ca = testCa();
const good = ca.issue({ names: ['127.0.0.1', 'broker.agency'] });

describe('Kafka over TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-kafka-tls-'));
  const path = (name: string): string => join(directory, name);
  let port: number;
  let kafka: KafkaServer;
  let password: string;
  const start = async ({ certificate, key }: TestCertificate): Promise<KafkaServer> => {
    writeFileSync(path('broker.pem'), `${key}${certificate}`);
    const door = 'listener.name.line.ssl.keystore';
    const settings = {
      'listener.security.protocol.map': 'CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT,LINE:SASL_SSL',
      [`${door}.type`]: 'PEM',
      [`${door}.location`]: path('broker.pem'),
    };
    return startKafka({ directory: path('server'), line: { port, advertisedPort: port }, settings });
  };
  const over = (tls: KafkaConnection['tls'], more: Partial<KafkaConnection> = {}): KafkaConnection => ({
    brokers: [`127.0.0.1:${port}`],
    username: 'agent',
    password: new Secret('x', () => password),
    mechanism: 'SCRAM-SHA-512',
    tls,
    ...more,
  });
  const asked = async (connection: KafkaConnection): Promise<unknown> => {
    const reader = openLogReader({ connection, unreachableMs: 1_000 });
    return reader.partitions('topic').finally(() => reader.close());
  };

  beforeAll(async () => {
    port = await freePort();
    writeFileSync(path('ca.pem'), ca.certificate);
    writeFileSync(path('other.pem'), testCa('another').certificate);
    kafka = await start(good);
    password = 'one';
    const admin = openLogAdmin({ connection: { ...kafka, brokers: [...kafka.brokers] } });
    await admin.upsertScramUser('agent', password);
    await admin.ensureTopics([{ name: 'topic', partitions: 1, config: {} }]);
    const own = { principal: 'User:agent', patternType: 'literal' } as const;
    await admin.createAcls([
      ...(['read', 'write'] as const).map((operation) => ({ ...own, resourceType: 'topic' as const, name: 'topic', operation })),
      { ...own, resourceType: 'transactional-id', name: 'writer', operation: 'write' },
    ]);
    await admin.close();
  });
  afterAll(async () => {
    await kafka.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('writes and reads, and Nest is told the same', async () => {
    const connection = over({ caFile: path('ca.pem') });
    const writer = await openLogWriter({ connection, transactionalId: 'writer', partitions: [{ topic: 'topic', partition: 0 }] });
    await writer.write([scratchRecord('topic', 'a')]);
    await writer.close();
    const reader = openLogReader({ connection });
    expect(await reader.bounds('topic', 0)).toMatchObject({ start: 0n });
    await reader.close();
    const admin = new Kafka(commandClient(connection, 'commands')).admin();
    await admin.connect();
    expect(await admin.listTopics()).toEqual(['topic']);
    await admin.disconnect();
  });

  it('does not trust a certificate of another CA or of another host, and says which it was', async () => {
    await expect(asked(over({ caFile: path('other.pem') }))).rejects.toMatchObject({
      code: 'LOG_TLS_UNTRUSTED',
      message: expect.stringContaining(`Kafka at 127.0.0.1:${port}`),
    });
    await expect(asked(over({}))).rejects.toMatchObject({ code: 'LOG_TLS_UNTRUSTED' });
    await expect(asked(over({ caFile: path('ca.pem'), serverName: 'elsewhere.agency' }))).rejects.toMatchObject({
      code: 'LOG_TLS_WRONG_NAME',
    });
    expect(await asked(over({ caFile: path('ca.pem'), serverName: 'broker.agency' }))).toBe(1);
    // A listener without TLS: what is told beside that depends on what ends first, the line or the second that is waited.
    await expect(asked(over({ caFile: path('ca.pem') }, { brokers: [...kafka.brokers] }))).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
    });
    await expect(asked(over({ caFile: path('none.pem') }))).rejects.toMatchObject({ code: 'LOG_TLS_FILE_UNREADABLE' });
  });

  it('goes on with a new password and a new certificate, without anything being opened anew', async () => {
    const reader = openLogReader({ connection: over({ caFile: path('ca.pem') }) });
    expect(await reader.partitions('topic')).toBe(1);
    const admin = openLogAdmin({ connection: { ...kafka, brokers: [...kafka.brokers] } });
    await admin.upsertScramUser('agent', 'two');
    await admin.close();
    await kafka.stop();
    const another = testCa('the next');
    kafka = await start(another.issue({ names: ['127.0.0.1'] }));
    await expect(asked(over({ caFile: path('ca.pem') }))).rejects.toMatchObject({ code: 'LOG_TLS_UNTRUSTED' });
    writeFileSync(path('ca.pem'), `${another.certificate}${ca.certificate}`);
    await expect(asked(over({ caFile: path('ca.pem') }))).rejects.toMatchObject({ code: 'LOG_AUTHENTICATION_FAILED' });
    password = 'two';
    await eventually(async () => expect(await reader.partitions('topic')).toBe(1));
    await reader.close();
  });

  it('names an expired certificate', async () => {
    await kafka.stop();
    kafka = await start(ca.issue({ names: ['127.0.0.1'], validFrom: new Date('2020-01-01'), validTo: new Date('2020-02-01') }));
    await expect(asked(over({ caFile: path('ca.pem') }))).rejects.toMatchObject({ code: 'LOG_TLS_EXPIRED' });
  });

  it('refuses plain text to another host, as a setting and where a broker names one', () => {
    const setting = (more: object): string | undefined =>
      kafkaConnection.safeParse({ brokers: ['broker.agency:9092'], username: 'a', password: 'b', mechanism: 'SCRAM-SHA-512', ...more })
        .error?.issues[0]?.message;
    expect(setting({})).toMatch(/plain text to Kafka at broker\.agency is refused[\s\S]*SASL_SSL/);
    expect(setting({ tls: {} })).toBeUndefined();
    expect(setting({ brokers: ['127.0.0.1:9092'] })).toBeUndefined();
    expect(setting({ onOneMachine: true })).toBeUndefined();
  });
});
