import type { DictionaryContent } from './dictionary-content.js';
import type { DictionaryProblem } from './dictionary-error.js';
import { dictionaryProblem } from './dictionary-problem-text.js';
import { codeCharsMax, type CodeListDefinition, type ElementEntry, type ValueDomain } from './entry.js';
import { isLargePattern, patternTextMax } from './linear-pattern.js';

/** A release travels on the policy topic and is held in memory by everybody who judges rows: 100,000 codes are 4 MB there and 25 MB here. */
export const codesPerListMax = 200_000;
export const codesPerReleaseMax = 400_000;

/** Of one element or value domain as JSON, so that a hundred of them are one message. */
const definitionBytesMax = 8 * 1024;

const control = /[\u0000-\u001f\u007f-\u009f]/;

/** What of a release is judged by its bounds. */
export type BoundedParts = Pick<DictionaryContent, 'elements' | 'valueDomains' | 'codeLists'>;

/**
 * What is beyond the bounds of a release that is about to be made. A release that is made never changes and stays readable whatever it holds, so what the one before it holds
 * already is not told again: only what grows further or is new.
 */
export function boundProblems(next: BoundedParts, before: BoundedParts | null): DictionaryProblem[] {
  const lists = new Map(before?.codeLists.map((list) => [list.id, list]));
  const domains = new Map(before?.valueDomains.map((domain) => [domain.id, domain]));
  const definitions = new Map([...(before?.elements ?? []), ...(before?.valueDomains ?? [])].map((entry) => [entry.id, entry]));
  return [
    ...next.codeLists.flatMap((list) => listProblems(list, lists.get(list.id)?.entries ?? [])),
    ...sumProblems(next.codeLists, codesOf(before?.codeLists ?? [])),
    ...[...next.elements, ...next.valueDomains].flatMap((entry) => definitionProblems(entry, definitions.get(entry.id))),
    ...next.valueDomains.flatMap((domain) => patternProblems(domain, domains.get(domain.id))),
  ];
}

function listProblems({ id, entries }: CodeListDefinition, before: CodeListDefinition['entries']): DictionaryProblem[] {
  const problems: DictionaryProblem[] = [];
  if (entries.length > Math.max(codesPerListMax, before.length)) {
    problems.push(dictionaryProblem(id, 'list-large', { count: entries.length, most: codesPerListMax }));
  }
  const isUnfit = ({ code, supersededBy, parent }: CodeListDefinition['entries'][number]): boolean =>
    [code, supersededBy, parent].some((text) => text !== null && (text.length > codeCharsMax || control.test(text)));
  const known = new Set(before.filter(isUnfit).map(({ code }) => code));
  for (const entry of entries) {
    if (!isUnfit(entry) || known.has(entry.code)) continue;
    problems.push(dictionaryProblem(id, 'code-unfit', { code: JSON.stringify(entry.code.slice(0, 40)), most: codeCharsMax }));
  }
  return problems;
}

function sumProblems(lists: readonly CodeListDefinition[], before: number): DictionaryProblem[] {
  const count = codesOf(lists);
  const largest = lists.reduce<CodeListDefinition | null>(
    (top, list) => (list.entries.length > (top?.entries.length ?? 0) ? list : top),
    null,
  );
  if (largest === null || count <= Math.max(codesPerReleaseMax, before)) return [];
  return [dictionaryProblem(largest.id, 'lists-large', { count, most: codesPerReleaseMax })];
}

function codesOf(lists: readonly CodeListDefinition[]): number {
  return lists.reduce((sum, { entries }) => sum + entries.length, 0);
}

function definitionProblems(entry: ElementEntry | ValueDomain, before: ElementEntry | ValueDomain | undefined): DictionaryProblem[] {
  const count = bytesOf(entry);
  if (count <= definitionBytesMax || (before !== undefined && count <= bytesOf(before))) return [];
  return [dictionaryProblem(entry.id, 'definition-large', { count, most: definitionBytesMax })];
}

function bytesOf(entry: ElementEntry | ValueDomain): number {
  return Buffer.byteLength(JSON.stringify(entry));
}

/** Together they bound what judging one value costs. */
function patternProblems({ id, pattern, maxLength }: ValueDomain, before: ValueDomain | undefined): DictionaryProblem[] {
  if (pattern === null) return [];
  const problems: DictionaryProblem[] = [];
  const isKnown = before?.pattern === pattern;
  const longest = maxLength ?? Infinity;
  if (longest > patternTextMax && !(isKnown && longest <= (before.maxLength ?? Infinity))) {
    problems.push(dictionaryProblem(id, 'pattern-length', { most: patternTextMax }));
  }
  if (!isKnown && isLargePattern(pattern)) problems.push(dictionaryProblem(id, 'pattern-large'));
  return problems;
}
