import { lastCharsOf, vietnamDayOfMicros, yearOfDays, type ValueMask } from '@truc/dictionary';
import { TrucError, type RowItem, type RowValue } from '@truc/kernel';

export type MaskedValue = (value: Exclude<RowValue, null>) => Exclude<RowValue, null>;

/** Stands for what is left out of a text, so that its length is not told. */
const hidden = '***';

/**
 * What a mask makes of the values of an element; of a list, of its members. Dates are days, instants microseconds, as in every row.
 * @param hash keyed; of a value together with its element, so that equal values of two elements do not look equal
 * @throws TrucError DICTIONARY_MASK_UNFIT where nobody knows such a mask
 */
export function compileMask(mask: ValueMask, element: string, hash: (body: Buffer) => string): MaskedValue {
  const masked = itemMask(mask, element, hash);
  return (value) => (Array.isArray(value) ? (value as readonly RowItem[]).map(masked) : masked(value as RowItem));
}

function itemMask(mask: ValueMask, element: string, hash: (body: Buffer) => string): (value: RowItem) => RowItem {
  if (mask === 'hash') return (value) => hash(Buffer.from(JSON.stringify([element, typeof value, String(value)])));
  if (mask === 'year') return (value) => yearOfDays(typeof value === 'bigint' ? vietnamDayOfMicros(value) : Number(value));
  const last = lastCharsOf(mask);
  if (last === null) throw new TrucError('DICTIONARY_MASK_UNFIT', `there is no mask ${mask}`);
  return (value) => {
    const characters = [...String(value)];
    // At least as much is hidden as is shown: the last four of four digits are all of them.
    return characters.length < last * 2 ? hidden : hidden + characters.slice(-last).join('');
  };
}
