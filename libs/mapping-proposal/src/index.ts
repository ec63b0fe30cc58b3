export * from './proposal.js';
export * from './propose-table.js';
export { vocabularyOf, type Vocabulary } from './vocabulary.js';
export * from './identification-proposal.js';
export * from './propose-mapping.js';
