/** How a table's rows come by their code: from a column, from several, from one of several by a discriminator, or from a parent's row. */
import { TrucError } from '@truc/kernel';
import { Fault } from './fault.js';
import { parentKeyOf, parentName, type ParentCodes } from './parent-codes.js';
import { compileTransform, unchanged, type CompiledTransform, type RowReader, type SourceValues } from './row-steps.js';
import type { IdentificationPolicy } from './table-policy.js';
import type { ParentReference } from './via.js';

/** One code that a row may have. */
export interface CompiledCode {
  readonly scheme: string;
  /** The mapped column that holds it; of a parent's code the child's columns. */
  readonly column: string;
  /** The element that it is; null for the dataset's own code element. */
  readonly element: string | null;
  /** As the policy has it, to be compared with that of a field. */
  readonly transformText: string;
  readonly transform: CompiledTransform;
}

export interface CompiledIdentification {
  readonly column: string;
  /** Every column that is read for it: all of them are known of each row only as part of its replica identity. */
  readonly reads: readonly string[];
  readonly parent: (ParentReference & { readonly columns: readonly string[] }) | null;
  /** More than one where a discriminator decides; at most one applies to a row. */
  readonly codes: readonly CompiledCode[];
}

/** @throws TrucError MAPPING_TRANSFORM_INVALID, MAPPING_VIA_INVALID and those of the transforms */
export function compileIdentification(policy: IdentificationPolicy, table: string, scheme: string): CompiledIdentification {
  const { column, via = null, cases } = policy;
  const cast = cases ?? [{ column, element: null, transform: policy.transform, scheme }];
  const codes = cast.map((one): CompiledCode => {
    const where = `${table}.${one.column} (identification)`;
    const transform = compileTransform(one.transform, one.column, where);
    if (transform.list !== null) {
      const vi = `${where}: mỗi dòng có một mã, còn each tạo ra danh sách`;
      throw new TrucError('MAPPING_TRANSFORM_INVALID', `${where}: a row has one code, and each makes a list`, { vi });
    }
    return { ...one, transformText: canonicalText(one.transform), transform };
  });
  const read = codes.flatMap(({ transform }) => transform.reads);
  if (via === null) return { column, reads: [...new Set(read)], parent: null, codes };
  if (via.columns.length !== via.key.length) {
    throw new TrucError(
      'MAPPING_VIA_INVALID',
      `${table}: the identification names ${via.columns.length} columns (${via.columns.join(', ')}) for the ${via.key.length} of ${parentName(via)}; name one for each, in the same order`,
      {
        vi: `${table}: phần định danh nêu ${via.columns.length} cột (${via.columns.join(', ')}) cho ${via.key.length} cột của ${parentName(via)}; hãy nêu đủ, cùng thứ tự`,
      },
    );
  }
  return { column, reads: [...new Set([...via.columns, ...read.filter((name) => name !== column)])], parent: via, codes };
}

/** Settings in any order are the same transform. */
export function canonicalText(transform: unknown): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.length === 1 ? sorted(value[0]) : value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, inner]) => [key, sorted(inner)]),
    );
  };
  return JSON.stringify(sorted(transform) ?? null);
}

/** The reader of a code: the column's, or the parent's. @throws TrucError MAPPING_PARENTS_MISSING where nobody knows the parents */
export function bindCode(
  { parent, codes }: CompiledIdentification,
  table: string,
  placeOf: (column: string) => number,
  typeOf: (column: string) => string,
  parents: ParentCodes | null,
): readonly { readonly scheme: string; readonly read: RowReader }[] {
  if (parent === null) return codes.map(({ scheme, transform }) => ({ scheme, read: transform.bind(placeOf) }));
  if (parents === null) {
    throw new TrucError(
      'MAPPING_PARENTS_MISSING',
      `the code of ${table} lies in ${parent.table}, and whoever reads ${table} here keeps no index of its rows: name a directory for it in the configuration of the agent (dataDirectory of its seat), set publish: false for the table, or add a column with the code to it`,
    );
  }
  const start = parentReader(parent, parents, placeOf, typeOf);
  return codes.map(({ scheme, transform }) => ({ scheme, read: transform.bind(placeOf, start) }));
}

/** A row that has its code from a parent: which one, and what its code would be if that one had a certain text. */
export interface BoundChild {
  /** See `parentKeyOf`; null where the row points nowhere, undefined where the source left the columns out. */
  readonly keyOf: (values: SourceValues) => string | null | undefined;
  readonly codeUnder: (values: SourceValues, parentCode: string) => string | null;
}

/** Null where the code is in the row. */
export function bindChild(
  { parent, codes }: CompiledIdentification,
  placeOf: (column: string) => number,
  typeOf: (column: string) => string,
): BoundChild | null {
  const [code] = codes;
  if (parent === null || code === undefined) return null;
  let text = '';
  const read = code.transform.bind(placeOf, () => text);
  return {
    keyOf: parentKeyOf(parent.columns.map(placeOf), parent.columns.map(typeOf)),
    codeUnder: (values, parentCode) => {
      text = parentCode;
      const made = read(values);
      return typeof made === 'string' ? made : null;
    },
  };
}

function parentReader(
  parent: ParentReference & { readonly columns: readonly string[] },
  parents: ParentCodes,
  placeOf: (column: string) => number,
  typeOf: (column: string) => string,
): RowReader {
  const name = parentName(parent);
  const unknown = new Fault(`parent-unknown: no row of ${parent.table} has its key yet`, 'V1');
  const keyOf = parentKeyOf(parent.columns.map(placeOf), parent.columns.map(typeOf));
  return (values) => {
    const key = keyOf(values);
    if (key === null) return null;
    if (key === undefined) return unchanged;
    const code = parents.codeOf(name, key);
    return code === undefined ? unknown : code;
  };
}
