import { canonicalFieldName, type DictionaryRelease } from '@truc/dictionary';
import { isListTransform } from '@truc/mapping';
import { namedElement } from './dictionary-facts.js';
import { elementsOf } from './documents/document-set.js';
import type { AgencyScope, TableDocument } from './documents/document.js';

/**
 * The field by which a dataset's rows tell whose scope they belong to: that of the element which the dataset names, else of the only one with the scope's domain; null
 * where there is none, or several and no name. A list tells no one place.
 */
export function scopeFieldOf(
  table: TableDocument,
  scopeElement: string | undefined,
  scope: AgencyScope,
  release: DictionaryRelease,
): string | null {
  if (scopeElement !== undefined) return canonicalFieldName(scopeElement);
  const fitting = elementsOf(table).filter(
    (element) => namedElement(release, element)?.valueDomain === scope.domain && !isListIn(table, element),
  );
  const [only, another] = fitting;
  return only === undefined || another !== undefined ? null : canonicalFieldName(only);
}

/** True where rows of the table may have several values of the element. */
export function isListIn({ columns }: TableDocument, element: string): boolean {
  return columns.some((column) => column.element === element && isListTransform(column.transform));
}
