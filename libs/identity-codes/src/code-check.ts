/** Rules that an identification code is checked by; the names are those of `checkRule` in the dictionary. */
export const codeRules = [
  'personal-id-12',
  'enterprise-code-mod11',
  'enterprise-branch-suffix',
  'agency-code-levels',
  'administrative-unit-as-of',
  'social-insurance-10',
  'health-card-10',
  'health-card-15',
  'real-estate-id-40',
] as const;
export type CodeRule = (typeof codeRules)[number];

export function isCodeRule(name: string | null): name is CodeRule {
  return (codeRules as readonly (string | null)[]).includes(name);
}

/** What is known beside the code. What is left out is not compared. */
export interface CodeContext {
  readonly sex?: 'M' | 'F';
  readonly birthYear?: number;
  /** Number that a health card has to be equal to. */
  readonly socialInsuranceNumber?: string;
  readonly level?: AdministrativeLevel;
  /** Day of the fact, `2026-03-01`: an administrative code means nothing without it. */
  readonly on?: string;
  /** Province that a commune is said to lie in. */
  readonly province?: string;
  readonly administrativeUnits?: AdministrativeUnits;
}

export type AdministrativeLevel = 'province' | 'district' | 'commune';

/** The periods in which a code was in force, both days included; `validTo` null is still in force. An empty list is a code that was never assigned. */
export type AdministrativeUnits = (level: AdministrativeLevel, code: string) => readonly AdministrativeUnitPeriod[];

export interface AdministrativeUnitPeriod {
  readonly validFrom: string;
  readonly validTo: string | null;
  readonly province?: string;
}

export type CodeReason =
  | 'not-12-digits'
  | 'unknown-province'
  | 'unverifiable-prefix'
  | 'sex-mismatch'
  | 'birth-year-mismatch'
  | 'not-10-digits'
  | 'check-digit'
  | 'no-check-digit-exists'
  | 'format'
  | 'suffix-000'
  | 'too-long'
  | 'not-in-force'
  | 'unknown'
  | 'province-mismatch'
  | 'no-list'
  | 'differs-from-social-insurance-number';

/** `unverifiable` is reported and never refused. */
export interface CodeCheck {
  readonly result: 'valid' | 'invalid' | 'unverifiable';
  readonly reason?: CodeReason;
  /** Characters that are wrong, from and to (excluded), where a part can be named. */
  readonly part?: { readonly name: CodePart; readonly from: number; readonly to: number };
}

export type CodePart =
  | 'length'
  | 'province'
  | 'century-and-sex'
  | 'birth-year'
  | 'check-digit'
  | 'enterprise-code'
  | 'suffix'
  | 'groups'
  | 'beneficiary'
  | 'benefit-level';

export const valid: CodeCheck = Object.freeze({ result: 'valid' });

export function invalid(reason: CodeReason, name?: CodePart, from = 0, to = from): CodeCheck {
  return name === undefined ? { result: 'invalid', reason } : { result: 'invalid', reason, part: { name, from, to } };
}
