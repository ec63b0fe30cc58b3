import { linearPattern, type CodeList, type DictionaryRelease, type ValueDomain } from '@truc/dictionary';
import { checkCode, isCodeRule } from '@truc/identity-codes';
import { listMap } from './list-map.js';
import type { ProposalColumn, ProposedTransform } from './proposal.js';
import { isDateText, parsedDates } from './text-date.js';

/** How the values of a column stand to a value domain, once a transform is done. */
export interface ValueFit {
  readonly transform: readonly ProposedTransform[];
  /** Share of the sampled values that fit, 0 to 1; null where there is none to be judged. */
  readonly share: number | null;
  readonly fit: number;
  readonly of: number;
  /** How much a fit says, 0 to 1: nothing for free text, nearly all for a code with a check digit. */
  readonly telling: number;
}

type Test = (text: string) => boolean;

/** Types that a value domain could come from, as the catalogue writes them. */
const textType = /^(text|character|name|citext)/;
const integerType = /^(smallint|integer|bigint|numeric\(\d+(,0)?\)$)/;
const decimalType = /^(numeric|smallint|integer|bigint)/;

/**
 * The transform by which a column's values fit a value domain best; null where its type never does.
 * @param values of the column that are there
 */
export function valueFit(
  column: ProposalColumn,
  values: readonly string[],
  domain: ValueDomain,
  release: DictionaryRelease,
): ValueFit | null {
  const { baseType } = column;
  if (baseType.endsWith('[]')) return null;
  if (domain.logicalType === 'date') return dateFit(baseType, values);
  if (domain.avroType === 'boolean') return baseType === 'boolean' ? fitOf([], values, () => true, 0.1) : null;
  if (domain.logicalType === 'decimal') return decimalFit(baseType, values, domain);
  if (domain.avroType === 'int' || domain.avroType === 'long') return integerFit(baseType, values, domain);
  return domain.avroType === 'string' ? stringFit(column, values, domain, release) : null;
}

function fitOf(transform: readonly ProposedTransform[], values: readonly string[], test: Test, telling: number): ValueFit {
  const fit = values.filter(test).length;
  return { transform, share: values.length === 0 ? null : fit / values.length, fit, of: values.length, telling };
}

function dateFit(baseType: string, values: readonly string[]): ValueFit | null {
  if (baseType === 'date') return fitOf([], values, () => true, 0.3);
  if (/^timestamp/.test(baseType)) return fitOf([{ op: 'localDate', zone: 'Asia/Ho_Chi_Minh' }], values, () => true, 0.15);
  if (!textType.test(baseType)) return null;
  const { formats, words } = parsedDates(values);
  if (formats.length === 0) return values.length === 0 ? fitOf([], values, () => true, 0) : null;
  const format = formats.length === 1 ? { format: formats[0] } : { formats };
  const transform = { op: 'parseDate', ...format, ...(words.length === 0 ? {} : { nullWhen: words }) };
  return fitOf([transform], values, (text) => isDateText(text), 0.4);
}

function numberTest(domain: ValueDomain): Test {
  const minimum = domain.minimum === null ? -Infinity : Number(domain.minimum);
  const maximum = domain.maximum === null ? Infinity : Number(domain.maximum);
  return (text) => /^-?[0-9]+(\.[0-9]+)?$/.test(text.trim()) && Number(text) >= minimum && Number(text) <= maximum;
}

function isBounded({ minimum, maximum }: ValueDomain): boolean {
  return minimum !== null && maximum !== null && Number(maximum) - Number(minimum) < 100;
}

function decimalFit(baseType: string, values: readonly string[], domain: ValueDomain): ValueFit | null {
  if (!decimalType.test(baseType)) return null;
  const [, scale = '0'] = /^numeric\(\d+,(\d+)\)$/.exec(baseType) ?? [];
  const transform = Number(scale) > (domain.scale ?? 0) ? [{ op: 'scale', scale: domain.scale ?? 0, rounding: 'exact' }] : [];
  return fitOf(transform, values, numberTest(domain), isBounded(domain) ? 0.4 : 0.1);
}

function integerFit(baseType: string, values: readonly string[], domain: ValueDomain): ValueFit | null {
  const test = numberTest(domain);
  const isWhole: Test = (text) => /^-?[0-9]+$/.test(text.trim()) && test(text);
  if (integerType.test(baseType)) return fitOf([], values, isWhole, 0.1);
  return textType.test(baseType) ? fitOf([{ op: 'toInt' }], values, isWhole, 0.1) : null;
}

interface Attempt {
  readonly transform: readonly ProposedTransform[];
  readonly make: (text: string) => string;
}

