import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkoutRoot, npmPackages } from '@truc/local-stack';
import { testCa, testKafka, testPostgres } from '@truc/testing';
import { ClientProgram } from './client-program.test-data.js';
import { worksUnchanged } from './client-suite.test-data.js';

const manifest = fileURLToPath(new URL('../../clients/node', import.meta.url));
const tell = (sentence: string): void => void process.stderr.write(`${sentence} ...\n`);

worksUnchanged(
  {
    name: '@confluentinc/schemaregistry 1.10.1',
    open: async () => {
      const packages = { name: 'confluent-node', manifest, sizeMebibytes: 150 };
      const directory = await npmPackages(packages, join(checkoutRoot, '.truc', 'cache'), process.env, tell);
      // A module finds its packages from where it lies.
      const program = join(directory, 'client.mjs');
      copyFileSync(join(manifest, 'client.mjs'), program);
      return new ClientProgram(process.execPath, [program], process.env);
    },
    forms: ['basic', 'bearer', 'certificate'],
    errors: { refused: { kind: 'RestError', status: 409, code: 409 }, unknown: { kind: 'RestError', status: 401, code: 40101 } },
  },
  { openDatabase: testPostgres, kafka: testKafka, makeAuthority: testCa },
);
