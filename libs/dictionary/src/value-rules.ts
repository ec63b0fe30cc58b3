import { checkCode, isCodeRule, type CodeRule } from '@truc/identity-codes';
import type { Row, RowValue } from '@truc/kernel';
import { compileCardNumberRule } from './card-number-rule.js';
import { dayNumber } from './code-list.js';
import { codeListTest } from './code-list-test.js';
import { registerTest } from './code-register.js';
import { compileDateOrder } from './date-order.js';
import type { DictionaryRelease } from './dictionary-release.js';
import type { ValueDomain } from './entry.js';
import type { FieldPolicy } from './field-policy.js';
import { numberTest } from './number-rules.js';
import { isPlainText } from './plain-text.js';
import { compilePublisherScope, type PublisherScope } from './publisher-scope.js';
import { elementOf } from './row-schema.js';
import { encodingTest, formTest, nfcTrimmedTest, type TextTest } from './text-rules.js';
import { compileUnitPlace } from './unit-place.js';
import type { ValueReason, ValueRule, ValueViolation } from './value-violation.js';

export interface ValueRulesOptions {
  /** Field that holds the identification code: what is wrong with it is V1. Null where no field of the row does. */
  readonly codeField: string | null;
  /** Fields of further codes, where a discriminator decides which code a row has: one of them all has to be there. */
  readonly otherCodeFields?: readonly string[] | undefined;
  /** Today in Viet Nam in days since 1970-01-01 (`vietnamToday`); asked for dates that may not lie in the future and are not long past. */
  readonly today: () => number;
  /** At a consumer's door, which judges what its publisher says is in clear: other values need not have their element's form. */
  readonly skipProtected?: boolean;
  /** The publisher's authority (V7); without it every row is its own. */
  readonly scope?: PublisherScope | undefined;
}

export interface ValueContext {
  /** Day that the codes of the row apply to, `2026-03-01`. */
  readonly referenceDate: string;
}

export type ValueRules = (row: Row, context: ValueContext) => readonly ValueViolation[];

type Report = (violation: ValueViolation) => void;
/** Judges one value that is there, on the day that its row's codes apply to. */
type ValueStep = (value: RowValue, day: number, report: Report) => void;

const none: readonly ValueViolation[] = Object.freeze([]);

/**
 * Composes rules V1 to V8 for the fields of a dataset: one function per field, then what is between fields. A row without violations costs no allocation; violations are made beforehand, one per field and reason, and hold no values.
 * V9 needs the other rows and is judged where they are known.
 * @throws TrucError DICTIONARY_ELEMENT_UNKNOWN
 */
export function compileValueRules(release: DictionaryRelease, fields: readonly FieldPolicy[], options: ValueRulesOptions): ValueRules {
  let found: ValueViolation[] | null = null;
  const report: Report = (violation) => {
    if (found === null) found = [violation];
    else found.push(violation);
  };
  const judged = options.skipProtected === true ? fields.filter(({ protection }) => protection === 'none') : fields;
  const rules = judged.map((field) => ({ name: field.name, judge: fieldRule(field, release, options) }));
  const unitPlace = compileUnitPlace(release, judged);
  const dateOrder = compileDateOrder(release, judged);
  const cardNumber = compileCardNumberRule(release, judged, options.codeField);
  const scope = options.scope === undefined ? null : compilePublisherScope(release, judged, options.scope);
  const oneCode = compileOneCode(release, judged, options);
  // Rows that follow each other mostly name one day, which they then name by one string.
  let lastDate = '';
  let day = dayNumber(lastDate);
  return (row, { referenceDate }) => {
    found = null;
    if (referenceDate !== lastDate) {
      lastDate = referenceDate;
      day = dayNumber(referenceDate);
    }
    for (let index = 0; index < rules.length; index++) {
      const { name, judge } = rules[index]!;
      judge(row[name], day, report);
    }
    if (unitPlace !== null) unitPlace(row, day, report);
    if (dateOrder !== null) dateOrder(row, report);
    if (cardNumber !== null) cardNumber(row, report);
    if (scope !== null) scope(row, report);
    if (oneCode !== null) oneCode(row, report);
    return found ?? none;
  };
}

type FieldRule = (value: RowValue | undefined, day: number, report: Report) => void;

function fieldRule(field: FieldPolicy, release: DictionaryRelease, options: ValueRulesOptions): FieldRule {
  const { element, domain } = elementOf(field, release);
  const others = options.otherCodeFields ?? [];
  const isCode = field.name === options.codeField || others.includes(field.name);
  const violation = violationsOf(element.urn, field.name);
  // Of several codes each may be missing, but not all of them.
  const missing = isCode && others.length === 0 ? violation('V1', 'missing') : field.required ? violation('V4', 'missing') : null;
  const one =
    domain.avroType === 'string'
      ? textStep(domain, release, isCode, violation)
      : domain.avroType === 'boolean'
        ? booleanStep(violation)
        : numberStep(domain, options, violation);
  const step = field.isList === true ? listStep(one, violation) : one;
  return (value, day, report) => {
    if (value !== null && value !== undefined) step(value, day, report);
    else if (missing !== null) report(missing);
  };
}

/** Where a row may have one of several codes: V1 where it has none. */
function compileOneCode(
  release: DictionaryRelease,
  fields: readonly FieldPolicy[],
  { codeField, otherCodeFields = [] }: ValueRulesOptions,
): ((row: Row, report: Report) => void) | null {
  const field = fields.find(({ name }) => name === codeField);
  if (field === undefined || otherCodeFields.length === 0) return null;
  const names = [field.name, ...otherCodeFields];
  const missing = violationsOf(elementOf(field, release).element.urn, field.name)('V1', 'missing');
  return (row, report) => {
    if (names.every((name) => (row[name] ?? null) === null)) report(missing);
  };
}

