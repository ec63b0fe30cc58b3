import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type Document,
  type Node,
  type YAMLMap,
} from 'yaml';
import { messageOf } from '@truc/kernel';
import { nestedTooDeep, nestingLimit } from './yaml-nesting.js';
import { yamlSyntaxVietnamese } from './yaml-syntax-text.js';

/** From 1; the column in characters. */
export interface YamlPlace {
  readonly line: number;
  readonly column: number;
}

/** Why a text is not plain YAML, at its place. `detail` is the anchor, the tag, the number, the limit, or what the parser says. */
export interface YamlFault extends YamlPlace {
  readonly kind: 'too-deep' | 'syntax' | 'anchor' | 'tag' | 'text' | 'number';
  readonly detail: string;
  /** The same in Vietnamese, where it is a sentence. */
  readonly detailVi?: string;
}

export type YamlPath = readonly PropertyKey[];

/** One document of a text: its plain value, and the place of anything in it. */
export interface PlainYaml {
  readonly value: unknown;
  /** The place of what stands at `path`, or of the nearest thing around it that exists; `key` is the place of the field's name. */
  place(path: YamlPath, of?: 'key' | 'value'): YamlPlace;
}

export interface YamlReading {
  /** Without those that are not plain, and those that say nothing. */
  readonly documents: readonly PlainYaml[];
  readonly faults: readonly YamlFault[];
}

const known = new WeakMap<object, YamlReading>();

/**
 * Reads every document of a file's text: maps, lists and scalars, and nothing that means something else than it says. Anchors, aliases, tags, names given twice, numbers that a computer's
 * would round, NUL and endless nesting are faults and their document is left out. Never throws. The text is gone through once for each file object, however often it is asked for.
 */
export function readPlainYaml(file: { readonly text: string }): YamlReading {
  const found = known.get(file);
  if (found !== undefined) return found;
  const reading = read(file.text);
  known.set(file, reading);
  return reading;
}

function read(text: string): YamlReading {
  const deep = nestedTooDeep(text);
  if (deep !== null) return { documents: [], faults: [{ ...deep, kind: 'too-deep', detail: String(nestingLimit) }] };
  const lines = new LineCounter();
  const faults: YamlFault[] = [];
  try {
    // Names that are given twice are looked for below: the parser compares each with all others of its map.
    const options = { lineCounter: lines, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const;
    const documents = [...parseAllDocuments(text, options)].flatMap((document) => plainDocument(document, lines, faults));
    return { documents, faults };
  } catch (error) {
    return { documents: [], faults: [{ line: 1, column: 1, kind: 'syntax', detail: messageOf(error) }] };
  }
}

function plainDocument(document: Document, lines: LineCounter, faults: YamlFault[]): PlainYaml[] {
  const at = (offset: number): YamlPlace => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const before = faults.length;
  const tell = (offset: number, kind: YamlFault['kind'], detail: string, detailVi?: string): void =>
    void faults.push({ ...at(offset), kind, detail, ...(detailVi === undefined ? {} : { detailVi }) });
  for (const error of document.errors) tell(error.pos[0], 'syntax', error.message, yamlSyntaxVietnamese(error));
  const { yaml } = document.directives ?? {};
  if (yaml?.explicit === true && yaml.version !== '1.2')
    tell(
      0,
      'syntax',
      `YAML ${yaml.version} reads some texts otherwise: leave out the directive`,
      `YAML ${yaml.version} đọc một số văn bản theo cách khác: hãy bỏ chỉ thị này`,
    );
  visit(document, {
    Node: (_, node, ancestors) => {
      const offset = node.range?.[0] ?? 0;
      if (isAlias(node)) tell(offset, 'anchor', `*${node.source}`);
      else if (node.anchor !== undefined) tell(offset, 'anchor', `&${node.anchor}`);
      else if (node.tag !== undefined && document.errors.length === 0) tell(offset, 'tag', node.tag);
      const problem = isScalar(node) ? scalarProblem(node.value) : null;
      if (problem !== null) tell(offset, problem, isScalar(node) ? (node.source ?? '') : '');
      if (isMap(node)) {
        for (const [name, place] of namesTwice(node))
          tell(place ?? offset, 'syntax', `the name ${name} is given twice`, `tên ${name} bị ghi hai lần`);
      }
      if (isCollection(node) && ancestors.filter(isCollection).length >= nestingLimit) {
        tell(offset, 'too-deep', String(nestingLimit));
        return visit.BREAK;
      }
      return undefined;
    },
  });
  if (faults.length > before) return [];
  const value: unknown = document.toJS({ maxAliasCount: 0 });
  // Only comments, or nothing between two separators.
  if (value === null || value === undefined) return [];
  const contents = document.contents as Node | null;
  return [{ value, place: (path, of = 'value') => at(offsetAt(contents, path, of)) }];
}

function scalarProblem(value: unknown): 'text' | 'number' | null {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed() ? 'text' : null;
  if (typeof value !== 'number') return null;
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)) ? null : 'number';
}

function nameOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function namesTwice(map: YAMLMap): [string, number | undefined][] {
  const names = new Set<string>();
  return map.items.flatMap((pair): [string, number | undefined][] => {
    const { key } = pair;
    const name = nameOf(key);
    if (names.size !== names.add(name).size) return [];
    return [[name, isNode(key) ? key.range?.[0] : undefined]];
  });
}

function offsetAt(contents: Node | null, path: YamlPath, of: 'key' | 'value'): number {
  let node: unknown = contents;
  let offset = contents?.range?.[0] ?? 0;
  for (const [depth, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && nameOf(item.key) === String(step));
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
