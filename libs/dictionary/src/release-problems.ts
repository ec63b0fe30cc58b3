import { isCodeRule } from '@truc/identity-codes';
import { messageOf } from '@truc/kernel';
import type { DictionaryProblem } from './dictionary-error.js';
import { canonicalFieldName } from './element-name.js';
import type { CodeListDefinition, ElementEntry, ValueDomain } from './entry.js';
import { linearPattern, patternTextMax } from './linear-pattern.js';
import { boundProblems } from './release-bounds.js';
import { unscaledBound } from './unscaled-bound.js';

/** Check rules beside those of identification codes. */
const textAndDateRules = ['not-in-future', 'nfc-trimmed'];

/**
 * What is wrong with a release as a whole: what is beyond its bounds, duplicates, references to nothing, clashing field names, domains that contradict themselves.
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
    ...boundProblems(elements, domains, lists),
    ...duplicates([...elements, ...domains, ...lists].map(({ id }) => id)),
    ...fieldClashes(elements),
    ...elements.flatMap((element) => elementProblems(element, elementIds, domainIds)),
    ...dateOrderProblems(elements, domains),
    ...domains.flatMap((domain) => domainProblems(domain, listIds).map((what) => ({ where: domain.id, what }))),
    ...lists.filter((list) => !sound.has(list)).flatMap(listProblems),
  ];
}

function duplicates(ids: readonly string[]): DictionaryProblem[] {
  const [known, twice] = [new Set<string>(), new Set<string>()];
  for (const id of ids) (known.has(id) ? twice : known).add(id);
  return [...twice].map((where) => ({ where, what: 'the id is used more than once' }));
}

function fieldClashes(elements: readonly ElementEntry[]): DictionaryProblem[] {
  const owners = new Map<string, string>();
  return elements.flatMap(({ id }) => {
    const field = canonicalFieldName(id);
    const owner = owners.get(field);
    owners.set(field, id);
    return owner === undefined || owner === id ? [] : [{ where: id, what: `its field name ${field} is that of ${owner} as well` }];
  });
}

function elementProblems(element: ElementEntry, elements: ReadonlySet<string>, domains: ReadonlySet<string>): DictionaryProblem[] {
  const problems: string[] = [];
  if (!domains.has(element.valueDomain)) problems.push(`its value domain ${element.valueDomain} is not in the release`);
  if (element.supersededBy !== null && !elements.has(element.supersededBy)) {
    problems.push(`it is superseded by ${element.supersededBy}, which is not in the release`);
  }
  return problems.map((what) => ({ where: element.id, what }));
}

/** `notBefore` is between dates of the release, and never in a circle, which would allow no row but one of equal dates. */
function dateOrderProblems(elements: readonly ElementEntry[], domains: readonly ValueDomain[]): DictionaryProblem[] {
  const dateDomains = new Set(
    domains.filter(({ logicalType }) => logicalType === 'date' || logicalType === 'timestamp-micros').map(({ id }) => id),
  );
  const byId = new Map(elements.map((element) => [element.id, element]));
  const isDate = (id: string): boolean => dateDomains.has(byId.get(id)?.valueDomain ?? '');
  return elements.flatMap(({ id, notBefore }) => {
    if (notBefore.length > 0 && !isDate(id)) return [{ where: id, what: 'notBefore is for dates and instants' }];
    return notBefore.flatMap((earlier) => {
      if (!isDate(earlier)) return [{ where: id, what: `it is not before ${earlier}, which is no date of the release` }];
      return leadsTo(earlier, id, byId) ? [{ where: id, what: `it is not before ${earlier}, which is not before it either` }] : [];
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

function domainProblems(domain: ValueDomain, lists: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  const { avroType, logicalType, precision, scale } = domain;
  const isText = avroType === 'string';
  const isDecimal = logicalType === 'decimal';
  const host = { date: 'int', 'timestamp-micros': 'long', decimal: 'bytes' } as const;
  if (logicalType !== null && host[logicalType] !== avroType)
    problems.push(`logical type ${logicalType} stands on ${host[logicalType]}, not ${avroType}`);
  if (avroType === 'bytes' && !isDecimal) problems.push('bytes are allowed for decimals only');
  if (isDecimal !== (precision !== null && scale !== null))
    problems.push('a decimal has a precision and a scale, and nothing else has them');
  if (precision !== null && scale !== null && scale > precision) problems.push('the scale is larger than the precision');
  if (!isText && (domain.pattern ?? domain.minLength ?? domain.maxLength ?? domain.codeList) !== null) {
    problems.push('lengths, a pattern and a code list are for text only');
  }
  if (domain.minLength !== null && domain.maxLength !== null && domain.minLength > domain.maxLength)
    problems.push('minLength is above maxLength');
  if (domain.codeList !== null && !lists.has(domain.codeList)) problems.push(`its code list ${domain.codeList} is not in the release`);
  const { checkRule } = domain;
  if (checkRule !== null && !isCodeRule(checkRule) && !textAndDateRules.includes(checkRule))
    problems.push(`the check rule ${checkRule} is unknown`);
  if (checkRule === 'not-in-future' && logicalType === null) problems.push('not-in-future is for dates and instants');
  if ((isCodeRule(checkRule) || checkRule === 'nfc-trimmed') && !isText) problems.push(`${checkRule} is for text`);
  if ((domain.minimum !== null || domain.maximum !== null) && (isText || avroType === 'boolean'))
    problems.push('a range is for numbers only');
  for (const bound of [domain.minimum, domain.maximum]) {
    if (bound !== null && avroType !== 'double' && unscaledBound(bound, scale ?? 0) === null) {
      problems.push(`the bound ${bound} has more decimals than the domain`);
    }
  }
  if (domain.pattern !== null) {
    if ((domain.maxLength ?? Infinity) > patternTextMax)
      problems.push(`a pattern needs a maxLength of at most ${patternTextMax} beside it`);
    try {
      linearPattern(domain.pattern);
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  return problems;
}

function listProblems(list: CodeListDefinition): DictionaryProblem[] {
  const problems: string[] = [];
  // In the order of their first days a period overlaps an earlier one exactly where it begins before the last of those has ended.
  const reach = new Map<string, string>();
  for (const { code, validFrom, validTo } of list.entries.toSorted((a, b) =>
    a.validFrom < b.validFrom ? -1 : a.validFrom > b.validFrom ? 1 : 0,
  )) {
    const to = validTo ?? '9999-99-99';
    if (to < validFrom) problems.push(`code ${code} ends before it begins`);
    const earlier = reach.get(code);
    if (earlier !== undefined && validFrom <= earlier) problems.push(`code ${code} has two periods that overlap`);
    if (earlier === undefined || to > earlier) reach.set(code, to);
  }
  return problems.map((what) => ({ where: list.id, what }));
}
