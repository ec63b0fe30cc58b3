export * from './eventually.js';
export * from './stack-coordinates.js';
export * from './sweep.js';
export * from './test-dataset.js';
export * from './test-kafka.js';
export * from './test-name.js';
export * from './test-postgres.js';
export * from './test-schemas.js';
