import { isDeepStrictEqual } from 'node:util';
import type { DictionaryRelease } from '@truc/dictionary';
import type { Language } from '@truc/kernel';
import { nextRelease, placesOf, releaseOf, type NextRelease, type StoredRelease } from './dictionary-content.js';
import { documentSet, storedDocument } from './documents/document-set.js';
import type { Document } from './documents/document.js';
import { checkLoadedSchemes } from './documents/loaded-checks.js';
import { dictionaryFiles, parseDocuments } from './documents/parse-documents.js';
import { ProblemList, type Problem } from './documents/problem.js';
import type { DocumentFile } from './documents/yaml-text.js';
import { proposedRelease, type ProposedRelease } from './dictionary-proposal.js';

/** What holds before an apply. */
export interface AppliedState {
  readonly documents: readonly Document[];
  readonly release: StoredRelease | null;
}

export interface ApplyPlan {
  /** `kind/name`, as people see it; a dictionary is `dictionary/<release>`. */
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
  /** Documents to write: the created and the changed ones. */
  readonly save: readonly Document[];
  /** The first release, to be written at once: nothing stands on a dictionary yet. Null later on. */
  readonly newRelease: NextRelease | null;
  /** Changes of the dictionary that holds. They hold once they are approved; the documents do without them. */
  readonly proposed: ProposedRelease | null;
  /** Everything that holds afterwards. */
  readonly documents: readonly Document[];
  readonly release: DictionaryRelease | null;
}

/**
 * Decides what applying the files does, without doing it. An apply adds and changes; it never removes, and it changes nothing that rows were loaded by. A dictionary that
 * differs from the one that holds becomes a proposal, and the documents are judged by the one that holds.
 * Everything that is wrong is told at once: the dictionary's problems together with those of the documents.
 */
export function planApply(
  files: readonly DocumentFile[],
  current: AppliedState,
  language: Language = 'en',
): { readonly plan: ApplyPlan } | { readonly problems: readonly Problem[] } {
  const problems = new ProblemList(language);
  const dictionaryDocuments = dictionaryFiles(files);
  const dictionary = nextRelease(dictionaryDocuments, current.release, problems);
  const others = files.filter(({ path }) => /\.ya?ml$/i.test(path));
  const proposed = dictionary?.isNew === true && current.release !== null ? proposedRelease(current.release, dictionary) : null;
  const holding = current.release && releaseOf(current.release);
  if (dictionary !== null && proposed !== null && holding !== null) {
    const before = documentSet(current.documents.map(storedDocument));
    const releases = { old: holding, next: dictionary.release };
    checkLoadedSchemes(before, releases, placesOf(dictionaryDocuments), problems);
  }
  // Where a first dictionary cannot be read there is none to judge documents by.
  const release = holding ?? dictionary?.release ?? null;
  const options = { stored: current.documents, language };
  const parsed = parseDocuments(others, { release, ...options });
  if ('problems' in parsed) {
    const isWaiting = proposed !== null && !('problems' in parseDocuments(others, { release: proposed.next.release, ...options }));
    const [place] = parsed.problems;
    if (isWaiting && place !== undefined) problems.add(place, 'DICTIONARY_NOT_APPROVED');
  }
  if ('problems' in parsed || problems.count > 0) {
    return { problems: [...problems.list(), ...('problems' in parsed ? parsed.problems : [])] };
  }
  return {
    plan: planOf(parsed.documents, current, {
      founding: proposed === null && dictionary?.isNew === true ? dictionary : null,
      proposed,
      release,
    }),
  };
}

interface PlannedDictionary {
  readonly founding: NextRelease | null;
  readonly proposed: ProposedRelease | null;
  readonly release: DictionaryRelease | null;
}

function planOf(documents: readonly Document[], current: AppliedState, { founding, proposed, release }: PlannedDictionary): ApplyPlan {
  const stored = new Map(current.documents.map((document) => [keyOf(document), document]));
  const created: string[] = [];
  const changed: string[] = [];
  const unchanged: string[] = [];
  const save: Document[] = [];
  if (founding !== null) created.push(`dictionary/${founding.release.number}`);
  for (const document of documents) {
    const key = keyOf(document);
    const old = stored.get(key);
    if (old !== undefined && isDeepStrictEqual(asStored(old.body), asStored(document.body))) {
      unchanged.push(key);
      continue;
    }
    (old === undefined ? created : changed).push(key);
    save.push(document);
    stored.set(key, document);
  }
  return { created, changed, unchanged, save, newRelease: founding, proposed, documents: [...stored.values()], release };
}

function keyOf({ kind, name }: Document): string {
  return `${kind}/${name}`;
}

function asStored(body: object): unknown {
  return JSON.parse(JSON.stringify(body));
}
