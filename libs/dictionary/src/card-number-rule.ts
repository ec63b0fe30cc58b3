import type { Row } from '@truc/kernel';
import type { DictionaryRelease } from './dictionary-release.js';
import type { FieldPolicy } from './field-policy.js';
import { elementOf } from './row-schema.js';
import type { ValueViolation } from './value-violation.js';

/**
 * Check rule `health-card-10` between fields: since 2021 a card's number is its holder's social insurance number, so the two are equal where a row has both. Judged only
 * where one field of each is in the row: with several, or with a list, nobody knows which belong to one person.
 * @throws TrucError DICTIONARY_ELEMENT_UNKNOWN
 */
export function compileCardNumberRule(
  release: DictionaryRelease,
  fields: readonly FieldPolicy[],
  codeField: string | null,
): ((row: Row, report: (violation: ValueViolation) => void) => void) | null {
  const withRule = (rule: string) => fields.filter((field) => elementOf(field, release).domain.checkRule === rule);
  const [[card, otherCard], [holder, otherHolder]] = [withRule('health-card-10'), withRule('social-insurance-10')];
  if (card === undefined || holder === undefined || otherCard !== undefined || otherHolder !== undefined) return null;
  if (card.isList === true || holder.isList === true) return null;
  const violation: ValueViolation = Object.freeze({
    rule: card.name === codeField ? 'V1' : 'V2',
    element: elementOf(card, release).element.urn,
    field: card.name,
    reason: 'differs-from-social-insurance-number',
  });
  return (row, report) => {
    const [number, insured] = [row[card.name] ?? null, row[holder.name] ?? null];
    if (number !== null && insured !== null && number !== insured) report(violation);
  };
}
