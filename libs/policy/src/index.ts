export * from './backbone-policy.js';
export * from './policy-fold.js';
export * from './policy-publish.js';
export * from './policy-reader.js';
export * from './policy-report.js';
