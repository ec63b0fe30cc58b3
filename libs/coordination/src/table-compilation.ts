import { canonicalFieldName, type DataElement, type DictionaryRelease, type FieldPolicy } from '@truc/dictionary';
import { columnsOf, isListTransform, parseVia, tablePolicy, type TablePolicy } from '@truc/mapping';
import { codeCasesOf, type CodeCase } from './code-cases.js';
import { hasAuthority, namedElement } from './dictionary-facts.js';
import type { ColumnDocument, TableDocument } from './documents/document.js';

/** One published table taken apart: the fields of its dataset, and how its columns fill them. */
export interface CompiledTable {
  readonly fields: readonly FieldPolicy[];
  readonly table: TablePolicy;
  readonly codeElement: string;
  readonly codeField: string;
  readonly keyIsCode: boolean;
  /** Codes of other schemes that rows may have instead. */
  readonly otherCodes: readonly { readonly field: string; readonly element: string; readonly scheme: string }[];
}

/** Operations under which two different keys stay different codes, whatever their type is: a document does not tell it. */
const injectiveOps = new Set(['toString']);

/** What the mapping says, else what the element's classification asks for. */
export function protectionOf({ protection }: Pick<ColumnDocument, 'protection'>, element: DataElement | null): FieldPolicy['protection'] {
  return protection ?? (element?.classification === 'sensitive-personal' ? 'masked' : 'none');
}

/** How the elements that a table publishes are protected; the first column where two claim one. */
export function protectionsOf(
  { columns, identification }: TableDocument,
  release: DictionaryRelease,
): Map<string, FieldPolicy['protection']> {
  const protections = new Map<string, FieldPolicy['protection']>();
  for (const column of [...columns, { element: identification.element, protection: undefined }]) {
    if (column.element === null || protections.has(column.element)) continue;
    protections.set(column.element, protectionOf(column, namedElement(release, column.element)));
  }
  return protections;
}

/**
 * Compiles a table of a checked document. Columns without an element are left out, so that the agent never reads them. Where no column maps the code element the
 * identification fills its field, first of all fields.
 * @param agency of the source: where it has no authority for an implied code, the field refers to the one who has
 */
export function compileTable(document: TableDocument, dataset: string, agency: string, release: DictionaryRelease): CompiledTable {
  const { identification } = document;
  const codeElement = identification.element;
  const { cases } = codeCasesOf(document, release);
  const mapped = document.columns.flatMap((column) => (column.element === null ? [] : [{ ...column, element: column.element }]));
  const fields = mapped.map((column): FieldPolicy => {
    const { element, transform, reference } = column;
    return {
      name: canonicalFieldName(element),
      element,
      role: reference ? 'reference' : 'source',
      protection: protectionOf(column, namedElement(release, element)),
      required: isRequired(column, codeElement, cases),
      ...(isListTransform(transform) ? { isList: true } : {}),
    };
  });
  if (!mapped.some(({ element }) => element === codeElement)) {
    const code = namedElement(release, codeElement);
    const role = code === null || hasAuthority(code, agency, dataset) ? ('source' as const) : ('reference' as const);
    fields.unshift({
      name: canonicalFieldName(codeElement),
      element: codeElement,
      role,
      protection: protectionOf({ protection: undefined }, code),
      required: true,
    });
  }
  const table = tablePolicy.parse({
    table: document.table,
    dataset,
    primaryKey: document.primaryKey,
    identification: {
      column: identification.column,
      transform: codeTransformOf(document),
      ...viaOf(document),
      ...(cases.length === 0
        ? {}
        : { cases: cases.map(({ column, element, transform, scheme }) => ({ column, element, transform, scheme })) }),
    },
    columns: mapped.map(({ column, element, transform }) => ({ column, element, transform })),
    referenceDateColumn: document.referenceDate ?? null,
  });
  const otherCodes = cases.slice(1).map(({ element, scheme }) => ({ field: canonicalFieldName(element), element, scheme }));
  return { fields, table, codeElement, codeField: canonicalFieldName(codeElement), keyIsCode: isKeyCode(document), otherCodes };
}

/** Whether every row has the element: what the mapping says, and the code; where a discriminator decides, a row has one of the codes. */
export function isRequired(
  { element, required = false }: Pick<ColumnDocument, 'element' | 'required'>,
  codeElement: string,
  cases: readonly CodeCase[],
): boolean {
  return cases.length === 0 ? element === codeElement || required : required && !cases.some((one) => one.element === element);
}

/** One column makes one code: where only its entry says how, the identification does the same. */
function codeTransformOf({ identification, columns }: TableDocument): unknown {
  if (identification.transform !== null || identification.via !== null) return identification.transform;
  const entry = columns.find(({ column, element }) => column === identification.column && element === identification.element);
  return entry?.transform ?? null;
}

function viaOf({ identification }: TableDocument): Pick<TablePolicy['identification'], 'via'> {
  const via = parseVia(identification.via);
  if (via.kind !== 'parent') return {};
  const { table, key, code } = via.parent;
  return { via: { table, key: [...key], code, columns: columnsOf(identification.column) } };
}

function isKeyCode(document: TableDocument): boolean {
  const { primaryKey, identification } = document;
  const [keyColumn] = primaryKey;
  return (
    identification.via === null && primaryKey.length === 1 && keyColumn === identification.column && isInjective(codeTransformOf(document))
  );
}

/** A transform that could make one code of two keys (`digitsOnly`, `map`; `lpad`, where the texts `1` and `01` are two keys) leaves `row` in the key, so that two source rows never share one. */
function isInjective(transform: unknown): boolean {
  const operations = transform === null ? [] : Array.isArray(transform) ? transform : [transform];
  return operations.every((operation: { op?: unknown }) => injectiveOps.has(String(operation.op)));
}
