// Confluent's own client for Node, asked over standard input: a line of JSON is a question, a line of JSON the answer (apps/schema-registry/src/clients/client-under-test.test-data.ts tells them).
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { createInterface } from 'node:readline';
import registry from '@confluentinc/schemaregistry';
import kafkajs from 'kafkajs';

const { AvroDeserializer, AvroSerializer, SchemaRegistryClient, SerdeType } = registry;
const { Kafka, logLevel } = kafkajs;

let client;

function connected({ url, caFile, credentials }) {
  const secrets = { maxRetries: 0, cacheLatestTtlSecs: 1 };
  const ca = caFile === null ? {} : { ca: readFileSync(caFile) };
  switch (credentials.form) {
    case 'basic':
      secrets.basicAuthCredentials = { credentialsSource: 'USER_INFO', userInfo: `${credentials.user}:${credentials.password}` };
      break;
    case 'bearer':
      secrets.bearerAuthCredentials = {
        credentialsSource: 'STATIC_TOKEN',
        token: credentials.token,
        logicalCluster: 'lsrc-1',
        identityPoolId: 'pool-1',
      };
      break;
    case 'certificate':
      secrets.createAxiosDefaults = {
        httpsAgent: new Agent({ ...ca, cert: readFileSync(credentials.certificateFile), key: readFileSync(credentials.keyFile) }),
      };
  }
  return new SchemaRegistryClient({ baseURLs: [url], ...secrets });
}

const avro = ({ schema, references }) => ({ schema, schemaType: 'AVRO', ...(references && { references }) });

async function roundTrip({ kafka, topic, writer, references, value, reader }) {
  const { brokers, username, password, mechanism } = kafka;
  const connection = new Kafka({ brokers, sasl: { mechanism: mechanism.toLowerCase(), username, password }, logLevel: logLevel.NOTHING });
  const subject = `${topic}-value`;
  await client.register(subject, avro({ schema: writer, references }));
  const serializer = new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true });
  const producer = connection.producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ value: await serializer.serialize(topic, value) }] });
  await producer.disconnect();
  if (reader !== null) await client.register(subject, avro({ schema: reader }));
  client.clearLatestCaches();
  const deserializer = new AvroDeserializer(client, SerdeType.VALUE, { useLatestVersion: reader !== null });
  const consumer = connection.consumer({ groupId: topic });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const message = await new Promise((resolve, reject) => {
    consumer.run({ eachMessage: async ({ message }) => resolve(message.value) }).catch(reject);
  });
  await consumer.disconnect();
  return { value: await deserializer.deserialize(topic, message), frame: message.subarray(0, 5).toString('hex') };
}

async function answer(question) {
  const { subject } = question;
  switch (question.do) {
    case 'connect':
      client = connected(question);
      return {};
    case 'register':
      return { id: await client.register(subject, avro(question)) };
    case 'byId':
      return { schema: (await client.getBySubjectAndId('', question.id)).schema };
    case 'latest': {
      client.clearLatestCaches();
      const { id, version, schema } = await client.getLatestSchemaMetadata(subject);
      return { id, version, schema };
    }
    case 'lookUp':
      return { id: await client.getId(subject, avro(question)) };
    case 'check':
      return { compatible: await client.testSubjectCompatibility(subject, avro(question)) };
    case 'roundTrip':
      return roundTrip(question);
    case 'delete':
      return { versions: [await client.deleteSubject(subject), await client.deleteSubject(subject, true)] };
    default:
      throw new Error(`nobody knows how to ${question.do}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answered = await answer(JSON.parse(line)).catch((error) => ({
    error: { kind: error.constructor.name, status: error.status ?? null, code: error.errorCode ?? null, message: String(error.message) },
  }));
  process.stdout.write(`${JSON.stringify(answered)}\n`);
}
