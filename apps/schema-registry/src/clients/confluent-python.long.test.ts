import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkoutRoot, findPython, pythonWith } from '@truc/local-stack';
import { testCa, testKafka, testPostgres } from '@truc/testing';
import { ClientProgram } from './client-program.test-data.js';
import { worksUnchanged } from './client-suite.test-data.js';

const version = '2.16.0';
const folder = fileURLToPath(new URL('../../clients/python', import.meta.url));
const tell = (sentence: string): void => void process.stderr.write(`${sentence} ...\n`);

function whyNot(): string | null {
  try {
    findPython(process.env);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const reason = whyNot();
if (reason !== null) {
  // The one client whose language the product itself does not need: where it is not there, the client cannot be tried.
  it.skip(`confluent-kafka ${version}: ${reason}`, () => undefined);
} else {
  worksUnchanged(
    {
      name: `confluent-kafka ${version}`,
      open: async () => {
        const packages = { name: 'confluent-kafka', version, requirements: join(folder, 'requirements.txt'), sizeMebibytes: 60 };
        const python = await pythonWith(packages, join(checkoutRoot, '.truc', 'cache'), process.env, tell);
        return new ClientProgram(python, ['-B', join(folder, 'avro_client.py')], { ...process.env, PYTHONUTF8: '1' });
      },
      forms: ['basic', 'bearer', 'certificate'],
      errors: {
        refused: { kind: 'SchemaRegistryError', status: 409, code: 409 },
        unknown: { kind: 'SchemaRegistryError', status: 401, code: 40101 },
      },
    },
    { openDatabase: testPostgres, kafka: testKafka, makeAuthority: testCa },
  );
}
