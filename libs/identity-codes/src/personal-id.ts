import { invalid, valid, type CodeCheck, type CodeContext } from './code-check.js';
import { isDigits } from './digits.js';

/** Province codes in force until 30 June 2025: the registration prefix of a number stays for life. */
const registrationProvinces = new Set(
  '01 02 04 06 08 10 11 12 14 15 17 19 20 22 24 25 26 27 30 31 33 34 35 36 37 38 40 42 44 45 46 48 49 51 52 54 56 58 60 62 64 66 67 68 70 72 74 75 77 79 80 82 83 84 86 87 89 91 92 93 94 95 96'.split(
    ' ',
  ),
);

export function isRegistrationProvince(code: string): boolean {
  return registrationProvinces.has(code);
}

/** Sex and year of birth that a well-formed personal identification number states; null for text of another form. */
export function statedByPersonalId(value: string): { readonly sex: 'M' | 'F'; readonly birthYear: number } | null {
  if (value.length !== 12 || !isDigits(value)) return null;
  const century = value.charCodeAt(3) - 48;
  return {
    sex: century % 2 === 0 ? 'M' : 'F',
    birthYear: 1900 + 100 * (century >> 1) + (value.charCodeAt(4) - 48) * 10 + value.charCodeAt(5) - 48,
  };
}

/** Rule `personal-id-12`: 12 digits, a registration prefix, century and sex, year of birth; no check digit. Allocates nothing for a valid number. */
export function checkPersonalId(value: string, context: CodeContext): CodeCheck {
  if (value.length !== 12 || !isDigits(value)) return invalid('not-12-digits', 'length', 0, value.length);
  // A birth registered abroad may carry a country code: reported, not refused.
  if (value.charCodeAt(0) !== 48) return unverifiablePrefix;
  const province = (value.charCodeAt(1) - 48) * 10 + value.charCodeAt(2) - 48;
  if (isProvinceNumber[province] !== true) return invalid('unknown-province', 'province', 0, 3);
  if (context.sex === undefined && context.birthYear === undefined) return valid;
  const stated = statedByPersonalId(value);
  if (context.sex !== undefined && context.sex !== stated?.sex) return invalid('sex-mismatch', 'century-and-sex', 3, 4);
  if (context.birthYear !== undefined && context.birthYear !== stated?.birthYear) return invalid('birth-year-mismatch', 'birth-year', 3, 6);
  return valid;
}

const unverifiablePrefix: CodeCheck = Object.freeze({
  result: 'unverifiable',
  reason: 'unverifiable-prefix',
  part: { name: 'province' as const, from: 0, to: 3 },
});
const isProvinceNumber: readonly boolean[] = Array.from({ length: 100 }, (_, code) =>
  registrationProvinces.has(String(code).padStart(2, '0')),
);
