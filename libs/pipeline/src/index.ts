export * from './change-source.js';
export * from './change-target.js';
export * from './log.js';
export * from './schema-lookup.js';
