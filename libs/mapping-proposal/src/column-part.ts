import type { ProposalColumn, ProposalTable, ProposedTransform, Reason } from './proposal.js';
import { wordsOf } from './word.js';

/** A column, or one value inside of it, that an element could be found for. */
export interface ColumnPart {
  readonly column: ProposalColumn;
  /** The column as it would be after `before`. */
  readonly inner: ProposalColumn;
  /** Name of the column, or of what is inside of it. */
  readonly name: string;
  readonly words: readonly string[];
  readonly values: readonly string[];
  /** What takes the part out of the column. */
  readonly before: readonly ProposedTransform[];
  readonly reasons: readonly Reason[];
}

const partsMax = 60;

/** A column as it is; an array as one of its members or all; a point as its two halves; JSON as the values on its ways. */
export function columnParts(column: ProposalColumn, table: ProposalTable): ColumnPart[] {
  const place = table.samples.columns.indexOf(column.name);
  const values = place === -1 ? [] : table.samples.rows.flatMap((row) => row[place] ?? []);
  const words = [...wordsOf(column.name)];
  const { baseType } = column;
  if (baseType.endsWith('[]')) {
    const inner = { ...column, baseType: baseType.slice(0, -2) };
    const members = values.flatMap(arrayMembers);
    return [{ column, inner, name: column.name, words, values: members, before: [{ op: 'first' }], reasons: [] }];
  }
  if (baseType === 'point') {
    const halves = values.map((text) => text.slice(1, -1).split(','));
    const inner = { ...column, baseType: 'numeric' };
    return (['pointX', 'pointY'] as const).map((op, index) => ({
      column,
      inner,
      name: column.name,
      words: [...words, ...wordsOf('toa do')],
      values: halves.flatMap((half) => half[index] ?? []),
      before: [{ op }],
      reasons: [{ kind: 'path', path: op }],
    }));
  }
  if (baseType === 'json' || baseType === 'jsonb') return jsonParts(column, words, values);
  return [{ column, inner: column, name: column.name, words, values, before: [], reasons: [] }];
}

/** Of PostgreSQL's text form of an array, without what a member in quotes may hide: good enough to compare a sample. */
function arrayMembers(text: string): string[] {
  return [...text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^",{}]+)/g)].map(([, quoted, plain]) =>
    (quoted ?? plain ?? '').replaceAll(/\\(.)/g, '$1'),
  );
}

function jsonParts(column: ProposalColumn, words: readonly string[], values: readonly string[]): ColumnPart[] {
  const byPath = new Map<string, { name: string; words: string[]; values: string[]; isNumber: boolean }>();
  for (const text of values) {
    for (const { path, names, value } of leaves(parsed(text), '$', [], 0)) {
      const known = byPath.get(path) ?? { name: names.join('.'), words: names.flatMap(wordsOf), values: [], isNumber: true };
      known.values.push(String(value));
      known.isNumber &&= typeof value === 'number';
      if (byPath.size < partsMax) byPath.set(path, known);
    }
  }
  return [...byPath].map(([path, part]) => ({
    column,
    inner: { ...column, baseType: part.isNumber ? 'numeric' : 'text', labels: [] },
    name: part.name || column.name,
    words: part.words.length > 0 ? part.words : words,
    values: part.values,
    before: [{ op: 'jsonPath', path }],
    reasons: [{ kind: 'path', path }],
  }));
}

interface Leaf {
  readonly path: string;
  readonly names: readonly string[];
  readonly value: string | number;
}

const depthMax = 3;
const membersMax = 4;

/** Values that a short path reaches. Names that a path could not spell are left out. */
function leaves(value: unknown, path: string, names: readonly string[], depth: number): Leaf[] {
  if (typeof value === 'string' || typeof value === 'number') return depth === 0 ? [] : [{ path, names, value }];
  if (typeof value !== 'object' || value === null || depth >= depthMax) return [];
  if (Array.isArray(value)) {
    // Lists of things are no values of a row; a pair of numbers may be a place.
    const isTuple = value.length <= membersMax && value.every((one) => typeof one === 'number');
    return isTuple ? value.flatMap((one, index) => leaves(one, `${path}[${index}]`, names, depth + 1)) : [];
  }
  return Object.entries(value)
    .filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .flatMap(([name, one]) => leaves(one, `${path}.${name}`, [...names, name], depth + 1));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Cut short by the survey, or written by hand.
    return null;
  }
}
