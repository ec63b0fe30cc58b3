import { checkAdministrativeUnit } from './administrative-unit.js';
import { invalid, valid, type CodeCheck, type CodeContext, type CodeRule } from './code-check.js';
import { isDigits } from './digits.js';
import { checkBranchCode, checkEnterpriseCode } from './enterprise-code.js';
import { checkPersonalId, isRegistrationProvince } from './personal-id.js';

const noContext: CodeContext = {};

/** Checks one code, as it stands: trimming and restoring zeros is done before. Says which part is wrong where a part can be named. */
export function checkCode(rule: CodeRule, value: string, context: CodeContext = noContext): CodeCheck {
  switch (rule) {
    case 'personal-id-12':
      return checkPersonalId(value, context);
    case 'enterprise-code-mod11':
      return checkEnterpriseCode(value);
    case 'enterprise-branch-suffix':
      return checkBranchCode(value);
    case 'agency-code-levels':
      return checkAgencyCode(value);
    case 'administrative-unit-as-of':
      return checkAdministrativeUnit(value, context);
    case 'social-insurance-10':
      return tenDigits(value);
    case 'health-card-10':
      return checkHealthCard(value, context);
    case 'health-card-15':
      return checkFormerHealthCard(value);
    case 'real-estate-id-40':
      return /^[0-9A-Z]{1,40}$/.test(value) ? valid : invalid('format', 'length', 0, value.length);
  }
}

/** Groups after dots from the highest level down (Decision 20/2020/QD-TTg): `G12.18`. */
function checkAgencyCode(value: string): CodeCheck {
  if (value.length > 35) return invalid('too-long', 'length', 35, value.length);
  return /^[A-Z][0-9]{2}(\.[A-Z0-9]{1,3})*$/.test(value) ? valid : invalid('format', 'groups', 0, value.length);
}

function tenDigits(value: string): CodeCheck {
  return value.length === 10 && isDigits(value) ? valid : invalid('not-10-digits', 'length', 0, value.length);
}

/** Cards since 2021 carry the holder's social insurance number. */
function checkHealthCard(value: string, context: CodeContext): CodeCheck {
  const form = tenDigits(value);
  if (form.result !== 'valid' || context.socialInsuranceNumber === undefined) return form;
  return context.socialInsuranceNumber === value ? valid : invalid('differs-from-social-insurance-number');
}

/** Cards before 2021: beneficiary group, benefit level, province, ten digits. */
function checkFormerHealthCard(value: string): CodeCheck {
  if (value.length !== 15) return invalid('format', 'length', 0, value.length);
  if (!/^[A-Z]{2}/.test(value)) return invalid('format', 'beneficiary', 0, 2);
  if (!/^[1-5]$/.test(value.charAt(2))) return invalid('format', 'benefit-level', 2, 3);
  if (!/^[0-9]{12}$/.test(value.slice(3))) return invalid('format', 'length', 3, 15);
  return isRegistrationProvince(value.slice(3, 5)) ? valid : invalid('unknown-province', 'province', 3, 5);
}
