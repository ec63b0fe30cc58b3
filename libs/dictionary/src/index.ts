export * from './field-policy.js';
