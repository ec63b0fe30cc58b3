export { codeRules, isCodeRule } from './code-check.js';
export type {
  AdministrativeLevel,
  AdministrativeUnitPeriod,
  AdministrativeUnits,
  CodeCheck,
  CodeContext,
  CodePart,
  CodeReason,
  CodeRule,
} from './code-check.js';
export * from './check-code.js';
export * from './code-explanation.js';
export * from './code-reason-text.js';
export * from './code-scheme.js';
export * from './enterprise-code.js';
export * from './mask-code.js';
export * from './parsed-code.js';
export { statedByPersonalId } from './personal-id.js';
