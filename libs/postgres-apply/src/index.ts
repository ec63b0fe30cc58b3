export { defaultApplyLimits, type ApplyLimits } from './apply-limits.js';
export { PostgresTarget, type PostgresTargetOptions } from './postgres-target.js';
export { compileRowText, RowFingerprint, type FingerprintColumn } from './row-fingerprint.js';
export { readTable, tableFingerprint, type StoredRow, type TableAccess } from './table-fingerprint.js';
