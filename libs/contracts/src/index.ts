export * from './view-policy.js';
