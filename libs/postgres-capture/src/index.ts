export { defaultCaptureLimits, type CaptureLimits, type CaptureLog, type CaptureOptions } from './capture-options.js';
export type { CaptureStatistics } from './capture-statistics.js';
export type { CapturedTable } from './captured-table.js';
export * from './lsn.js';
export { PostgresChangeSource } from './postgres-change-source.js';
export { ensurePublication, publicationSql } from './publication.js';
export { readRows } from './read-rows.js';
export { createSlot, dropSlot, inspectSlot } from './replication-slot.js';
export * from './slot-verdict.js';
