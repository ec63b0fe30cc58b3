import { TrucError } from '@truc/kernel';
import { escapeIdentifier } from 'pg';

/** A table that this source captures, as the mapping names it. */
export interface CapturedTable {
  /** `schema.table`; the schema ends at the first dot. A partitioned table is named by its root. */
  readonly table: string;
  /** Columns that identify a row, in key order. A unique index covers them, none of them may be null, and the replica identity contains them. */
  readonly primaryKey: readonly string[];
  /** The table that has the codes of its rows, where they have none themselves: it is read ahead of this one. */
  readonly parent?: { readonly table: string; readonly key: readonly string[] };
  /** True of a table that is read for its codes alone, by a key that need not be its own: rows without that key are nobody's parents, and are left out. */
  readonly isParent?: boolean;
  /** Only rows with one of these in these columns are read. */
  readonly among?: RowsAmong;
}

export interface RowsAmong {
  readonly columns: readonly string[];
  /** What stands in them, in the source's own text. */
  readonly keys: readonly (readonly string[])[];
}

export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/** @throws TrucError CAPTURE_TABLE_NAME */
export function splitTableName(name: string): TableName {
  const dot = name.indexOf('.');
  if (dot < 1 || dot === name.length - 1) {
    throw new TrucError('CAPTURE_TABLE_NAME', `"${name}" does not name a table: write schema.table, as in public.person`);
  }
  return { schema: name.slice(0, dot), table: name.slice(dot + 1) };
}

export function joinTableName({ schema, table }: TableName): string {
  return `${schema}.${table}`;
}

/** `"schema"."table"`, for SQL. */
export function quoteTable({ schema, table }: TableName): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}
