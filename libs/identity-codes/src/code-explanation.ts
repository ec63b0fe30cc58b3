import type { CodeCheck, CodePart } from './code-check.js';
import { codeReasonText } from './code-reason-text.js';

const parts: Readonly<Record<CodePart, { readonly vi: string; readonly en: string }>> = {
  length: { en: 'the whole code', vi: 'toàn bộ mã' },
  province: { en: 'province', vi: 'mã tỉnh' },
  'century-and-sex': { en: 'century and sex', vi: 'thế kỷ và giới tính' },
  'birth-year': { en: 'year of birth', vi: 'năm sinh' },
  'check-digit': { en: 'check digit', vi: 'chữ số kiểm tra' },
  'enterprise-code': { en: 'enterprise code', vi: 'mã số doanh nghiệp' },
  suffix: { en: 'suffix', vi: 'phần đuôi' },
  groups: { en: 'groups', vi: 'các nhóm ký tự' },
  beneficiary: { en: 'beneficiary group', vi: 'nhóm đối tượng' },
  'benefit-level': { en: 'benefit level', vi: 'mức hưởng' },
};

/**
 * One sentence about a code that is not valid: which part, which characters, and why. It never shows the code. Null for a valid one.
 * @returns e.g. `characters 1 to 3 (province): the province part was never a province code`
 */
export function explainCode({ result, reason, part }: CodeCheck, language: 'vi' | 'en' = 'en'): string | null {
  if (result === 'valid' || reason === undefined) return null;
  const why = codeReasonText(reason, language);
  if (part === undefined || part.name === 'length' || part.to <= part.from) return why;
  const [first, last] = [part.from + 1, part.to];
  const name = parts[part.name][language];
  if (language === 'vi') return first === last ? `ký tự ${first} (${name}): ${why}` : `ký tự ${first} đến ${last} (${name}): ${why}`;
  return first === last ? `character ${first} (${name}): ${why}` : `characters ${first} to ${last} (${name}): ${why}`;
}
