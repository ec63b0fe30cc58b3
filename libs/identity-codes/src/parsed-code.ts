import { checkCode } from './check-code.js';
import type { AdministrativeLevel, CodeContext, CodeRule } from './code-check.js';
import { statedByPersonalId } from './personal-id.js';

/** What a code says by its parts. */
export type ParsedCode =
  | {
      readonly rule: 'personal-id-12';
      /** Where the birth was registered; null for a prefix that cannot be verified. */
      readonly province: string | null;
      readonly sex: 'M' | 'F';
      readonly birthYear: number;
      readonly sequence: string;
    }
  | { readonly rule: 'enterprise-code-mod11'; readonly taxOffice: string; readonly serial: string; readonly checkDigit: string }
  | { readonly rule: 'enterprise-branch-suffix'; readonly enterpriseCode: string; readonly branch: string }
  | { readonly rule: 'agency-code-levels'; readonly groups: readonly string[]; readonly parent: string | null }
  | { readonly rule: 'administrative-unit-as-of'; readonly level: AdministrativeLevel; readonly code: string }
  | { readonly rule: 'social-insurance-10' | 'health-card-10'; readonly number: string }
  | {
      readonly rule: 'health-card-15';
      readonly beneficiaryGroup: string;
      readonly benefitLevel: number;
      readonly province: string;
      readonly socialInsuranceNumber: string;
    }
  | { readonly rule: 'real-estate-id-40'; readonly identifier: string };

const levels: Readonly<Record<number, AdministrativeLevel>> = { 2: 'province', 3: 'district', 5: 'commune' };

/** Takes a code apart; null for one that its rule does not accept. A code that cannot be verified has its parts all the same. */
export function parseCode(rule: CodeRule, value: string, context: CodeContext = {}): ParsedCode | null {
  if (checkCode(rule, value, context).result === 'invalid') return null;
  switch (rule) {
    case 'personal-id-12': {
      const stated = statedByPersonalId(value);
      const province = value.startsWith('0') ? value.slice(1, 3) : null;
      return stated && { rule, province, ...stated, sequence: value.slice(6) };
    }
    case 'enterprise-code-mod11':
      return { rule, taxOffice: value.slice(0, 2), serial: value.slice(2, 9), checkDigit: value.slice(9) };
    case 'enterprise-branch-suffix':
      return { rule, enterpriseCode: value.slice(0, 10), branch: value.slice(11) };
    case 'agency-code-levels': {
      const groups = value.split('.');
      return { rule, groups, parent: groups.length === 1 ? null : groups.slice(0, -1).join('.') };
    }
    case 'administrative-unit-as-of': {
      const level = context.level ?? levels[value.length];
      return level === undefined ? null : { rule, level, code: value };
    }
    case 'social-insurance-10':
    case 'health-card-10':
      return { rule, number: value };
    case 'health-card-15':
      return {
        rule,
        beneficiaryGroup: value.slice(0, 2),
        benefitLevel: Number(value.charAt(2)),
        province: value.slice(3, 5),
        socialInsuranceNumber: value.slice(5),
      };
    case 'real-estate-id-40':
      return { rule, identifier: value };
  }
}
