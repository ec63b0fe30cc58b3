import type { DictionaryRelease } from '@truc/dictionary';
import type { Language } from '@truc/kernel';
import { checkAgencies, checkDatasets } from './catalogue-checks.js';
import { checkClassSchemas } from './class-schema-checks.js';
import { checkContracts } from './contract-checks.js';
import { documentKinds, documentOf, documentShapes, type Document, type DocumentKind } from './document.js';
import { documentSet, placeText, storedDocument, type PlacedDocument } from './document-set.js';
import { checkLoaded } from './loaded-checks.js';
import { checkMappings } from './mapping-checks.js';
import { nearestName } from './nearest-name.js';
import { ProblemList, type Problem } from './problem.js';
import { checkScopes } from './scope-checks.js';
import { checkShape } from './shape-check.js';
import { readYaml, type DocumentFile, type YamlText } from './yaml-text.js';

export const filesLimit = 2000;
export const filesBytesLimit = 8 * 1024 * 1024;

/** Top-level keys of dictionary documents; libs/dictionary knows their shapes. */
const dictionaryKinds = ['codeList', 'concepts', 'valueDomains', 'group', 'elements', 'checkRules'] as const;
const knownKinds = [...documentKinds, ...dictionaryKinds];

export interface ParseOptions {
  /** The release that mappings and contracts are judged by; null where no dictionary was applied yet. */
  readonly release?: DictionaryRelease | null;
  /** What was applied earlier and still holds where the files do not replace it. */
  readonly stored?: readonly Document[];
  readonly language?: Language;
  /**
   * For a new release: what was applied earlier is judged by every rule, those that came after it too, on this day in Viet Nam (`2026-03-01`): a contract that was over before lets
   * nothing out any more. What `old`, the release that holds, protects already is none of the new one's doing.
   */
  readonly judgesStored?: { readonly today: string; readonly old: DictionaryRelease };
}

export type ParseResult = { readonly documents: readonly Document[] } | { readonly problems: readonly Problem[] };

/**
 * Reads every document of the files and judges them together with what was applied earlier. Everything that is wrong is told at once; nothing is thrown.
 * Files of dictionary documents are left out: {@link dictionaryFiles} picks them for libs/dictionary.
 */
export function parseDocuments(files: readonly DocumentFile[], options: ParseOptions = {}): ParseResult {
  const problems = new ProblemList(options.language ?? 'en');
  const placed = readDocuments(files, problems);
  const stored = (options.stored ?? []).map(storedDocument);
  // The later ones replace those of the same kind and name.
  const set = documentSet([...stored, ...placed]);
  const before = documentSet(stored);
  checkAgencies(set, problems);
  checkDatasets(set, before, problems);
  checkMappings(set, before, { release: options.release ?? null, judgesStored: options.judgesStored !== undefined }, problems);
  checkScopes(set, options.release ?? null, problems);
  if (options.release !== undefined && options.release !== null) checkClassSchemas(set, options.release, problems);
  checkContracts(set, before, { release: options.release ?? null, judgesStored: options.judgesStored ?? null }, problems);
  checkLoaded(set, before, options.release ?? null, problems);
  if (problems.count > 0) return { problems: problems.list() };
  return { documents: placed.map(({ place: _place, isStored: _isStored, ...document }) => document as Document) };
}

function readDocuments(files: readonly DocumentFile[], problems: ProblemList): PlacedDocument[] {
  const size = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (files.length > filesLimit || size > filesBytesLimit) {
    const limit = `${filesLimit} / ${filesBytesLimit}`;
    problems.add({ file: files[0]?.path ?? '', line: 1, column: 1 }, 'DOCUMENT_TOO_MANY_FILES', {
      count: String(files.length),
      size: String(size),
      limit,
    });
    return [];
  }
  const placed = new Map<string, PlacedDocument>();
  for (const file of files) {
    const texts = readYaml(file, problems);
    const kinds = texts.map((text) => kindOf(text, problems));
    const isMixed = kinds.some(isDictionaryKind) && kinds.some((kind) => kind !== null && !isDictionaryKind(kind));
    for (const [index, text] of texts.entries()) {
      const kind = kinds[index] ?? null;
      if (kind === null) continue;
      if (isDictionaryKind(kind)) {
        if (isMixed) problems.add(text.place([]), 'DOCUMENT_MIXED', { kind });
        continue;
      }
      const document = placedDocument(kind, text, problems);
      if (document === null) continue;
      const key = `${kind}/${document.name}`;
      const first = placed.get(key);
      if (first === undefined) placed.set(key, document);
      else problems.add(document.place([]), 'DOCUMENT_DUPLICATE', { kind, name: document.name, first: placeText(first) });
    }
  }
  return [...placed.values()];
}

type AnyKind = (typeof knownKinds)[number];

function isDictionaryKind(kind: AnyKind | null): kind is (typeof dictionaryKinds)[number] {
  return kind !== null && (dictionaryKinds as readonly string[]).includes(kind);
}

function kindOf(text: YamlText, problems: ProblemList): AnyKind | null {
  const { value } = text;
  const isBlock = typeof value === 'object' && value !== null && !Array.isArray(value);
  const fields = isBlock ? Object.keys(value) : [];
  const kind = knownKinds.find((known) => fields.includes(known));
  if (kind !== undefined) return kind;
  const nearest = fields.map((field) => nearestName(field, knownKinds)).find((name) => name !== null);
  problems.add(text.place([]), 'DOCUMENT_KIND_UNKNOWN', {
    fields: fields.join(', ') || '-',
    known: knownKinds.join(', '),
    nearest: nearest === undefined ? '' : ` (${nearest}?)`,
  });
  return null;
}

function placedDocument(kind: DocumentKind, text: YamlText, problems: ProblemList): PlacedDocument | null {
  if (!checkShape(documentShapes[kind], text, problems)) return null;
  return { ...documentOf(kind, text.value), place: text.place, isStored: false };
}

/** Those of the files that hold dictionary documents (and the files that those refer to, which are no YAML at all). */
export function dictionaryFiles(files: readonly DocumentFile[]): DocumentFile[] {
  return files.filter((file) => {
    if (!/\.ya?ml$/i.test(file.path)) return true;
    const quiet = new ProblemList('en');
    const texts = readYaml(file, quiet);
    return texts.some((text) => isDictionaryKind(kindOf(text, quiet)));
  });
}
