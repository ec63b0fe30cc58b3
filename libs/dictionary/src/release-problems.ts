import { isCodeRule } from '@truc/identity-codes';
import { messageOf } from '@truc/kernel';
import type { DictionaryProblem } from './dictionary-error.js';
import { dictionaryProblem, type DictionaryFault } from './dictionary-problem-text.js';
import { canonicalFieldName } from './element-name.js';
import type { CodeListDefinition, ElementEntry, ValueDomain } from './entry.js';
import { linearPattern } from './linear-pattern.js';
import { unscaledBound } from './unscaled-bound.js';

/** Check rules beside those of identification codes. */
const textAndDateRules = ['not-in-future', 'nfc-trimmed'];

/**
 * What is wrong with a release as a whole: duplicates, references to nothing, clashing field names, domains that contradict themselves.
 * @param sound lists among them that were looked at before
 */
export function releaseProblems(
  elements: readonly ElementEntry[],
  domains: readonly ValueDomain[],
  lists: readonly CodeListDefinition[],
  sound: ReadonlySet<CodeListDefinition> = new Set(),
): DictionaryProblem[] {
  const elementIds = new Set(elements.map(({ id }) => id));
  const domainIds = new Set(domains.map(({ id }) => id));
  const listIds = new Set(lists.map(({ id }) => id));
  return [
    ...duplicates([...elements, ...domains, ...lists].map(({ id }) => id)),
    ...fieldClashes(elements),
    ...elements.flatMap((element) => elementProblems(element, elementIds, domainIds)),
    ...dateOrderProblems(elements, domains),
    ...domains.flatMap((domain) => domainProblems(domain, listIds)),
    ...lists.filter((list) => !sound.has(list)).flatMap(listProblems),
  ];
}

function duplicates(ids: readonly string[]): DictionaryProblem[] {
  const [known, twice] = [new Set<string>(), new Set<string>()];
  for (const id of ids) (known.has(id) ? twice : known).add(id);
  return [...twice].map((where) => dictionaryProblem(where, 'id-twice'));
}

function fieldClashes(elements: readonly ElementEntry[]): DictionaryProblem[] {
  const owners = new Map<string, string>();
  return elements.flatMap(({ id }) => {
    const field = canonicalFieldName(id);
    const owner = owners.get(field);
    owners.set(field, id);
    return owner === undefined || owner === id ? [] : [dictionaryProblem(id, 'field-name-taken', { field, other: owner })];
  });
}

function elementProblems(element: ElementEntry, elements: ReadonlySet<string>, domains: ReadonlySet<string>): DictionaryProblem[] {
  const problems: DictionaryProblem[] = [];
  if (!domains.has(element.valueDomain)) problems.push(dictionaryProblem(element.id, 'domain-missing', { id: element.valueDomain }));
  if (element.supersededBy !== null && !elements.has(element.supersededBy)) {
    problems.push(dictionaryProblem(element.id, 'successor-missing', { id: element.supersededBy }));
  }
  return problems;
}

/** `notBefore` is between dates of the release, and never in a circle, which would allow no row but one of equal dates. */
function dateOrderProblems(elements: readonly ElementEntry[], domains: readonly ValueDomain[]): DictionaryProblem[] {
  const dateDomains = new Set(
    domains.filter(({ logicalType }) => logicalType === 'date' || logicalType === 'timestamp-micros').map(({ id }) => id),
  );
  const byId = new Map(elements.map((element) => [element.id, element]));
  const isDate = (id: string): boolean => dateDomains.has(byId.get(id)?.valueDomain ?? '');
  return elements.flatMap(({ id, notBefore }) => {
    if (notBefore.length > 0 && !isDate(id)) return [dictionaryProblem(id, 'not-before-type')];
    return notBefore.flatMap((earlier) => {
      if (!isDate(earlier)) return [dictionaryProblem(id, 'not-before-no-date', { id: earlier })];
      return leadsTo(earlier, id, byId) ? [dictionaryProblem(id, 'not-before-circle', { id: earlier })] : [];
    });
  });
}

function leadsTo(from: string, to: string, byId: ReadonlyMap<string, ElementEntry>): boolean {
  const seen = new Set([from]);
  for (const id of seen) {
    if (id === to) return true;
    for (const next of byId.get(id)?.notBefore ?? []) seen.add(next);
  }
  return false;
}

function domainProblems(domain: ValueDomain, lists: ReadonlySet<string>): DictionaryProblem[] {
  const problems: DictionaryProblem[] = [];
  const tell = (fault: DictionaryFault, values?: Readonly<Record<string, string | number>>): void =>
    void problems.push(dictionaryProblem(domain.id, fault, values));
  const { avroType, logicalType, precision, scale } = domain;
  const isText = avroType === 'string';
  const isDecimal = logicalType === 'decimal';
  const host = { date: 'int', 'timestamp-micros': 'long', decimal: 'bytes' } as const;
  if (logicalType !== null && host[logicalType] !== avroType)
    tell('logical-type', { logicalType, host: host[logicalType], found: avroType });
  if (avroType === 'bytes' && !isDecimal) tell('bytes-decimal');
  if (isDecimal !== (precision !== null && scale !== null)) tell('decimal-form');
  if (precision !== null && scale !== null && scale > precision) tell('scale-large');
  if (!isText && (domain.pattern ?? domain.minLength ?? domain.maxLength ?? domain.codeList) !== null) {
    tell('text-only');
  }
  if (domain.minLength !== null && domain.maxLength !== null && domain.minLength > domain.maxLength) tell('length-order');
  if (domain.codeList !== null && !lists.has(domain.codeList)) tell('list-missing', { id: domain.codeList });
  const { checkRule } = domain;
  if (checkRule !== null && !isCodeRule(checkRule) && !textAndDateRules.includes(checkRule)) tell('rule-unknown', { rule: checkRule });
  if (checkRule === 'not-in-future' && logicalType === null) tell('rule-of-dates', { rule: checkRule });
  if ((isCodeRule(checkRule) || checkRule === 'nfc-trimmed') && !isText) tell('rule-of-text', { rule: checkRule ?? '' });
  if ((domain.minimum !== null || domain.maximum !== null) && (isText || avroType === 'boolean')) tell('range-type');
  for (const bound of [domain.minimum, domain.maximum]) {
    if (bound !== null && avroType !== 'double' && unscaledBound(bound, scale ?? 0) === null) {
      tell('bound-decimals', { bound });
    }
  }
  if (domain.pattern !== null) {
    try {
      linearPattern(domain.pattern);
    } catch (error) {
      tell('pattern', { reason: messageOf(error) });
    }
  }
  return problems;
}

function listProblems(list: CodeListDefinition): DictionaryProblem[] {
  const problems: DictionaryProblem[] = [];
  // In the order of their first days a period overlaps an earlier one exactly where it begins before the last of those has ended.
  const reach = new Map<string, string>();
  for (const { code, validFrom, validTo } of list.entries.toSorted((a, b) =>
    a.validFrom < b.validFrom ? -1 : a.validFrom > b.validFrom ? 1 : 0,
  )) {
    const to = validTo ?? '9999-99-99';
    if (to < validFrom) problems.push(dictionaryProblem(list.id, 'ends-before', { code }));
    const earlier = reach.get(code);
    if (earlier !== undefined && validFrom <= earlier) problems.push(dictionaryProblem(list.id, 'overlap', { code }));
    if (earlier === undefined || to > earlier) reach.set(code, to);
  }
  return problems;
}
