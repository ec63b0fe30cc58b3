import type { Row } from '@truc/kernel';
import { z } from 'zod';
import type { DictionaryRelease } from './dictionary-release.js';
import type { FieldPolicy } from './field-policy.js';
import { elementOf } from './row-schema.js';
import type { ValueViolation } from './value-violation.js';

const nonEmpty = z.string().min(1);

/** Where a publisher's authority ends: the field that tells it, and the codes that are its own. */
export const publisherScope = z.strictObject({ field: nonEmpty, codes: z.array(nonEmpty).min(1) });
export type PublisherScope = z.infer<typeof publisherScope>;

/**
 * Rule V7: the row's code in the scope's field is one of the publisher's. A row that does not say where it belongs is nobody's to publish, nor is one that names several places in a list.
 * @throws TrucError DICTIONARY_ELEMENT_UNKNOWN
 */
export function compilePublisherScope(
  release: DictionaryRelease,
  fields: readonly FieldPolicy[],
  scope: PublisherScope,
): ((row: Row, report: (violation: ValueViolation) => void) => void) | null {
  const field = fields.find(({ name }) => name === scope.field);
  if (field === undefined) return null;
  const { element } = elementOf(field, release);
  const violation = (reason: 'outside-scope' | 'scope-unknown'): ValueViolation =>
    Object.freeze({ rule: 'V7', element: element.urn, field: field.name, reason });
  const [outside, unknown] = [violation('outside-scope'), violation('scope-unknown')];
  const codes = new Set<unknown>(scope.codes);
  const { name } = field;
  return (row, report) => {
    const code = row[name] ?? null;
    if (codes.has(code)) return;
    report(code === null || Array.isArray(code) ? unknown : outside);
  };
}
