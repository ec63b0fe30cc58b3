import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  codeListDifference,
  compareVersions,
  createRelease,
  DictionaryError,
  emptyContent,
  lifeProblems,
  mergeContent,
  parseContent,
  parseDictionaryFiles,
  type CodeListDefinition,
  type DictionaryContent,
  type DictionaryParts,
  problemText,
  raisedVersion,
  type DictionaryProblem,
  type DictionaryRelease,
} from '@truc/dictionary';
import { ProblemList, type Place } from './documents/problem.js';
import { readYaml, type DocumentFile } from './documents/yaml-text.js';

export type { DictionaryContent } from '@truc/dictionary';

export interface NextRelease {
  readonly release: DictionaryRelease;
  readonly content: DictionaryContent;
  /** False where the files change nothing: the release is the current one. */
  readonly isNew: boolean;
}

export interface StoredRelease {
  readonly number: number;
  readonly content: DictionaryContent;
}

/** NUL, and halves of characters, which no database holds. */
const noText = /[\0\p{Surrogate}]/u;

/** @throws DictionaryError where a stored release is no longer readable */
export function releaseOf({ number, content }: StoredRelease): DictionaryRelease {
  return createRelease({ number, ...content });
}

/**
 * The release that holds once these files are applied: what they name replaces what had the same id, the rest stays. Changed documents make the next number.
 * @returns null where there is no dictionary at all, and where the files make no release; everything that is wrong is in `problems`
 */
export function nextRelease(files: readonly DocumentFile[], current: StoredRelease | null, problems: ProblemList): NextRelease | null {
  const known = current && parseContent(current.content);
  const unchanged = (): NextRelease | null => current && { release: releaseOf(current), content: current.content, isNew: false };
  const documents = files.filter(({ path }) => /\.ya?ml$/i.test(path));
  if (documents.length === 0) return unchanged();
  for (const { path, text } of files) {
    // Of YAML every text is looked at where it stands.
    const at = /\.ya?ml$/i.test(path) ? -1 : text.search(noText);
    if (at !== -1) problems.add({ file: path, line: text.slice(0, at).split('\n').length, column: 1 }, 'DOCUMENT_TEXT');
  }
  try {
    const content = merge(known, parseDictionaryFiles(documents, suppliedEntries(documents, files)));
    if (known !== null && isDeepStrictEqual(content, known)) return unchanged();
    const release = createRelease({ number: (current?.number ?? 0) + 1, ...content }, { before: known });
    tell(lifeProblems(known, content), documents, problems);
    return { release, content, isNew: true };
  } catch (error) {
    if (!(error instanceof DictionaryError)) throw error;
    tell(error.problems, documents, problems);
    return null;
  }
}

function tell(found: readonly DictionaryProblem[], documents: readonly DocumentFile[], problems: ProblemList): void {
  const placeOf = placesOf(documents);
  for (const problem of found) {
    const { where } = problem;
    const place = placeOf(where);
    const reason = problemText(problem, problems.language);
    problems.add(place, 'DOCUMENT_DICTIONARY', { reason: place.file === where ? reason : `${shortName(where)}${reason}` });
  }
}

function merge(old: DictionaryContent | null, next: DictionaryParts): DictionaryContent {
  // A list whose entries the steward supplied once keeps them when its document comes again without them.
  const notLoaded = new Set(next.notLoaded);
  const oldLists = new Map(old?.codeLists.map((list) => [list.id, list]));
  const codeLists = next.codeLists.map((list) => {
    const known = oldLists.get(list.id);
    if (known === undefined) return list;
    if (!notLoaded.has(list.id)) return isSameList(known, list) ? known : list;
    // An import raises the version of a list, which its document does not follow: what the document changes is of the next one.
    const kept = { ...list, entries: known.entries, version: known.version };
    if (isSameList(known, kept)) return known;
    return { ...kept, version: compareVersions(list.version, known.version) > 0 ? list.version : raisedVersion(known.version) };
  });
  const { concepts, elements, valueDomains } = next;
  const content = mergeContent(old ?? emptyContent, { concepts, elements, valueDomains, codeLists });
  // As it comes back from the store, so that the comparison is of like with like.
  return JSON.parse(JSON.stringify(content)) as DictionaryContent;
}

/** The order of entries says nothing: what reads them, or writes them down, may put them into another one than before. */
function isSameList(known: CodeListDefinition, list: CodeListDefinition): boolean {
  if (known.entries.length !== list.entries.length || !isDeepStrictEqual({ ...known, entries: [] }, { ...list, entries: [] })) return false;
  return codeListDifference(known.entries, list.entries).length === 0;
}

/** CSV files among `files` that a code list names in `entriesFrom`, by the list's URN; their paths are relative to the list's document. */
function suppliedEntries(documents: readonly DocumentFile[], files: readonly DocumentFile[]): Record<string, string> {
  const texts = new Map(files.map(({ path, text }) => [posix.normalize(path), text]));
  const supplied: Record<string, string> = {};
  for (const document of documents) {
    for (const { value } of readYaml(document, new ProblemList('en'))) {
      const list = (value as { codeList?: { id?: unknown; entriesFrom?: { file?: unknown } } } | null)?.codeList;
      if (typeof list?.id !== 'string' || typeof list.entriesFrom?.file !== 'string') continue;
      const text = texts.get(posix.join(posix.dirname(document.path), list.entriesFrom.file));
      if (text !== undefined) supplied[list.id] = text;
    }
  }
  return supplied;
}

/**
 * Where a problem stands: one of a file says where it is, one of the release as a whole names an id, which is looked up in the files. The files are gone through once, however
 * many problems there are.
 */
export function placesOf(documents: readonly DocumentFile[]): (where: string) => Place {
  const paths = new Set(documents.map(({ path }) => path));
  const fallback = documents[0]?.path;
  let ofIds: ReadonlyMap<string, Place> | null = null;
  return (where) => {
    const [, file, line, column] = /^(.*):([0-9]+):([0-9]+)$/.exec(where) ?? [];
    if (file !== undefined && paths.has(file)) return { file, line: Number(line), column: Number(column) };
    ofIds ??= placesOfIds(documents);
    return ofIds.get(where) ?? { file: paths.has(where) ? where : (fallback ?? where), line: 1, column: 1 };
  };
}

/** The first line that begins an entry with an id, for every id. */
function placesOfIds(documents: readonly DocumentFile[]): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const { path, text } of documents) {
    for (const [index, line] of text.split('\n').entries()) {
      const [, indent = '', id] = /^(\s*)(?:- )?id: (\S+)\s*$/.exec(line) ?? [];
      if (id !== undefined && !places.has(id)) places.set(id, { file: path, line: index + 1, column: indent.length + 1 });
    }
  }
  return places;
}

function shortName(where: string): string {
  return where.startsWith('urn:') ? `${where}: ` : '';
}