/** Attempts in the order in which they are preferred: the first of those that fit most. */
function stringFit(column: ProposalColumn, values: readonly string[], domain: ValueDomain, release: DictionaryRelease): ValueFit | null {
  const { baseType, labels } = column;
  const isNumber = integerType.test(baseType);
  if (!isNumber && labels.length === 0 && !textType.test(baseType)) return null;
  const list = domain.codeList === null ? null : release.codeList(domain.codeList);
  const test = stringTest(domain, list);
  const telling = tellingOf(domain, list, values);
  const attempts = isNumber ? numberAttempts(domain) : textAttempts(domain, baseType);
  const fits = attempts.map(({ transform, make }) => fitOf(transform, values, (text) => test(make(text)), telling));
  const known = labels.length > 0 ? labels : [...new Set(values)];
  const map = list === null || list.size === 0 ? null : listMap(known, list);
  // Two different words for two entries of a list say more than one that could be chance.
  if (map !== null)
    fits.push(
      fitOf(
        [{ op: 'map', values: Object.fromEntries(map) }],
        labels.length > 0 && values.length === 0 ? labels : values,
        (text) => map.has(text),
        0.6,
      ),
    );
  const [first, ...rest] = fits;
  if (first === undefined) return null;
  return rest.reduce((best, one) => ((one.share ?? 0) > (best.share ?? 0) + 0.001 ? one : best), first);
}

/** Zeros in front are lost by few: what is much shorter than a code is another code. */
function padded(text: string, length: number): string {
  return length - text.length > Math.ceil(length / 3) ? text : text.padStart(length, '0');
}

function numberAttempts({ minLength, maxLength }: ValueDomain): Attempt[] {
  if (minLength !== null && minLength === maxLength && minLength > 1)
    return [{ transform: [{ op: 'lpad', length: minLength, fill: '0' }], make: (text) => padded(text, minLength) }];
  return [{ transform: [{ op: 'toString' }], make: (text) => text }];
}

function textAttempts(domain: ValueDomain, baseType: string): Attempt[] {
  const { minLength, maxLength, pattern, checkRule } = domain;
  const asIs: Attempt = { transform: [], make: (text) => (baseType.startsWith('character(') ? text.trimEnd() : text) };
  if (checkRule === 'nfc-trimmed') return [{ ...asIs, transform: [{ op: 'nfc' }] }];
  const trimmed: Attempt = { transform: [{ op: 'trim' }], make: (text) => text.trim() };
  const digits: Attempt = { transform: [{ op: 'digitsOnly' }], make: (text) => text.replaceAll(/[^0-9]/g, '') };
  const lengthened: Attempt[] =
    minLength !== null && minLength === maxLength && minLength > 1
      ? [{ transform: [{ op: 'lpad', length: minLength, fill: '0' }], make: (text) => padded(text.trim(), minLength) }]
      : [];
  const isDigits = pattern !== null && /^\^\[0-9\]/.test(pattern);
  return [asIs, trimmed, ...(isDigits || domain.codeList !== null ? lengthened : []), ...(isDigits ? [digits] : [])];
}

function stringTest(domain: ValueDomain, list: CodeList | null): Test {
  const { minLength, maxLength, pattern, checkRule } = domain;
  const hasForm = pattern === null ? () => true : linearPattern(pattern);
  const rule = isCodeRule(checkRule) && checkRule !== 'administrative-unit-as-of' ? checkRule : null;
  return (text) => {
    const { length } = [...text];
    if (length < (minLength ?? 0) || length > (maxLength ?? Infinity) || !hasForm(text)) return false;
    if (rule !== null && checkCode(rule, text).result === 'invalid') return false;
    return list === null || list.size === 0 || list.open || list.has(text);
  };
}

/** Digits fit many codes, letters few; a check digit is hardly met by chance; of free text a fit says nothing. */
function tellingOf({ pattern, checkRule }: ValueDomain, list: CodeList | null, values: readonly string[]): number {
  const several = Math.min(1, 0.6 + 0.1 * new Set(values).size);
  if (list !== null && list.size > 0) {
    const isWords = values.some((text) => /[A-Za-z]/.test(text) && text.trim().length >= 2);
    return (isWords ? 0.85 : list.size >= 20 ? 0.5 : 0.3) * several;
  }
  if (isCodeRule(checkRule) && checkRule !== 'administrative-unit-as-of') return checkRule === 'real-estate-id-40' ? 0.2 : 0.9 * several;
  if (pattern === null) return 0;
  return /^\^\[0-9A-Z/.test(pattern) ? 0.15 : 0.4;
}
