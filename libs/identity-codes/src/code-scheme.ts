import type { CodeRule } from './code-check.js';

/** Schemes of master-data keys: local names of the dictionary's value domains, each with the rule that checks its codes; null where only the domain's pattern does. */
const schemes: Readonly<Record<string, CodeRule | null>> = {
  'personal-id': 'personal-id-12',
  'enterprise-code': 'enterprise-code-mod11',
  'enterprise-branch-code': 'enterprise-branch-suffix',
  'agency-code': 'agency-code-levels',
  'province-code': 'administrative-unit-as-of',
  'commune-code': 'administrative-unit-as-of',
  'legacy-district-code': 'administrative-unit-as-of',
  'legacy-commune-code': 'administrative-unit-as-of',
  'social-insurance-number': 'social-insurance-10',
  'health-card-number': 'health-card-10',
  'health-card-number-15': 'health-card-15',
  'real-estate-id': 'real-estate-id-40',
  'household-id': null,
};

/** The rule of a scheme, null where it has none; undefined for a scheme that is not known here. */
export function ruleOfScheme(scheme: string): CodeRule | null | undefined {
  return Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined;
}
