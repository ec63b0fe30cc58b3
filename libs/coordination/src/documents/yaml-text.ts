import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type Document as YamlDocument,
  type Node,
} from 'yaml';
import { messageOf } from '@truc/kernel';
import type { Place, ProblemList } from './problem.js';

/** One file as it was handed in. */
export interface DocumentFile {
  readonly path: string;
  readonly text: string;
}

export const fileBytesLimit = 1024 * 1024;
export const nestingLimit = 32;

export type Path = readonly PropertyKey[];

/** One document of a file: its plain value, and the place of anything in it. */
export interface YamlText {
  readonly file: string;
  readonly value: unknown;
  /** The place of what stands at `path`, or of the nearest thing around it that exists; `key` is the place of the field's name. */
  place(path: Path, of?: 'key' | 'value'): Place;
}

/**
 * Reads the documents of one file. What is not plain YAML (anchors, aliases, tags, endless nesting) is a problem and its document is left out; never throws.
 */
export function readYaml({ path, text }: DocumentFile, problems: ProblemList): YamlText[] {
  const start: Place = { file: path, line: 1, column: 1 };
  const size = Buffer.byteLength(text);
  if (size > fileBytesLimit) {
    problems.add(start, 'DOCUMENT_TOO_LARGE', { size: String(size), limit: String(fileBytesLimit) });
    return [];
  }
  const deep = nestedTooDeep(text);
  if (deep !== null) {
    problems.add({ file: path, ...deep }, 'DOCUMENT_TOO_DEEP', { limit: String(nestingLimit) });
    return [];
  }
  const lines = new LineCounter();
  try {
    const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, logLevel: 'silent' });
    return [...documents].flatMap((document) => plainDocument(path, document, lines, problems));
  } catch (error) {
    problems.add(start, 'DOCUMENT_YAML_SYNTAX', { reason: messageOf(error) });
    return [];
  }
}

function plainDocument(file: string, document: YamlDocument, lines: LineCounter, problems: ProblemList): YamlText[] {
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const before = problems.count;
  for (const { pos, message } of document.errors) problems.add(at(pos[0]), 'DOCUMENT_YAML_SYNTAX', { reason: message });
  visit(document, {
    Node: (_, node, ancestors) => {
      const place = at(node.range?.[0] ?? 0);
      if (isAlias(node)) problems.add(place, 'DOCUMENT_ANCHOR', { name: `*${node.source}` });
      else if (node.anchor !== undefined) problems.add(place, 'DOCUMENT_ANCHOR', { name: `&${node.anchor}` });
      else if (node.tag !== undefined && document.errors.length === 0) problems.add(place, 'DOCUMENT_TAG', { name: node.tag });
      if (isScalar(node) && typeof node.value === 'string' && (node.value.includes('\0') || !node.value.isWellFormed())) {
        problems.add(place, 'DOCUMENT_TEXT');
      }
      if (isCollection(node) && ancestors.filter(isCollection).length >= nestingLimit) {
        problems.add(place, 'DOCUMENT_TOO_DEEP', { limit: String(nestingLimit) });
        return visit.BREAK;
      }
      return undefined;
    },
  });
  if (problems.count > before) return [];
  const value: unknown = document.toJS({ maxAliasCount: 0 });
  // Only comments, or nothing between two separators.
  if (value === null || value === undefined) return [];
  const place = (path: Path, of: 'key' | 'value' = 'value'): Place => at(offsetAt(document.contents as Node | null, path, of));
  return [{ file, value, place }];
}

function offsetAt(contents: Node | null, path: Path, of: 'key' | 'value'): number {
  let node: unknown = contents;
  let offset = contents?.range?.[0] ?? 0;
  for (const [depth, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
      if (pair === undefined) return offset;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      if (of === 'key' && depth === path.length - 1) return offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
    } else return offset;
    if (!isNode(node) || node.range === undefined || node.range === null) return offset;
    offset = node.range[0];
  }
  return offset;
}

/**
 * The place where the text nests far deeper than the limit, found before it is parsed: a parser that recurses would otherwise be brought down by a megabyte of
 * brackets. A coarse count of open brackets and of dashes at the beginning of a line; the exact limit is checked on the tree.
 */
function nestedTooDeep(text: string): { line: number; column: number } | null {
  // Brackets in quoted text are counted too: four times the limit leaves them room.
  const flowLimit = nestingLimit * 4;
  let flow = 0;
  let line = 1;
  let column = 0;
  let dashes = 0;
  let atStart = true;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    column += 1;
    if (character === '\n') {
      line += 1;
      column = 0;
      dashes = 0;
      atStart = true;
      continue;
    }
    if (character === '[' || character === '{') flow += 1;
    else if (character === ']' || character === '}') flow = Math.max(0, flow - 1);
    if (atStart && (character === '-' || character === '?') && ' \t\n'.includes(text[index + 1] ?? '\n')) dashes += 1;
    else if (character !== ' ' && character !== '\t') atStart = false;
    if (flow > flowLimit || dashes > nestingLimit) return { line, column };
  }
  return null;
}
