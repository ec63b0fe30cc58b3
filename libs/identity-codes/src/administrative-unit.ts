import { invalid, valid, type AdministrativeLevel, type CodeCheck, type CodeContext } from './code-check.js';

const digits: Record<AdministrativeLevel, RegExp> = { province: /^[0-9]{2}$/, district: /^[0-9]{3}$/, commune: /^[0-9]{5}$/ };

/**
 * Rule `administrative-unit-as-of`: the code is in force on the day of the fact, and a commune lies in the stated province.
 * Codes were reused in 2025, so without a list or a day nothing can be said: `unverifiable`.
 */
export function checkAdministrativeUnit(value: string, context: CodeContext): CodeCheck {
  const level = context.level ?? levelByLength(value);
  if (level === null || !digits[level].test(value)) return invalid('format', 'length', 0, value.length);
  const { administrativeUnits, on, province } = context;
  if (administrativeUnits === undefined || on === undefined) return { result: 'unverifiable', reason: 'no-list' };
  const periods = administrativeUnits(level, value);
  // A province code is one of so few that "never assigned" and "no longer in force" call for the same correction.
  if (periods.length === 0) return invalid(level === 'province' ? 'not-in-force' : 'unknown');
  const current = periods.find((period) => period.validFrom <= on && (period.validTo === null || on <= period.validTo));
  if (current === undefined) return invalid('not-in-force');
  return province !== undefined && current.province !== undefined && current.province !== province ? invalid('province-mismatch') : valid;
}

function levelByLength(value: string): AdministrativeLevel | null {
  switch (value.length) {
    case 2:
      return 'province';
    case 3:
      return 'district';
    case 5:
      return 'commune';
    default:
      return null;
  }
}
