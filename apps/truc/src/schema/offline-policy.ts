import { join, resolve } from 'node:path';
import {
  compilePolicy,
  dictionaryFiles,
  nextRelease,
  parseDocuments,
  ProblemList,
  type DatasetPolicy,
  type DocumentFile,
  type Problem,
} from '@truc/coordination';
import { createRelease, readPlainYaml, type DictionaryRelease, type ReleaseParts } from '@truc/dictionary';
import { type Language, TrucError } from '@truc/kernel';
import { checkoutRoot } from '@truc/local-stack';
import { documentFiles } from '../document-files.js';

/** The dictionary that is shipped. */
export const shippedDictionary = join(checkoutRoot, 'schemas', 'dictionary');
/** The mappings of the demo's sources. */
export const demoDocuments = join(checkoutRoot, 'libs', 'demo', 'documents');

/**
 * The release in a directory of dictionary documents, or in a file that holds it whole, without any backbone.
 * @param path null for the dictionary that is shipped
 * @throws TrucError SCHEMA_RELEASE_INVALID, SCHEMA_RELEASE_NONE, DICTIONARY_RELEASE_INVALID, and those of documentFiles
 */
export function offlineRelease(path: string | null, workingDirectory: string, language: Language): DictionaryRelease {
  const files = documentFiles(path === null ? shippedDictionary : resolve(workingDirectory, path), workingDirectory);
  const [only] = files;
  const whole = path === null || only === undefined || files.length > 1 ? null : wholeRelease(only);
  if (whole !== null) return whole;
  const problems = new ProblemList(language);
  const found = nextRelease(dictionaryFiles(files), null, problems);
  if (problems.count > 0) throw problemError('SCHEMA_RELEASE_INVALID', 'the dictionary', problems.list());
  if (found === null) {
    throw new TrucError(
      'SCHEMA_RELEASE_NONE',
      `${path ?? shippedDictionary} holds no dictionary: name a directory like schemas/dictionary`,
    );
  }
  return found.release;
}

/** A release in one file of JSON or YAML: `{number, elements, valueDomains, codeLists}`. Null where the file is something else. @throws DictionaryError with everything that is wrong */
function wholeRelease(file: DocumentFile): DictionaryRelease | null {
  // What is no plain YAML is told when it is read as a document.
  const { documents, faults } = readPlainYaml(file);
  const parts = faults.length > 0 || documents.length !== 1 ? null : documents[0]?.value;
  if (typeof parts !== 'object' || parts === null || !('elements' in parts) || !('valueDomains' in parts)) return null;
  const { number = 1, elements, valueDomains, codeLists = [] } = parts as { [key in keyof ReleaseParts]?: unknown };
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
  return createRelease({ number: Number(number), elements: list(elements), valueDomains: list(valueDomains), codeLists: list(codeLists) });
}

/**
 * The datasets that documents describe, compiled as the platform would.
 * @throws TrucError SCHEMA_DOCUMENTS_INVALID, and those of documentFiles
 */
export function offlineDatasets(path: string, release: DictionaryRelease, workingDirectory: string, language: Language): DatasetPolicy[] {
  const files = documentFiles(resolve(workingDirectory, path), workingDirectory).filter(({ path: file }) => /\.ya?ml$/i.test(file));
  const known = new Set<DocumentFile>(dictionaryFiles(files));
  const parsed = parseDocuments(
    files.filter((file) => !known.has(file)),
    { release, language },
  );
  if ('problems' in parsed) throw problemError('SCHEMA_DOCUMENTS_INVALID', 'the documents', parsed.problems);
  return compilePolicy(parsed.documents, release).common.filter((entry) => entry.kind === 'dataset');
}

const shownMax = 20;

function problemError(code: string, what: string, problems: readonly Problem[]): TrucError {
  const lines = problems.slice(0, shownMax).map(({ file, line, column, message }) => `\n  ${file}:${line}:${column}: ${message}`);
  const more = problems.length > shownMax ? `\n  and ${problems.length - shownMax} more` : '';
  return new TrucError(code, `${what} cannot be used:${lines.join('')}${more}`);
}
