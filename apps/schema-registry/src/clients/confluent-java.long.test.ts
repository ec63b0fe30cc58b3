import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkoutRoot, findJava, mavenJars } from '@truc/local-stack';
import { testCa, testKafka, testPostgres } from '@truc/testing';
import { ClientProgram } from './client-program.test-data.js';
import { worksUnchanged } from './client-suite.test-data.js';

const folder = fileURLToPath(new URL('../../clients/java', import.meta.url));
const tell = (sentence: string): void => void process.stderr.write(`${sentence} ...\n`);

worksUnchanged(
  {
    name: 'kafka-avro-serializer 7.0.1',
    open: async () => {
      const pinned = {
        name: 'Confluent-Java',
        pom: join(folder, 'pom.xml'),
        artifact: 'kafka-connect-avro-converter-shaded',
        sizeMebibytes: 40,
      };
      const jars = await mavenJars(pinned, join(checkoutRoot, '.truc', 'cache'), process.env, tell);
      return new ClientProgram(
        findJava(process.env),
        ['-Xmx256m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', join(jars, '*'), join(folder, 'AvroClient.java')],
        process.env,
      );
    },
    // Its paths hold a letter's number in hexadecimal where they should hold its bytes; later releases do it right.
    misspells: true,
    forms: ['basic', 'bearer', 'certificate'],
    errors: {
      refused: { kind: 'RestClientException', status: 409, code: 409 },
      unknown: { kind: 'RestClientException', status: 401, code: 40101 },
    },
  },
  { openDatabase: testPostgres, kafka: testKafka, makeAuthority: testCa },
);
