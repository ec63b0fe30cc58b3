import { z } from 'zod';
import type { ValueReason, ValueRule, ValueViolation } from './value-violation.js';

/** What becomes of a row that breaks a rule: it is held in quarantine, it stops its dataset, or it is published and marked. */
export const ruleChoice = z.enum(['quarantine', 'stop', 'pass']);
export type RuleChoice = z.infer<typeof ruleChoice>;

/** A row without a valid code has no key (V1), a required field has no room for null (V4), and text that is none would be refused by every target (V5). */
const neverPassed = z.enum(['quarantine', 'stop']);

/** A dataset's choice by rule, in its document and in the policy. What it does not name is quarantine, for V8 pass. */
export const ruleChoices = z.strictObject({
  V1: neverPassed.optional(),
  V2: ruleChoice.optional(),
  V3: ruleChoice.optional(),
  V4: neverPassed.optional(),
  V5: neverPassed.optional(),
  V6: ruleChoice.optional(),
  V7: ruleChoice.optional(),
  V8: ruleChoice.optional(),
  V9: ruleChoice.optional(),
});
export type RuleChoices = z.infer<typeof ruleChoices>;

/** Reasons that leave a value for which the schema has no room. */
const unencodable: ReadonlySet<ValueReason> = new Set(['type', 'precision']);

export function choiceOf({ rule, reason }: Pick<ValueViolation, 'rule' | 'reason'>, choices: RuleChoices): RuleChoice {
  const chosen = choices[rule] ?? defaultOf(rule);
  return chosen === 'pass' && unencodable.has(reason) ? 'quarantine' : chosen;
}

const passable: ReadonlySet<string> = new Set(
  Object.keys(ruleChoices.shape).filter((rule) => ruleChoices.safeParse({ [rule]: 'pass' }).success),
);

/** Whether a dataset could choose at all to publish a row with it: what claims to have been passed and could not be was never passed. */
export function mayPass({ rule, reason }: Pick<ValueViolation, 'rule' | 'reason'>): boolean {
  return passable.has(rule) && !unencodable.has(reason);
}

function defaultOf(rule: ValueRule): RuleChoice {
  return rule === 'V8' ? 'pass' : 'quarantine';
}
