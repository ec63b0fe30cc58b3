import type { CodeRule } from './code-check.js';

/** What was done to a code before it is checked; each is reported to the source, whose column it tells of. */
export type CodeNormalisation = 'trimmed' | 'spaces-removed' | 'zeros-restored' | 'hyphen-inserted' | 'order-reversed' | 'composed';

export interface NormalizedCode {
  readonly value: string;
  /** As it came, kept beside the normalised one. */
  readonly received: string;
  readonly normalisations: readonly CodeNormalisation[];
}

/** Digits of a code that is nothing but digits; a rule that is not named here has no fixed number of them. */
const digitsOf: Readonly<Partial<Record<CodeRule, number>>> = {
  'personal-id-12': 12,
  'enterprise-code-mod11': 10,
  'social-insurance-10': 10,
  'health-card-10': 10,
};
/** More zeros than this are no lost leading zeros but another number. */
const zerosMax = 2;

/**
 * Makes of a code as a source has it the code as it is checked: trims, removes inner spaces, composes (NFC), inserts a branch's hyphen, turns the padded order of agency
 * codes round (`000.00.18.G12` is `G12.18`), and puts back up to two leading zeros where the source's column is a number. Normalising again changes nothing.
 * @param isNumericSource true where the column of the source is of a numeric type, which is how leading zeros get lost
 */
export function normalizeCode(rule: CodeRule, received: string, isNumericSource = false): NormalizedCode {
  const normalisations: CodeNormalisation[] = [];
  let value = received;
  const step = (normalisation: CodeNormalisation, next: string): void => {
    if (next === value) return;
    normalisations.push(normalisation);
    value = next;
  };
  step('trimmed', value.trim());
  step('spaces-removed', value.replaceAll(/\s+/g, ''));
  step('composed', value.normalize('NFC'));
  if (isNumericSource) step('zeros-restored', withLeadingZeros(rule, value));
  if (rule === 'enterprise-branch-suffix') step('hyphen-inserted', value.replace(/^([0-9]{10})([0-9]{3})$/, '$1-$2'));
  if (rule === 'agency-code-levels') step('order-reversed', inReadingOrder(value));
  return { value, received, normalisations };
}

function withLeadingZeros(rule: CodeRule, value: string): string {
  const digits = rule === 'enterprise-branch-suffix' ? 13 : digitsOf[rule];
  if (digits === undefined || value.length < digits - zerosMax || !/^[0-9]+$/.test(value)) return value;
  return value.padStart(digits, '0');
}

/** Older systems write the lowest level first and fill up with groups of zeros. */
function inReadingOrder(value: string): string {
  if (!/^[0-9A-Z]+(\.[0-9A-Z]+)*\.[A-Z][0-9]{2}$/.test(value) || /^[A-Z][0-9]{2}(\.|$)/.test(value)) return value;
  return value
    .split('.')
    .filter((group) => !/^0+$/.test(group))
    .reverse()
    .join('.');
}
