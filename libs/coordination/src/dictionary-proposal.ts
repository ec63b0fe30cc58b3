import { isDeepStrictEqual } from 'node:util';
import {
  changedEntries,
  createRelease,
  DictionaryError,
  entriesOf,
  entryChanges,
  lifeProblems,
  problemText,
  mergeContent,
  parseContent,
  type DictionaryContent,
  type DictionaryRelease,
  type EntryChange,
} from '@truc/dictionary';
import type { Language } from '@truc/kernel';
import { releaseOf, type NextRelease, type StoredRelease } from './dictionary-content.js';
import { checkLoadedSchemes } from './documents/loaded-checks.js';
import { brokenDatasets } from './dataset-schemas.js';
import { appliedPlace, documentSet, storedDocument } from './documents/document-set.js';
import type { Document } from './documents/document.js';
import { parseDocuments } from './documents/parse-documents.js';
import { ProblemList, type Problem } from './documents/problem.js';

/**
 * How far a proposal is. `proposed`, which reviews leave as it is; then exactly one of `approved` (its changes are a release), `rejected` (by the dictionary authority) and
 * `withdrawn` (by who proposed it). Nothing follows on those three: whoever wants it otherwise proposes again.
 */
export const proposalStates = ['proposed', 'approved', 'rejected', 'withdrawn'] as const;
export type ProposalState = (typeof proposalStates)[number];

/** Changes of the dictionary that somebody wants. */
export interface ProposedRelease {
  /** Number of the release that they were made of. */
  readonly base: number;
  /** The entries that are new or differ, as they are to be. */
  readonly changes: DictionaryContent;
  readonly next: NextRelease;
}

export function proposedRelease(current: StoredRelease, next: NextRelease): ProposedRelease {
  return { base: current.number, changes: changedEntries(parseContent(current.content), next.content), next };
}

/** What a proposal changes of the release that it was made of. */
export function proposalChanges(base: StoredRelease, changes: DictionaryContent): EntryChange[] {
  return entryChanges(parseContent(base.content), changes);
}

/** What a proposal meets when it is looked at again. */
export interface ProposalGround {
  /** The release that holds now. */
  readonly current: StoredRelease;
  /** The release that the proposal was made of. */
  readonly base: StoredRelease;
  readonly documents: readonly Document[];
  /** The day in Viet Nam, `2026-03-01`: contracts that were over before are in nobody's way. */
  readonly today: string;
}

/**
 * The release that approving a proposal makes now: its changes on top of what holds. Refused where a later release changed the same entries, and where a mapping, a contract or
 * a loaded key that was applied would no longer stand, or the registry would not take what becomes of a dataset's schema: its capture would stop. Everything is told at once.
 */
export function releaseOfProposal(
  changes: DictionaryContent,
  { current, base, documents, today }: ProposalGround,
  language: Language = 'en',
): { readonly next: NextRelease; readonly problems: readonly Problem[] } | { readonly next: null; readonly problems: readonly Problem[] } {
  const problems = new ProblemList(language);
  const holding = parseContent(current.content);
  const late = new Set(overtaken(changes, holding, parseContent(base.content)));
  for (const id of late) {
    problems.add(entryPlace(id), 'DICTIONARY_OVERTAKEN', { id, release: String(current.number) });
  }
  const content = mergeContent(holding, changes);
  for (const problem of lifeProblems(holding, content))
    if (!late.has(problem.where))
      problems.add(entryPlace(problem.where), 'DOCUMENT_DICTIONARY', { reason: problemText(problem, language) });
  try {
    const release = createRelease({ number: current.number + 1, ...content }, { before: holding });
    const set = documentSet(documents.map(storedDocument));
    const old = releaseOf(current);
    checkLoadedSchemes(set, { old, next: release }, entryPlace, problems);
    for (const { dataset, topic, reasons } of brokenDatasets(documents, { old, next: release }))
      problems.add(appliedPlace('dataset', dataset), 'DICTIONARY_SCHEMA_BROKEN', { topic, reason: reasons[0] ?? '' });
    const found = newProblems(documents, { old, next: release }, today, language);
    const isNew = !isDeepStrictEqual(content, holding);
    return { next: { release, content, isNew }, problems: [...problems.list(), ...found] };
  } catch (error) {
    if (!(error instanceof DictionaryError)) throw error;
    for (const problem of error.problems)
      problems.add(entryPlace(problem.where), 'DOCUMENT_DICTIONARY', { reason: problemText(problem, language) });
    return { next: null, problems: problems.list() };
  }
}

/** What of the documents would no longer stand. What is wrong with them under the release that holds is none of the next one's doing, and is told to whoever applies them again. */
function newProblems(
  documents: readonly Document[],
  { old, next }: { readonly old: DictionaryRelease; readonly next: DictionaryRelease },
  today: string,
  language: Language,
): readonly Problem[] {
  const under = (release: DictionaryRelease): readonly Problem[] => {
    const judged = parseDocuments([], { release, stored: documents, language, judgesStored: { today, old } });
    return 'problems' in judged ? judged.problems : [];
  };
  const found = under(next);
  if (found.length === 0) return found;
  const before = new Set(under(old).map((problem) => JSON.stringify(problem)));
  return found.filter((problem) => !before.has(JSON.stringify(problem)));
}

/** Ids of entries that are neither as the proposal found them nor as it wants them. */
function overtaken(changes: DictionaryContent, current: DictionaryContent, base: DictionaryContent): string[] {
  const [now, then] = [current, base].map((content) => new Map(entriesOf(content).map((entry) => [entry.id, entry])));
  return entriesOf(changes).flatMap((entry) => {
    const standing = now?.get(entry.id);
    return isDeepStrictEqual(standing, then?.get(entry.id)) || isDeepStrictEqual(standing, entry) ? [] : [entry.id];
  });
}

/** A proposal has no file any more: a problem stands at the entry. */
function entryPlace(id: string): { file: string; line: number; column: number } {
  return { file: id, line: 1, column: 1 };
}
