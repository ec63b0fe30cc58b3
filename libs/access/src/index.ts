export * from './authorization.js';
export * from './broker-acls.js';
export * from './decision.js';
export * from './known-principal.js';
export * from './principal.js';
export * from './token.js';
