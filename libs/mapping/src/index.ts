export { BoundTable, type MappedKey, type MappedRow, type MappingProblem } from './bound-table.js';
export type { SourceColumn } from './column-binding.js';
export { CompiledTable, compileTable, type ElementShapes, type MappedDataset } from './compiled-table.js';
export { parsePostgresArray, type PostgresArray } from './postgres-array.js';
export type { SourceValues } from './row-steps.js';
export * from './table-policy.js';
export { parseTransform, transform, transformOps, type Operation } from './transform.js';
