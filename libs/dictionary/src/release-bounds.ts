import type { DictionaryProblem } from './dictionary-error.js';
import { dictionaryProblem } from './dictionary-problem-text.js';
import type { CodeListDefinition, ElementEntry, ValueDomain } from './entry.js';

/** A release travels on the policy topic and is held in memory by everybody who judges rows: 100,000 codes are 4 MB there and 25 MB here. */
export const codesPerListMax = 200_000;
export const codesPerReleaseMax = 400_000;

/** Of one element or value domain as JSON, so that a hundred of them are one message. */
const definitionBytesMax = 8 * 1024;

/** What is beyond the bounds of a release. */
export function boundProblems(
  elements: readonly ElementEntry[],
  domains: readonly ValueDomain[],
  lists: readonly CodeListDefinition[],
): DictionaryProblem[] {
  const codes = lists.reduce((sum, { entries }) => sum + entries.length, 0);
  const largest = lists.reduce<CodeListDefinition | null>(
    (top, list) => (list.entries.length > (top?.entries.length ?? 0) ? list : top),
    null,
  );
  return [
    ...lists.flatMap((list) => listProblem(list)),
    ...(largest !== null && codes > codesPerReleaseMax
      ? [dictionaryProblem(largest.id, 'lists-large', { count: codes, most: codesPerReleaseMax })]
      : []),
    ...[...elements, ...domains].flatMap((entry) => definitionProblem(entry)),
  ];
}

function listProblem({ id, entries }: CodeListDefinition): DictionaryProblem[] {
  if (entries.length <= codesPerListMax) return [];
  return [dictionaryProblem(id, 'list-large', { count: entries.length, most: codesPerListMax })];
}

function definitionProblem(entry: ElementEntry | ValueDomain): DictionaryProblem[] {
  const bytes = Buffer.byteLength(JSON.stringify(entry));
  return bytes <= definitionBytesMax ? [] : [dictionaryProblem(entry.id, 'definition-large', { count: bytes, most: definitionBytesMax })];
}
