export * from './avro-codec.js';
export * from './avro-schema.js';
export * from './framing.js';
export * from './schema-error.js';
export * from './schema-limits.js';
export * from './schema-parser.js';
