import { readPlainYaml, type YamlFault, type YamlPath } from '@truc/dictionary';
import type { ProblemCode } from './problem-catalogue.js';
import type { Place, ProblemList } from './problem.js';

/** One file as it was handed in. */
export interface DocumentFile {
  readonly path: string;
  readonly text: string;
}

/** Of a file of YAML. A parser needs hundreds of times that in memory, and seconds for it. */
export const fileBytesLimit = 1024 * 1024;

export type Path = YamlPath;

/** One document of a file: its plain value, and the place of anything in it. */
export interface YamlText {
  readonly file: string;
  readonly value: unknown;
  /** The place of what stands at `path`, or of the nearest thing around it that exists; `key` is the place of the field's name. */
  place(path: Path, of?: 'key' | 'value'): Place;
}

/** By kind of fault: its code, and what the sentence calls its detail. */
const told: Readonly<Record<YamlFault['kind'], readonly [ProblemCode, string]>> = {
  'too-deep': ['DOCUMENT_TOO_DEEP', 'limit'],
  syntax: ['DOCUMENT_YAML_SYNTAX', 'reason'],
  anchor: ['DOCUMENT_ANCHOR', 'name'],
  tag: ['DOCUMENT_TAG', 'name'],
  text: ['DOCUMENT_TEXT', 'text'],
  number: ['DOCUMENT_NUMBER', 'number'],
};

/**
 * Reads the documents of one file. What is not plain YAML (anchors, aliases, tags, endless nesting) is a problem and its document is left out; never throws.
 */
export function readYaml(file: DocumentFile, problems: ProblemList): YamlText[] {
  const { path, text } = file;
  const size = Buffer.byteLength(text);
  if (size > fileBytesLimit) {
    problems.add({ file: path, line: 1, column: 1 }, 'DOCUMENT_TOO_LARGE', { size: String(size), limit: String(fileBytesLimit) });
    return [];
  }
  const { documents, faults } = readPlainYaml(file);
  for (const { kind, detail, detailVi = detail, line, column } of faults) {
    const [code, name] = told[kind];
    problems.add({ file: path, line, column }, code, { [name]: problems.language === 'vi' ? detailVi : detail });
  }
  return documents.map(({ value, place }) => ({ file: path, value, place: (at, of) => ({ file: path, ...place(at, of) }) }));
}
