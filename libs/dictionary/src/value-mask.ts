import { TrucError } from '@truc/kernel';
import { z } from 'zod';
import type { DictionaryRelease } from './dictionary-release.js';
import type { ValueDomain } from './entry.js';
import type { FieldPolicy } from './field-policy.js';
import { elementOf, type RowFieldType, type RowListType } from './row-schema.js';

/** Most characters that a mask leaves at the end of a text. */
const lastMax = 20;

/**
 * What a contract makes of an element's values before they leave the dataset: `year` of a date or an instant; `last-4`, the last characters of a text; `hash`, which is the same for equal
 * values and tells nothing else of them.
 */
export const valueMask = z
  .string()
  .refine((text) => text === 'year' || text === 'hash' || lastCharsOf(text) !== null, `a mask is year, hash, or last-1 to last-${lastMax}`);
export type ValueMask = z.infer<typeof valueMask>;

/** How many characters `last-4` leaves; null where the mask is another one. */
export function lastCharsOf(mask: string): number | null {
  const [, count] = /^last-([1-9][0-9]?)$/.exec(mask) ?? [];
  return count === undefined || Number(count) > lastMax ? null : Number(count);
}

/** The masks that a value domain allows, as people write them. */
export function masksOf(domain: ValueDomain): string[] {
  if (domain.logicalType === 'date' || domain.logicalType === 'timestamp-micros') return ['year', 'hash'];
  return domain.avroType === 'string' ? [`last-1 … last-${lastMax}`, 'hash'] : ['hash'];
}

/** The Avro type that a mask derives from a value domain (rule D2 in a view); null where the domain's values cannot be masked so. */
export function maskedTypeOf(domain: ValueDomain, mask: ValueMask): RowFieldType | null {
  if (mask === 'hash') return 'string';
  if (mask === 'year') return domain.logicalType === 'date' || domain.logicalType === 'timestamp-micros' ? 'int' : null;
  return lastCharsOf(mask) !== null && domain.avroType === 'string' ? 'string' : null;
}

/** Types of the fields that a view masks, by field name; a list stays one. @throws TrucError DICTIONARY_ELEMENT_UNKNOWN, DICTIONARY_MASK_UNFIT */
export function maskedTypesOf(
  fields: readonly FieldPolicy[],
  masks: Readonly<Record<string, ValueMask>>,
  release: DictionaryRelease,
): Record<string, RowFieldType | RowListType> {
  const types: Record<string, RowFieldType | RowListType> = {};
  for (const field of fields) {
    const mask = masks[field.name];
    if (mask === undefined) continue;
    const { domain } = elementOf(field, release);
    const type = maskedTypeOf(domain, mask);
    if (type === null)
      throw new TrucError('DICTIONARY_MASK_UNFIT', `${domain.id} cannot be masked by ${mask}; it can by ${masksOf(domain).join(', ')}`);
    types[field.name] = field.isList === true ? { type: 'array', items: type } : type;
  }
  return types;
}
