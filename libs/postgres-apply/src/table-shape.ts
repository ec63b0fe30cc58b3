import { TrucError } from '@truc/kernel';
import type { TargetColumnType, TargetTable } from '@truc/pipeline';
import { identifierProblem, qualifiedName } from './identifier.js';

/** Columns that every data table has beside the dictionary's: the row's identity, then what the guard compares. */
export const KEY_COLUMNS = ['truc_scheme', 'truc_code', 'truc_row'] as const;
export const POSITION_COLUMN = 'truc_position';
export const APPLIED_AT_COLUMN = 'truc_applied_at';

const reservedPrefix = 'truc_';
const systemColumns = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);
/** PostgreSQL's own limit is 1,600; the dictionary allows 1,000 fields. */
const COLUMNS_MAX = 1_000;
const PRECISION_MAX = 1_000;

/** The type as PostgreSQL's format_type prints it, so that wanted and found compare as text. */
export function sqlType(type: TargetColumnType): string {
  switch (type.kind) {
    case 'text':
    case 'integer':
    case 'bigint':
    case 'boolean':
    case 'date':
      return type.kind;
    case 'double':
      return 'double precision';
    case 'timestamp-micros':
      return 'timestamp with time zone';
    case 'decimal':
      return `numeric(${type.precision},${type.scale})`;
    case 'list':
      return `${sqlType(type.item)}[]`;
  }
}

/** Equal for two tables of the same name exactly if they have the same columns in the same order. */
export function shapeOf(table: TargetTable): string {
  return JSON.stringify(table.columns.map(({ name, type }) => [name, sqlType(type)]));
}

/** @throws TrucError APPLY_TABLE_INVALID with every reason for which PostgreSQL could not hold the table as described */
export function checkTable(table: TargetTable): void {
  const problems: string[] = [];
  const schemaProblem = identifierProblem(table.schema);
  const nameProblem = identifierProblem(table.name);
  if (schemaProblem !== null) problems.push(`the schema name ${schemaProblem}`);
  if (nameProblem !== null) problems.push(`the table name ${nameProblem}`);
  if (table.schema === 'truc' || table.schema === 'information_schema' || table.schema.startsWith('pg_')) {
    problems.push(`the schema "${table.schema}" is not for data`);
  }
  if (table.columns.length > COLUMNS_MAX) problems.push(`${table.columns.length} columns; at most ${COLUMNS_MAX} are allowed`);
  const seen = new Set<string>();
  for (const { name, type } of table.columns) {
    const problem = identifierProblem(name);
    if (problem !== null) problems.push(`the column name "${name}" ${problem}`);
    if (name.startsWith(reservedPrefix)) problems.push(`the column name "${name}" begins with ${reservedPrefix}, which is reserved`);
    if (systemColumns.has(name)) problems.push(`"${name}" is a system column of PostgreSQL`);
    if (seen.has(name)) problems.push(`the column "${name}" is there twice`);
    seen.add(name);
    const item = type.kind === 'list' ? type.item : type;
    if (item.kind === 'decimal' && !isDecimal(item.precision, item.scale)) {
      problems.push(`the column "${name}" has precision ${item.precision} and scale ${item.scale}`);
    }
  }
  if (problems.length === 0) return;
  throw new TrucError(
    'APPLY_TABLE_INVALID',
    `${qualifiedName(table)} cannot be a table of PostgreSQL: ${problems.join('; ')}. Choose another table name, or change the elements in the dictionary`,
  );
}

function isDecimal(precision: number, scale: number): boolean {
  return (
    Number.isInteger(precision) &&
    Number.isInteger(scale) &&
    precision >= 1 &&
    precision <= PRECISION_MAX &&
    scale >= 0 &&
    scale <= precision
  );
}
