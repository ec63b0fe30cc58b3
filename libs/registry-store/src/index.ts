export * from './registration-transaction.js';
export * from './registry-store.js';
export * from './schema-catalogue.js';
