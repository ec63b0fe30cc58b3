import { canonicalFieldName, type DictionaryRelease, type FieldPolicy } from '@truc/dictionary';
import { tablePolicy, type TablePolicy } from '@truc/mapping';
import { hasAuthority, namedElement } from './dictionary-facts.js';
import type { TableDocument } from './documents/document.js';

/** One published table taken apart: the fields of its dataset, and how its columns fill them. */
export interface CompiledTable {
  readonly fields: readonly FieldPolicy[];
  readonly table: TablePolicy;
  readonly codeElement: string;
  readonly codeField: string;
  readonly keyIsCode: boolean;
}

interface MappedColumn {
  readonly column: string;
  readonly element: string;
  readonly transform: unknown;
  readonly field: FieldPolicy;
}

/** Operations under which two different keys stay different codes. */
const injectiveOps = new Set(['toString', 'lpad']);

/**
 * Compiles a table of a checked document. Columns without an element are left out, so that the agent never reads them. Where no column maps the code element the
 * identification does, first of all fields.
 * @param agency of the source: where it has no authority for an implied code, the field refers to the one who has
 */
export function compileTable(document: TableDocument, dataset: string, agency: string, release: DictionaryRelease): CompiledTable {
  const { identification } = document;
  const codeElement = identification.element;
  const columns: MappedColumn[] = document.columns.flatMap(({ column, element, transform, reference, protection, required }) => {
    if (element === null) return [];
    const role = reference ? ('reference' as const) : ('source' as const);
    const isCode = element === codeElement;
    const field = { name: canonicalFieldName(element), element, role, protection, required: isCode || (required ?? false) };
    return [{ column, element, transform, field }];
  });
  if (!columns.some(({ element }) => element === codeElement)) {
    const code = namedElement(release, codeElement);
    const role = code === null || hasAuthority(code, agency, dataset) ? ('source' as const) : ('reference' as const);
    const field = { name: canonicalFieldName(codeElement), element: codeElement, role, protection: 'none' as const, required: true };
    columns.unshift({ column: identification.column, element: codeElement, transform: identification.transform, field });
  }
  const [keyColumn] = document.primaryKey;
  const keyIsCode = document.primaryKey.length === 1 && keyColumn === identification.column && isInjective(identification.transform);
  const table = tablePolicy.parse({
    table: document.table,
    dataset,
    primaryKey: document.primaryKey,
    identification: { column: identification.column, transform: identification.transform },
    columns: columns.map(({ column, element, transform }) => ({ column, element, transform })),
    referenceDateColumn: document.referenceDate ?? null,
  });
  return { fields: columns.map(({ field }) => field), table, codeElement, codeField: canonicalFieldName(codeElement), keyIsCode };
}

/** A transform that could make one code of two keys (`digitsOnly`, `map`) leaves `row` in the key, so that two source rows never share one. */
function isInjective(transform: unknown): boolean {
  const operations = transform === null ? [] : Array.isArray(transform) ? transform : [transform];
  return operations.every((operation: { op?: unknown }) => injectiveOps.has(String(operation.op)));
}
