import { isDeepStrictEqual } from 'node:util';
import type { DictionaryRelease } from '@truc/dictionary';
import { nextRelease, placeOf, releaseOf, type NextRelease, type StoredRelease } from './dictionary-content.js';
import { documentSet, storedDocument } from './documents/document-set.js';
import type { Document } from './documents/document.js';
import { checkLoadedSchemes } from './documents/loaded-checks.js';
import { dictionaryFiles, parseDocuments } from './documents/parse-documents.js';
import { ProblemList, type Language, type Problem } from './documents/problem.js';
import type { DocumentFile } from './documents/yaml-text.js';

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
  /** The release to write; null where the dictionary stays as it is. */
  readonly newRelease: NextRelease | null;
  /** Everything that holds afterwards. */
  readonly documents: readonly Document[];
  readonly release: DictionaryRelease | null;
}

/**
 * Decides what applying the files does, without doing it. An apply adds and changes; it never removes, and it changes nothing that rows were loaded by.
 * Everything that is wrong is told at once: the dictionary's problems together with those of the documents.
 */
export function planApply(
  files: readonly DocumentFile[],
  current: AppliedState,
  language: Language = 'en',
): { readonly plan: ApplyPlan } | { readonly problems: readonly Problem[] } {
  const problems = new ProblemList(language);
  const dictionary = nextRelease(dictionaryFiles(files), current.release, problems);
  const others = files.filter(({ path }) => /\.ya?ml$/i.test(path));
  // Where the new dictionary cannot be read the documents are still judged, by the one that holds now.
  const release = dictionary?.release ?? (problems.count > 0 ? (nextRelease([], current.release, problems)?.release ?? null) : null);
  if (dictionary?.isNew && current.release !== null) {
    const before = documentSet(current.documents.map(storedDocument));
    const releases = { old: releaseOf(current.release), next: dictionary.release };
    checkLoadedSchemes(before, releases, (element) => placeOf(element, dictionaryFiles(others)), problems);
  }
  const parsed = parseDocuments(others, { release, stored: current.documents, language });
  if ('problems' in parsed || problems.count > 0) {
    return { problems: [...problems.list(), ...('problems' in parsed ? parsed.problems : [])] };
  }
  return { plan: planOf(parsed.documents, current, dictionary) };
}

function planOf(documents: readonly Document[], current: AppliedState, dictionary: NextRelease | null): ApplyPlan {
  const stored = new Map(current.documents.map((document) => [keyOf(document), document]));
  const created: string[] = [];
  const changed: string[] = [];
  const unchanged: string[] = [];
  const save: Document[] = [];
  if (dictionary?.isNew) (current.release === null ? created : changed).push(`dictionary/${dictionary.release.number}`);
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
  return {
    created,
    changed,
    unchanged,
    save,
    newRelease: dictionary?.isNew ? dictionary : null,
    documents: [...stored.values()],
    release: dictionary?.release ?? null,
  };
}

function keyOf({ kind, name }: Document): string {
  return `${kind}/${name}`;
}

function asStored(body: object): unknown {
  return JSON.parse(JSON.stringify(body));
}
