import { escapeIdentifier } from 'pg';
import { quoteTable } from './captured-table.js';
import type { CapturedTable } from './captured-table.js';
import type { PublishedTable } from './published-table.js';

export interface ChunkQuery {
  readonly text: string;
  readonly values: readonly string[];
}

/**
 * The rows of a table above a key, in key order. The parameters have the columns' own types by inference, so that the comparison is the index's own and a key's
 * text is read as the type reads it.
 * @param after key of the last row that was read, null to begin with the first
 * @param rowsLimit null for all
 * @param among of these rows alone
 */
export function chunkQuery(
  { known, keyIndexes, rowFilter, nullableKey }: PublishedTable,
  after: readonly string[] | null,
  rowsLimit: number | null,
  among?: CapturedTable['among'],
): ChunkQuery {
  const { relation } = known;
  const column = (index: number) => escapeIdentifier(relation.columns[index]!.name);
  const key = keyIndexes.map(column).join(', ');
  const conditions: string[] = [];
  if (rowFilter !== null) conditions.push(`(${rowFilter})`);
  conditions.push(...nullableKey.map((name) => `${escapeIdentifier(name)} IS NOT NULL`));
  if (after !== null) conditions.push(`(${key}) > (${after.map((_, i) => `$${i + 1}`).join(', ')})`);
  const values = [...(after ?? [])];
  if (among !== undefined) {
    const wanted = among.keys.map((one) => `(${one.map((text) => `$${values.push(text)}`).join(', ')})`);
    conditions.push(`(${among.columns.map((name) => escapeIdentifier(name)).join(', ')}) IN (${wanted.join(', ')})`);
  }
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const limit = rowsLimit === null ? '' : ` LIMIT ${rowsLimit}`;
  const columns = relation.columns.map(({ name }) => escapeIdentifier(name)).join(', ');
  return { text: `SELECT ${columns} FROM ${quoteTable(relation)}${where} ORDER BY ${key}${limit}`, values };
}

/** The rows with these keys, as far as they are there. A key that the publication's row filter leaves out is not. */
export function keysQuery({ known, keyIndexes, rowFilter }: PublishedTable, keys: readonly (readonly string[])[]): ChunkQuery {
  const { relation } = known;
  const column = (index: number) => escapeIdentifier(relation.columns[index]!.name);
  let parameters = 0;
  const wanted = keys.map((key) => `(${key.map(() => `$${++parameters}`).join(', ')})`);
  const filter = rowFilter === null ? '' : ` AND (${rowFilter})`;
  const columns = relation.columns.map(({ name }) => escapeIdentifier(name)).join(', ');
  const text = `SELECT ${columns} FROM ${quoteTable(relation)} WHERE (${keyIndexes.map(column).join(', ')}) IN (${wanted.join(', ')})${filter}`;
  return { text, values: keys.flat() };
}
