import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AclOperations,
  AclPermissionTypes,
  Admin,
  alterUserScramCredentialsV0,
  Connection,
  Consumer,
  Producer,
  ResourcePatternTypes,
  ResourceTypes,
  ScramMechanisms,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { startKafka, type KafkaServer } from './kafka-server.js';
import { freePort } from './port.js';

const READER = 'reader';
const READER_PASSWORD = 'reader-password';

function credentials(server: KafkaServer, username: string, password: string) {
  return {
    clientId: 'test',
    bootstrapBrokers: [...server.brokers],
    sasl: { mechanism: server.mechanism, username, password },
    retries: 0,
  };
}

const asPlatform = (server: KafkaServer) => credentials(server, server.username, server.password);

async function withClient<C extends { close(): Promise<unknown> }, R>(client: C, act: (client: C) => Promise<R>): Promise<R> {
  try {
    return await act(client);
  } finally {
    await client.close();
  }
}

async function makeReader(server: KafkaServer): Promise<void> {
  const { sasl } = asPlatform(server);
  const connection = new Connection('test', { sasl });
  await connection.connect('127.0.0.1', server.port);
  const salt = randomBytes(24);
  const saltedPassword = pbkdf2Sync(READER_PASSWORD, salt, 4096, 64, 'sha512');
  await alterUserScramCredentialsV0.api.async(
    connection,
    [],
    [{ name: READER, mechanism: ScramMechanisms.SCRAM_SHA_512, iterations: 4096, salt, saltedPassword }],
  );
  await connection.close();
}

/** The names of every error in the tree of causes, where the broker's own answer is one of the innermost. */
function reasons(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { apiId, errors = [], cause } = error as Error & { apiId?: string; errors?: unknown[] };
  return [apiId ?? error.message, ...errors.flatMap(reasons), ...reasons(cause)];
}

async function refusal(promise: Promise<unknown>): Promise<string[]> {
  try {
    await promise;
  } catch (error) {
    return reasons(error);
  }
  throw new Error('it was not refused');
}

/** Values of all records of the topic. */
async function readAll(server: KafkaServer, username: string, password: string, topic: string, count: number): Promise<string[]> {
  const consumer = new Consumer({
    ...credentials(server, username, password),
    // The group's coordinator is made when the first group asks for it.
    retries: 20,
    groupId: `${username}-group`,
    deserializers: stringDeserializers,
  });
  return withClient(consumer, async () => {
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
    const values: string[] = [];
    for await (const message of stream) {
      values.push(message.value);
      if (values.length === count) break;
    }
    await stream.close();
    return values;
  });
}

describe('a local Kafka', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-kafka-'));
  let server: KafkaServer;
  beforeAll(async () => {
    server = await startKafka({ directory, heapMebibytes: 256 });
    await withClient(new Admin(asPlatform(server)), (admin) => admin.createTopics({ topics: ['orders'], partitions: 1, replicas: 1 }));
    await withClient(new Producer({ ...asPlatform(server), serializers: stringSerializers }), (producer) =>
      producer.send({ messages: [{ topic: 'orders', key: 'k', value: 'one' }], acks: -1 }),
    );
    await makeReader(server);
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  it('refuses a client without credentials, with a wrong password and with another mechanism', async () => {
    const { sasl, ...open } = asPlatform(server);
    await refusal(withClient(new Admin({ ...open, timeout: 5_000 }), (admin) => admin.listTopics()));
    const wrong = await refusal(withClient(new Admin(credentials(server, 'platform', 'wrong')), (admin) => admin.listTopics()));
    expect(wrong).toContain('SASL_AUTHENTICATION_FAILED');
    const plain = await refusal(withClient(new Admin({ ...open, sasl: { ...sasl, mechanism: 'PLAIN' } }), (admin) => admin.listTopics()));
    expect(plain).toContain('UNSUPPORTED_SASL_MECHANISM');
  });

  it('lets an authenticated client do nothing without an ACL, and what the ACL says with one', async () => {
    const reader = credentials(server, READER, READER_PASSWORD);
    const write = () =>
      withClient(new Producer({ ...reader, serializers: stringSerializers }), (producer) =>
        producer.send({ messages: [{ topic: 'orders', key: 'k', value: 'forged' }], acks: -1 }),
      );
    expect(await withClient(new Admin(reader), (admin) => admin.listTopics())).toEqual([]);
    expect(await refusal(write())).toContain('TOPIC_AUTHORIZATION_FAILED');
    const grant = (resourceType: (typeof ResourceTypes)[keyof typeof ResourceTypes], resourceName: string) => ({
      resourceType,
      resourceName,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: `User:${READER}`,
      host: '*',
      operation: AclOperations.READ,
      permissionType: AclPermissionTypes.ALLOW,
    });
    await withClient(new Admin(asPlatform(server)), (admin) =>
      admin.createAcls({ creations: [grant(ResourceTypes.TOPIC, 'orders'), grant(ResourceTypes.GROUP, `${READER}-group`)] }),
    );
    expect(await readAll(server, READER, READER_PASSWORD, 'orders', 1)).toEqual(['one']);
    expect(await refusal(write())).toContain('TOPIC_AUTHORIZATION_FAILED');
  });

  it('makes no topic that nobody created', async () => {
    const producer = new Producer({ ...asPlatform(server), serializers: stringSerializers });
    await refusal(withClient(producer, () => producer.send({ messages: [{ topic: 'typo', key: 'k', value: 'v' }], acks: -1 })));
    expect(await withClient(new Admin(asPlatform(server)), (admin) => admin.listTopics())).not.toContain('typo');
  });

  it('finds topics, records, users and ACLs again after a stop, and after being killed', async () => {
    await server.stop();
    server = await startKafka({ directory, heapMebibytes: 256 });
    expect(await readAll(server, server.username, server.password, 'orders', 1)).toEqual(['one']);
    const ended = new Promise((resolve) => server.process.once('exit', resolve));
    process.kill(server.pid, 'SIGKILL');
    expect(await ended).toEqual({ name: 'Kafka', code: null, signal: 'SIGKILL', wanted: false });
    server = await startKafka({ directory, heapMebibytes: 256 });
    expect(await readAll(server, READER, READER_PASSWORD, 'orders', 1)).toEqual(['one']);
  });

  it('says that java is missing, that its port is taken, or that its directory is in use', async () => {
    const elsewhere = join(directory, 'second');
    await expect(startKafka({ directory: elsewhere, environment: { PATH: elsewhere } })).rejects.toMatchObject({
      code: 'STACK_JAVA_MISSING',
    });
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await expect(startKafka({ directory: elsewhere, port })).rejects.toMatchObject({ code: 'STACK_PORT_BUSY' });
    await new Promise((resolve) => other.close(resolve));
    await expect(startKafka({ directory })).rejects.toMatchObject({ code: 'STACK_DIRECTORY_IN_USE' });
  });
});
