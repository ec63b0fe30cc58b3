import { isMasterKeyOrRefersToOne, schemeOfElement, type DictionaryRelease } from '@truc/dictionary';
import { parseTransform, type Operation } from '@truc/mapping';
import { namedElement } from './dictionary-facts.js';
import type { TableDocument } from './documents/document.js';

/** A code that some rows of a table have. */
export interface CodeCase {
  /** Place of its entry among the table's columns. */
  readonly index: number;
  readonly column: string;
  readonly element: string;
  readonly transform: unknown;
  readonly scheme: string;
}

export interface CodeCases {
  /** Empty where every row has the code of the identification; else that one first, then those that take its place. */
  readonly cases: readonly CodeCase[];
  /** Two entries that claim the same value of the discriminator. */
  readonly contested: readonly { readonly index: number; readonly first: string; readonly column: string; readonly value: string }[];
  /** Entries whose scheme an earlier one of the cases has already. A key tells the scheme of its code, not the field: of two fields of one scheme nobody could say which. */
  readonly sameScheme: readonly { readonly index: number; readonly first: string; readonly scheme: string }[];
}

type When = Extract<Operation, { op: 'when' }>;
const none: CodeCases = { cases: [], contested: [], sameScheme: [] };

/**
 * Finds the codes among which a discriminator column decides. Where the entry of the identification's column applies only `when` another column has certain values, the code of a row with another value
 * is the one that an entry names `when` that column has it: of another scheme, as an enterprise's code where a person's number is not. Entries that apply beside the first are no codes but data.
 */
export function codeCasesOf({ identification, columns }: TableDocument, release: DictionaryRelease): CodeCases {
  if (identification.via !== null) return none;
  const ownIndex = columns.findIndex(({ column, element }) => element === identification.element && column === identification.column);
  const own = columns[ownIndex];
  const ownWhen = own === undefined ? null : whenOf(own.transform);
  if (own === undefined || ownWhen === null) return none;
  const taken = new Map<string, string | null>(ownWhen.in.map((value) => [value, null]));
  const cases: CodeCase[] = [];
  const contested: CodeCases['contested'][number][] = [];
  for (const [index, { column, element, transform }] of columns.entries()) {
    const found = element === null ? null : namedElement(release, element);
    const when = whenOf(transform);
    if (index === ownIndex || element === null || found === null || when?.column !== ownWhen.column) continue;
    if (!isMasterKeyOrRefersToOne(found, release) || when.in.some((value) => taken.get(value) === null)) continue;
    const value = when.in.find((one) => taken.has(one));
    if (value !== undefined) {
      contested.push({ index, first: taken.get(value) ?? '', column: when.column, value });
      continue;
    }
    for (const one of when.in) taken.set(one, element);
    cases.push({ index, column, element, transform, scheme: schemeOfElement(found) });
  }
  const code = namedElement(release, identification.element);
  if (cases.length === 0 || code === null) return { cases: [], contested, sameScheme: [] };
  const { column, transform } = own;
  const all = [{ index: ownIndex, column, element: identification.element, transform, scheme: schemeOfElement(code) }, ...cases];
  const sameScheme = all.flatMap(({ index, scheme }, place) => {
    const first = all.findIndex((one) => one.scheme === scheme);
    return first === place ? [] : [{ index, scheme, first: all[first]?.element ?? '' }];
  });
  return { cases: all, contested, sameScheme };
}

/** The condition of an entry; null where it has none, or none that can be read. */
function whenOf(transform: unknown): When | null {
  try {
    return parseTransform(transform, '').find((operation): operation is When => operation.op === 'when') ?? null;
  } catch {
    return null;
  }
}
