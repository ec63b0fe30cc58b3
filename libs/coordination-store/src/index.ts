export * from './apply-session.js';
export * from './coordination-store.js';
export * from './entities.js';
export * from './proposal-entities.js';
export * from './proposal-table.js';
export type { StoredChanges, StoredText } from './stored-text.js';
export * from './token-key-file.js';
