import type { SourceRelation, SourceText } from '@truc/pipeline';
import { joinTableName, type CapturedTable } from './captured-table.js';
import type { ReplicaIdentity } from './pgoutput-message.js';

/** A relation of the stream together with what the capture knows of it. */
export interface KnownRelation {
  readonly relation: SourceRelation;
  /** `schema.table`. */
  readonly name: string;
  /** False for a table that the publication holds and the mapping does not: its rows are counted and not passed on. */
  readonly captured: boolean;
  /** Where the primary key's columns stand, in key order; null when one of them is not in the relation. */
  readonly keyIndexes: readonly number[] | null;
}

export interface RelationColumn {
  readonly name: string;
  readonly type: string;
  readonly inIdentity: boolean;
}

/**
 * `isKey` marks the columns that an old row carries at the least: those of the replica identity, which under FULL is every column. A code may be made of them.
 */
export function knownRelation(
  name: { readonly schema: string; readonly table: string },
  columns: readonly RelationColumn[],
  identity: ReplicaIdentity,
  table: CapturedTable | undefined,
  isPartitioned = false,
): KnownRelation {
  const primaryKey = table?.primaryKey ?? [];
  const isKey = ({ inIdentity }: RelationColumn) => identity === 'full' || inIdentity;
  const indexes = primaryKey.map((column) => columns.findIndex(({ name }) => name === column));
  return {
    relation: {
      ...name,
      columns: columns.map((column) => ({ name: column.name, type: column.type, isKey: isKey(column) })),
      ...(identity === 'full' && isPartitioned ? { mayLackOldRows: true } : {}),
    },
    name: joinTableName(name),
    captured: table !== undefined,
    keyIndexes: indexes.length === 0 || indexes.includes(-1) ? null : indexes,
  };
}

export function sameShape(a: SourceRelation, b: SourceRelation): boolean {
  if (a.schema !== b.schema || a.table !== b.table || a.columns.length !== b.columns.length || a.mayLackOldRows !== b.mayLackOldRows)
    return false;
  return a.columns.every(({ name, type, isKey }, i) => {
    const other = b.columns[i]!;
    return name === other.name && type === other.type && isKey === other.isKey;
  });
}

/**
 * A row's key as one text, null when a part of it is not there. PostgreSQL's text never holds NUL, so NUL keeps the parts apart.
 * @param fallback read where `values` leaves a part out: a key column stored apart (TOAST) that an update did not change
 */
export function keyText(indexes: readonly number[], values: readonly SourceText[], fallback?: readonly SourceText[] | null): string | null {
  let key = '';
  for (let i = 0; i < indexes.length; i++) {
    const at = indexes[i]!;
    const part = values[at] ?? fallback?.[at];
    if (part === null || part === undefined) return null;
    key = i === 0 ? part : `${key}\0${part}`;
  }
  return key;
}
