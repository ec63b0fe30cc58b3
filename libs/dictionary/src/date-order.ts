import type { Row, RowValue } from '@truc/kernel';
import type { DictionaryRelease } from './dictionary-release.js';
import type { FieldPolicy } from './field-policy.js';
import { elementOf } from './row-schema.js';
import type { ValueViolation } from './value-violation.js';
import { vietnamDayOfMicros } from './vietnam-day.js';

interface OrderedPair {
  readonly earlier: string;
  readonly later: string;
  readonly violation: ValueViolation;
}

/**
 * Rule V6 between dates of one row: an element says in `notBefore` which dates of the same thing its own may not lie before (nobody dies before they are born). A pair
 * counts where the dataset has both fields and the row both values. The later one is what is told, since it is the one that says what cannot be.
 *
 * A date of which only the year is known stands as 1 January (`date-precision`), so as the earlier one it contradicts nothing of its year.
 * @returns null where the fields hold no such pair
 * @throws TrucError DICTIONARY_ELEMENT_UNKNOWN
 */
export function compileDateOrder(
  release: DictionaryRelease,
  fields: readonly FieldPolicy[],
): ((row: Row, report: (violation: ValueViolation) => void) => void) | null {
  const fieldOf = new Map(fields.map((field) => [elementOf(field, release).element.urn, field.name]));
  const pairs = fields.flatMap((field): OrderedPair[] => {
    const { element } = elementOf(field, release);
    const violation: ValueViolation = Object.freeze({ rule: 'V6', element: element.urn, field: field.name, reason: 'dates-contradict' });
    return element.notBefore.flatMap((urn) => {
      const earlier = fieldOf.get(urn);
      return earlier === undefined ? [] : [{ earlier, later: field.name, violation }];
    });
  });
  if (pairs.length === 0) return null;
  return (row, report) => {
    let last: ValueViolation | null = null;
    for (const { earlier, later, violation } of pairs) {
      // A field's pairs stand side by side: one that is before several dates is told once.
      if (violation === last || !isBefore(row[later], row[earlier])) continue;
      last = violation;
      report(violation);
    }
  };
}

/** Two dates or two instants are compared as they are, a date with an instant by its day in Viet Nam. What is missing or of another type is before nothing. */
function isBefore(value: RowValue | undefined, other: RowValue | undefined): boolean {
  if (typeof value === 'number') {
    if (typeof other === 'number') return value < other;
    return typeof other === 'bigint' && value < vietnamDayOfMicros(other);
  }
  if (typeof value !== 'bigint') return false;
  if (typeof other === 'bigint') return value < other;
  return typeof other === 'number' && vietnamDayOfMicros(value) < other;
}
