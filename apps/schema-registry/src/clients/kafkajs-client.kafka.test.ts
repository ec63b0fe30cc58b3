import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Agent } from 'node:https';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { testCa, testKafka, testPostgres } from '@truc/testing';
import { Kafka, logLevel } from 'kafkajs';
import { worksUnchanged } from './client-suite.test-data.js';
import type { ClientAnswer, ClientUnderTest, Question } from './client-under-test.test-data.js';

type Connect = Extract<Question, { do: 'connect' }>;
type RoundTrip = Extract<Question, { do: 'roundTrip' }>;

type Middleware = NonNullable<ConstructorParameters<typeof SchemaRegistry>[0]['middlewares']>[number];

const noRetry = { retries: 0 };

/** It knows Basic by itself; a token is added by a middleware and a certificate by an agent, as its own documentation has it. */
function connected({ url, caFile, credentials }: Connect): SchemaRegistry {
  switch (credentials.form) {
    case 'basic':
      return new SchemaRegistry({ host: url, auth: { username: credentials.user, password: credentials.password }, retry: noRetry });
    case 'bearer': {
      const headers = { authorization: `Bearer ${credentials.token}` };
      const bearer: Middleware = () => ({ prepareRequest: async (next) => (await next()).enhance({ headers }) });
      return new SchemaRegistry({ host: url, middlewares: [bearer], retry: noRetry });
    }
    case 'certificate': {
      const [cert, key] = [credentials.certificateFile, credentials.keyFile].map((file) => readFileSync(file));
      const agent = new Agent({ cert: cert!, key: key!, ...(caFile === null ? {} : { ca: readFileSync(caFile) }) });
      return new SchemaRegistry({ host: url, agent, retry: noRetry });
    }
  }
}

class KafkajsClient implements ClientUnderTest {
  #client!: SchemaRegistry;

  async ask(question: Question): Promise<ClientAnswer> {
    switch (question.do) {
      case 'connect':
        this.#client = connected(question);
        return {};
      case 'register': {
        const { subject, schema, references } = question;
        const sent = { type: SchemaType.AVRO as const, schema, ...(references && { references: [...references] }) };
        const { id } = await this.#client.register(sent, { subject });
        return { id };
      }
      case 'byId':
        return { schema: JSON.stringify(await this.#client.getSchema(question.id)) };
      case 'latest':
        return { id: await this.#client.getLatestSchemaId(question.subject) };
      case 'lookUp': {
        const { subject, schema } = question;
        return { id: await this.#client.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema }) };
      }
      case 'roundTrip':
        return this.#roundTrip(question);
      default:
        throw new Error(`it has no call to ${question.do}`);
    }
  }

  close = async (): Promise<void> => {};

  async #roundTrip({ kafka, topic, writer, references = [], value, reader }: RoundTrip): Promise<ClientAnswer> {
    const { brokers, username, password } = kafka;
    const connection = new Kafka({
      brokers,
      sasl: { mechanism: 'scram-sha-512', username, password: String(password) },
      logLevel: logLevel.NOTHING,
    });
    const subject = `${topic}-value`;
    const { id } = await this.#client.register({ type: SchemaType.AVRO, schema: writer, references: [...references] }, { subject });
    const producer = connection.producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: await this.#client.encode(id, value) }] });
    await producer.disconnect();
    if (reader !== null) await this.#client.register({ type: SchemaType.AVRO, schema: reader }, { subject });
    const consumer = connection.consumer({ groupId: topic });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const message = await new Promise<Buffer>((resolve, reject) => {
      consumer.run({ eachMessage: async ({ message }) => resolve(message.value!) }).catch(reject);
    });
    await consumer.disconnect();
    // What was registered is known; it is asked for again, as another process would.
    this.#client.cache.clear();
    const how = reader === null ? {} : { [SchemaType.AVRO]: { readerSchema: JSON.parse(reader) } };
    return { value: { ...(await this.#client.decode(message, how)) }, frame: message.subarray(0, 5).toString('hex') };
  }
}

const { version } = createRequire(import.meta.url)('@kafkajs/confluent-schema-registry/package.json') as { version: string };

worksUnchanged(
  {
    name: `@kafkajs/confluent-schema-registry ${version}`,
    open: async () => new KafkajsClient(),
    forms: ['basic', 'bearer', 'certificate'],
    errors: { refused: { name: 'ResponseError', status: 409 }, unknown: { name: 'ResponseError', status: 401, unauthorized: true } },
    cannot: ['check', 'delete'],
  },
  { openDatabase: testPostgres, kafka: testKafka, makeAuthority: testCa },
);
