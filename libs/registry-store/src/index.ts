export type { CataloguedVersion } from './catalogued-version.js';
export { PackedAnswers } from './packed-answers.js';
export { RememberedReads } from './remembered-reads.js';
export * from './registration-transaction.js';
export * from './registry-store.js';
export * from './schema-catalogue.js';
export { lastIdMax, type LastId, type NamedSettings } from './registry-copy.js';
