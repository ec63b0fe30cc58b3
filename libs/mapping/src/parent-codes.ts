/** The seam between mapping and whoever remembers the codes of parent rows. */
import type { SourceColumn } from './column-binding.js';
import type { SourceValues } from './row-steps.js';
import type { ParentReference } from './via.js';

/**
 * Codes of the rows of parent tables as they stood at the point of the stream that the child's row stands at. An index on disk that the same stream feeds in order serves it; mapping only asks.
 */
export interface ParentCodes {
  /**
   * @param parent name of the index, as {@link parentName} makes it
   * @param key as {@link parentKeyOf} makes it
   * @returns the text of the parent's code column; null where the parent has none; undefined where no such parent is known
   */
  codeOf(parent: string, key: string): string | null | undefined;
}

/** Children of one parent share one index, whatever each does with the code. */
export function parentName({ table, key, code }: ParentReference): string {
  return `${table}(${key.join(',')}).${code}`;
}

/**
 * Composes the key under which a parent is known: the texts of its key columns as a JSON array; null where one of them is null, as a foreign key that is null points nowhere.
 * A child may keep its copy in another type, and PostgreSQL compares values: blanks at the end of a `character(n)` and zeros at the end of a `numeric` (1.00 points to 1) mean nothing, and are left out on both
 * sides.
 */
export function parentKeyOf(places: readonly number[], types: readonly string[]): (values: SourceValues) => string | null | undefined {
  const plain = types.map(plainText);
  return (values) => {
    const texts: string[] = [];
    for (const [index, place] of places.entries()) {
      const value = values[place];
      if (value === null || value === undefined) return value;
      texts.push(plain[index]?.(value) ?? value);
    }
    return JSON.stringify(texts);
  };
}

/** What a value of the type is compared by; null where that is its text. */
function plainText(type: string): ((text: string) => string) | null {
  if (/^character(\(|$)/.test(type)) return (text) => text.trimEnd();
  if (/^numeric(\(|$)/.test(type)) return (text) => (/^-?[0-9]+\.[0-9]+$/.test(text) ? text.replace(/\.?0+$/, '') : text);
  return null;
}

/** A parent table joined to its relation: what the index is fed with. */
export interface BoundParent {
  /** Of a whole row or of its key columns alone; null where a key column is null, so that no child can point to it. */
  keyOf(values: SourceValues): string | null;
  /** Text of the code column; undefined where the source left it out unchanged. */
  codeOf(values: SourceValues): string | null | undefined;
}

/** Joins a parent to one relation of the stream. @param placeOf throws where the relation lacks a column, or it is not part of the replica identity */
export function bindParentColumns(parent: ParentReference, columns: readonly SourceColumn[], placeOf: PlaceOf): BoundParent {
  const places = parent.key.map((column) => placeOf(column, true));
  const codePlace = placeOf(parent.code, false);
  const keyOf = parentKeyOf(
    places,
    places.map((place) => columns[place]?.type ?? ''),
  );
  return { keyOf: (values) => keyOf(values) ?? null, codeOf: (values) => values[codePlace] };
}

export type PlaceOf = (column: string, isKey: boolean) => number;
