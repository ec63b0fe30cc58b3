import type { CodeReason } from '@truc/identity-codes';

export type ValueRule = 'V1' | 'V2' | 'V3' | 'V4' | 'V5' | 'V6' | 'V7' | 'V8' | 'V9';

export type ValueReason =
  | CodeReason
  | 'missing'
  | 'type'
  | 'too-short'
  | 'too-long'
  | 'pattern'
  | 'below-minimum'
  | 'above-maximum'
  | 'precision'
  | 'not-nfc'
  | 'not-trimmed'
  | 'double-space'
  | 'control-character'
  | 'not-in-code-list'
  | 'not-in-force'
  | 'nul'
  | 'lone-surrogate'
  | 'in-future'
  | 'dates-contradict'
  | 'outside-scope'
  | 'scope-unknown'
  | 'not-in-register'
  | 'superseded-in-register'
  | 'closed-in-register'
  | 'second-row-of-code';

/** One reason against a row. It never holds a value of the row. */
export interface ValueViolation {
  readonly rule: ValueRule;
  /** URN of the element, without a version. */
  readonly element: string;
  readonly field: string;
  readonly reason: ValueReason;
}

/** Something worth telling the source that is no reason to refuse the row, under the rule that it belongs to. */
export type ValueMark = ValueViolation;
