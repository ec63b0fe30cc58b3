export * from './policy.js';
export * from './topic-names.js';
