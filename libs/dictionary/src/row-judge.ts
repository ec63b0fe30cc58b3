import type { Row } from '@truc/kernel';
import type { DictionaryRelease } from './dictionary-release.js';
import type { FieldPolicy } from './field-policy.js';
import type { PublisherScope } from './publisher-scope.js';
import { choiceOf, type RuleChoices } from './rule-choice.js';
import { compileValueMarks } from './value-marks.js';
import { compileValueRules, type ValueContext } from './value-rules.js';
import type { ValueMark, ValueViolation } from './value-violation.js';

/** What the rules ask of a dataset; a dataset policy is one. */
export interface JudgedDataset {
  readonly fields: readonly FieldPolicy[];
  readonly codeField: string;
  /** See `ValueRulesOptions.otherCodeFields`. */
  readonly otherCodes?: readonly { readonly field: string; readonly scheme: string }[] | undefined;
  readonly rules?: RuleChoices | undefined;
  readonly scope?: PublisherScope | undefined;
}

/** Outcome of all rules for one row by the choices of its dataset. */
export interface RowJudgement {
  /** `pass`: it is published, with the marks. */
  readonly outcome: 'pass' | 'quarantine' | 'stop';
  /** Why it does not pass, all of it. */
  readonly violations: readonly ValueViolation[];
  /** What is told and counted and keeps no row back. */
  readonly marks: readonly ValueMark[];
}

const sound: RowJudgement = Object.freeze({ outcome: 'pass', violations: [], marks: [] });

/**
 * Composes rules V1 to V8 and the marks for a dataset. A sound row costs no allocation.
 * @param today in Viet Nam, in days since 1970-01-01
 * @throws TrucError DICTIONARY_ELEMENT_UNKNOWN
 */
export function compileRowJudge(
  release: DictionaryRelease,
  { fields, codeField, otherCodes, rules = {}, scope }: JudgedDataset,
  today: () => number,
): (row: Row, context: ValueContext) => RowJudgement {
  const judge = compileValueRules(release, fields, { codeField, otherCodeFields: otherCodes?.map(({ field }) => field), today, scope });
  const markRow = compileValueMarks(release, fields);
  return (row, context) => {
    const found = judge(row, context);
    const marked = markRow(row);
    if (found.length === 0 && marked.length === 0) return sound;
    const chosen = judgementOf(found, rules);
    return marked.length === 0 ? chosen : { ...chosen, marks: [...marked, ...chosen.marks] };
  };
}

/** What the dataset's choices make of violations. */
export function judgementOf(found: readonly ValueViolation[], rules: RuleChoices): RowJudgement {
  if (found.length === 0) return sound;
  const choices = found.map((violation) => choiceOf(violation, rules));
  const violations = found.filter((_, index) => choices[index] !== 'pass');
  const outcome = choices.includes('stop') ? 'stop' : violations.length > 0 ? 'quarantine' : 'pass';
  return { outcome, violations, marks: found.filter((_, index) => choices[index] === 'pass') };
}
