export * from './change-envelope.js';
export * from './master-data-key.js';
export * from './partitioner.js';
export * from './position-headers.js';
export * from './shipped-schema.js';
