export * from './http-endpoints.js';
export * from './log.js';
export * from './metric-catalogue.js';
export * from './telemetry.js';
