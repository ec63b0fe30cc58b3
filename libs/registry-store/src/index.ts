export type { CataloguedVersion } from './catalogued-version.js';
export * from './registration-transaction.js';
export * from './registry-store.js';
export * from './schema-catalogue.js';
