import { dictionaryFiles, documentKinds, documentOf, type Document, type DocumentFile, type DocumentKind } from '@truc/coordination';
import { parseAllDocuments } from 'yaml';

/**
 * The documents of files, as far as they have their shape. What has not is left out here: the platform, which is asked as well, tells it with its place.
 */
export function readableDocuments(files: readonly DocumentFile[]): Document[] {
  const dictionary = new Set(dictionaryFiles(files));
  return files
    .filter((file) => /\.ya?ml$/i.test(file.path) && !dictionary.has(file))
    .flatMap(({ text }) => valuesOf(text).flatMap((value) => documentOfValue(value) ?? []));
}

/** Documents as the platform tells them; kinds that this program does not know are left out. */
export function storedDocuments(views: readonly { readonly kind: string; readonly body: object }[]): Document[] {
  return views.flatMap(({ kind, body }) => (isKind(kind) ? (tried(kind, body) ?? []) : []));
}

/** Documents are plain: one that refers to itself, by an alias, is none. */
function valuesOf(text: string): unknown[] {
  try {
    return [...parseAllDocuments(text)].flatMap((document) =>
      document.errors.length > 0 ? [] : [document.toJS({ maxAliasCount: 0 }) as unknown],
    );
  } catch {
    return [];
  }
}

function documentOfValue(value: unknown): Document | null {
  if (value === null || typeof value !== 'object') return null;
  const kind = documentKinds.find((known) => known in value);
  return kind === undefined ? null : tried(kind, value);
}

function tried(kind: DocumentKind, value: unknown): Document | null {
  try {
    return documentOf(kind, value);
  } catch {
    return null;
  }
}

function isKind(kind: string): kind is DocumentKind {
  return (documentKinds as readonly string[]).includes(kind);
}