/** Every member of a list is judged by itself; what is wrong with several of them is told once. */
function listStep(step: ValueStep, violation: MakeViolation): ValueStep {
  let told: ValueViolation[] = [];
  let reportOnce: Report = () => {};
  const tell: Report = (found) => {
    if (told.includes(found)) return;
    told.push(found);
    reportOnce(found);
  };
  return (value, day, report) => {
    if (!Array.isArray(value)) return report(violation('V2', 'type'));
    if (told.length > 0) told = [];
    reportOnce = report;
    for (const member of value as readonly RowValue[]) {
      if (member === null) tell(violation('V2', 'type'));
      else step(member, day, tell);
    }
  };
}

type MakeViolation = (rule: ValueRule, reason: ValueReason) => ValueViolation;

/** One violation object per rule and reason of a field, made when it is first met. */
function violationsOf(element: string, field: string): MakeViolation {
  const made = new Map<string, ValueViolation>();
  return (rule, reason) => {
    const key = `${rule} ${reason}`;
    const known = made.get(key) ?? Object.freeze({ rule, element, field, reason });
    made.set(key, known);
    return known;
  };
}

function textStep(domain: ValueDomain, release: DictionaryRelease, isCode: boolean, violation: MakeViolation): ValueStep {
  const formRule: ValueRule = isCode ? 'V1' : 'V2';
  const codeRule = isCodeRule(domain.checkRule) && domain.checkRule !== 'administrative-unit-as-of' ? domain.checkRule : null;
  const form = codeRule !== null && hasFormOf(domain, codeRule) ? null : formTest(domain);
  const inList = codeListTest(domain, release);
  const inRegister = registerTest(domain, release);
  const isTrimmed = domain.checkRule === 'nfc-trimmed';
  const isSound = soundness(domain, release, codeRule, { form, isJudgedFurther: inRegister !== null });
  return (value, day, report) => {
    if (typeof value !== 'string') return report(violation(formRule, 'type'));
    if (isSound !== null && isSound(value, day)) return;
    const isPlain = isPlainText(value);
    const encoding = isPlain ? null : encodingTest(value);
    if (encoding !== null) return report(violation('V5', encoding));
    if (codeRule !== null) {
      const check = checkCode(codeRule, value);
      // The scheme's own reason says more than a length or a pattern, so it stands alone.
      if (check.result === 'invalid') return report(violation(formRule, check.reason ?? 'format'));
    }
    const wrongForm = form === null ? null : form(value);
    if (wrongForm !== null) report(violation(formRule, wrongForm));
    if (isTrimmed && !isPlain) {
      const untidy = nfcTrimmedTest(value);
      if (untidy !== null) report(violation('V2', untidy));
    }
    const unlisted = inList === null ? null : inList(value, day);
    if (unlisted !== null) report(violation('V3', unlisted));
    // What is no code of the scheme at all is not looked for in its register.
    const unregistered = inRegister === null || wrongForm !== null ? null : inRegister(value, day);
    if (unregistered !== null) report(violation('V8', unregistered));
  };
}

/**
 * One look that tells of most values that nothing is wrong with them: a code in force of a list whose codes all have the domain's form, or a number whose scheme has
 * looked at every digit. False says nothing: the tests are asked one by one. Null where there is no such look.
 */
function soundness(
  domain: ValueDomain,
  release: DictionaryRelease,
  codeRule: CodeRule | null,
  { form, isJudgedFurther }: { readonly form: TextTest | null; readonly isJudgedFurther: boolean },
): ((value: string, day: number) => boolean) | null {
  if (isJudgedFurther) return null;
  const list = domain.codeList === null ? null : release.codeList(domain.codeList);
  if (list === null || list.open) {
    if (codeRule === null || form !== null || list !== null || digitsOfRule[codeRule] === undefined) return null;
    return (value) => checkCode(codeRule, value).result === 'valid';
  }
  const hasForm = (code: string): boolean =>
    isPlainText(code) && (form?.(code) ?? null) === null && (codeRule === null || checkCode(codeRule, code).result !== 'invalid');
  if (![...list.codes()].every(hasForm)) return null;
  return (value, day) => list.isListed(value, list.judgingDay(day));
}

/** Digits of the codes whose rule has looked at nothing but digits by itself. */
const digitsOfRule: Readonly<Partial<Record<CodeRule, number>>> = {
  'personal-id-12': 12,
  'enterprise-code-mod11': 10,
  'social-insurance-10': 10,
  'health-card-10': 10,
};

/** True where the domain asks for the form that its check rule has looked at already. */
function hasFormOf({ pattern, minLength, maxLength }: ValueDomain, rule: CodeRule): boolean {
  const digits = digitsOfRule[rule];
  return digits !== undefined && pattern === `^[0-9]{${digits}}$` && (minLength ?? 0) <= digits && (maxLength ?? digits) >= digits;
}

function booleanStep(violation: MakeViolation): ValueStep {
  return (value, _day, report) => {
    if (typeof value !== 'boolean') report(violation('V2', 'type'));
  };
}

function numberStep(domain: ValueDomain, options: ValueRulesOptions, violation: MakeViolation): ValueStep {
  const test = numberTest(domain, options.today);
  return (value, _day, report) => {
    const reason = test(value);
    if (reason !== null) report(violation(reason === 'in-future' ? 'V6' : 'V2', reason));
  };
}
