import { swcOptions } from './tools/build.mjs';

const { sourceMaps: _, ...swc } = swcOptions;

/** One project per kind of test; the suffix of a test file says which real parts it needs (CONTRIBUTING.md). */
const base = {
  rootDir: import.meta.dirname,
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, sourceMaps: 'inline' }] },
  moduleNameMapper: { '^@truc/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts', '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/.truc/', '<rootDir>/.nx/', '/dist/'],
  testEnvironment: 'node',
};

export default {
  ...base,
  testMatch: ['<rootDir>/libs/**/*.test.ts', '<rootDir>/apps/**/*.test.ts', '<rootDir>/e2e/**/*.test.ts'],
  testPathIgnorePatterns: process.env.TRUC_TEST_LONG ? [] : ['\\.long\\.test\\.ts$'],
  globalSetup: '<rootDir>/tools/jest/global-setup.mjs',
  globalTeardown: '<rootDir>/tools/jest/global-teardown.mjs',
  testTimeout: 60_000,
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/tools/jest/summary-reporter.mjs'],
};
