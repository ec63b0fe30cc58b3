import { invalid, valid, type CodeCheck } from './code-check.js';
import { isDigits } from './digits.js';

const weights = [31, 29, 23, 19, 17, 13, 7, 5, 3];

/** The tenth digit of an enterprise code by its first nine; 10 where no code exists for them. */
export function enterpriseCheckDigit(firstNine: string): number {
  let sum = 0;
  for (let index = 0; index < 9; index++) sum += weights[index]! * (firstNine.charCodeAt(index) - 48);
  return 10 - (sum % 11);
}

/** Rule `enterprise-code-mod11`: 10 digits, the last one a weighted check digit. */
export function checkEnterpriseCode(value: string): CodeCheck {
  if (value.length !== 10 || !isDigits(value)) return invalid('not-10-digits', 'length', 0, value.length);
  const digit = enterpriseCheckDigit(value);
  if (digit === 10) return invalid('no-check-digit-exists', 'check-digit', 9, 10);
  return value.charCodeAt(9) - 48 === digit ? valid : invalid('check-digit', 'check-digit', 9, 10);
}

/** Rule `enterprise-branch-suffix`: an enterprise code, a hyphen, 001 to 999. */
export function checkBranchCode(value: string): CodeCheck {
  if (!/^[0-9]{10}-[0-9]{3}$/.test(value)) return invalid('format', 'length', 0, value.length);
  const enterprise = checkEnterpriseCode(value.slice(0, 10));
  if (enterprise.result !== 'valid') return enterprise;
  return value.endsWith('-000') ? invalid('suffix-000', 'suffix', 11, 14) : valid;
}
