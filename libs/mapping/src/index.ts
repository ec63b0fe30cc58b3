export * from './table-policy.js';
