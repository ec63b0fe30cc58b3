import { swcOptions } from './tools/build.mjs';
import { needsServers } from './tools/jest/chosen-tests.mjs';

/** One project per kind of test; the suffix of a test file says which real parts it needs (CONTRIBUTING.md). */
const base = {
  rootDir: import.meta.dirname,
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swcOptions] },
  moduleNameMapper: { '^@truc/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts', '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/.truc/', '<rootDir>/.nx/', '/dist/'],
  testEnvironment: 'node',
};

const inRooms = (name) => ['libs', 'apps', 'e2e', 'bench'].map((folder) => `<rootDir>/${folder}/**/${name}`);

/** Which tests a run takes, by TRUC_TEST_KIND (tools/run/jest-run.mjs). */
const selections = {
  standard: { testMatch: [...inRooms('*.test.ts'), '<rootDir>/tools/**/*.test.mjs'], testPathIgnorePatterns: ['\\.long\\.test\\.ts$'] },
  unit: { testMatch: [...inRooms('*.test.ts'), '<rootDir>/tools/**/*.test.mjs'], testPathIgnorePatterns: [needsServers.source] },
  long: { testMatch: inRooms('*.long.test.ts'), testPathIgnorePatterns: [], passWithNoTests: true },
};

export default {
  ...base,
  ...selections[process.env.TRUC_TEST_KIND ?? 'standard'],
  globalSetup: '<rootDir>/tools/jest/global-setup.mjs',
  globalTeardown: '<rootDir>/tools/jest/global-teardown.mjs',
  testTimeout: 60_000,
  maxWorkers: 2,
  // Modules of a finished file stay in a worker's heap (jest's ESM registries are not freed); a fresh process is cheaper than collecting them.
  workerIdleMemoryLimit: '1GB',
  reporters: ['default', '<rootDir>/tools/jest/summary-reporter.mjs'],
};
