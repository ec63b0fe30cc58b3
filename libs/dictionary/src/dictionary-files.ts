import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { codeListFile, type SuppliedEntries } from './code-list-file.js';
import { DictionaryError, type DictionaryProblem } from './dictionary-error.js';
import {
  conceptEntry,
  elementEntry,
  valueDomainEntry,
  type CodeListDefinition,
  type Concept,
  type ElementEntry,
  type ValueDomain,
} from './entry.js';

export interface DictionaryFile {
  readonly path: string;
  readonly text: string;
}

export interface DictionaryParts {
  readonly concepts: readonly Concept[];
  readonly elements: readonly ElementEntry[];
  readonly valueDomains: readonly ValueDomain[];
  readonly codeLists: readonly CodeListDefinition[];
  /** URNs of code lists whose entries the steward supplies and that were not supplied: they judge nothing. */
  readonly notLoaded: readonly string[];
}

const fileBytesMax = 4 * 1024 * 1024;

const bilingual = z.strictObject({ vi: z.string().min(1), en: z.string().min(1) });
const kinds = {
  concepts: z.strictObject({ concepts: z.array(conceptEntry) }),
  elements: z.strictObject({
    group: z.strictObject({ code: z.string().min(1), label: bilingual }).optional(),
    elements: z.array(elementEntry),
  }),
  valueDomains: z.strictObject({ valueDomains: z.array(valueDomainEntry) }),
  checkRules: z.strictObject({
    checkRules: z.array(z.strictObject({ name: z.string().min(1), version: z.string().min(1), description: z.string().min(1) })),
  }),
  codeList: z.strictObject({ codeList: codeListFile }),
};

/**
 * Reads the YAML of a dictionary (schemas/dictionary). A file says by its first key what it holds: concepts, elements, valueDomains, codeList or checkRules.
 * @param supplied entries of lists that name an outside file, as CSV text by the list's URN
 * @throws DictionaryError DICTIONARY_FILES_INVALID with every problem as file:line:column
 */
export function parseDictionaryFiles(files: readonly DictionaryFile[], supplied: SuppliedEntries = {}): DictionaryParts {
  const problems: DictionaryProblem[] = [];
  const parts = { concepts: [] as Concept[], elements: [] as ElementEntry[], valueDomains: [] as ValueDomain[] };
  const codeLists: CodeListDefinition[] = [];
  const notLoaded: string[] = [];
  for (const file of files) {
    const read = readFile(file, problems);
    if (read === null) continue;
    const { kind, data, at } = read;
    if (kind === 'concepts') parts.concepts.push(...(data as z.infer<typeof kinds.concepts>).concepts);
    else if (kind === 'elements') parts.elements.push(...(data as z.infer<typeof kinds.elements>).elements);
    else if (kind === 'valueDomains') parts.valueDomains.push(...(data as z.infer<typeof kinds.valueDomains>).valueDomains);
    else if (kind === 'codeList') {
      const { definition, problems: supplying } = (data as z.infer<typeof kinds.codeList>).codeList(supplied);
      const where = at(['codeList', 'entriesFrom']);
      problems.push(...supplying.map((what) => ({ where, what: `the supplied entries cannot be read: ${what}` })));
      codeLists.push(definition);
      if (definition.entries.length === 0) notLoaded.push(definition.id);
    }
  }
  if (problems.length > 0) throw new DictionaryError('DICTIONARY_FILES_INVALID', problems);
  return { ...parts, codeLists, notLoaded };
}

interface ReadFile {
  readonly kind: keyof typeof kinds;
  readonly data: unknown;
  readonly at: (path: readonly PropertyKey[]) => string;
}

function readFile(file: DictionaryFile, problems: DictionaryProblem[]): ReadFile | null {
  if (Buffer.byteLength(file.text) > fileBytesMax) {
    problems.push({ where: file.path, what: `the file is larger than ${fileBytesMax} bytes` });
    return null;
  }
  const lines = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: lines, uniqueKeys: true });
  const at = (path: readonly PropertyKey[]) => `${file.path}:${positionOf(document, path, lines)}`;
  if (document.errors.length > 0) {
    for (const error of document.errors) {
      const { line, col } = lines.linePos(error.pos[0]);
      problems.push({ where: `${file.path}:${line}:${col}`, what: error.message.split('\n')[0] ?? 'not YAML' });
    }
    return null;
  }
  const kind = (Object.keys(kinds) as (keyof typeof kinds)[]).find((key) => isMap(document.contents) && document.contents.has(key));
  if (kind === undefined) {
    problems.push({ where: at([]), what: `the file holds none of ${Object.keys(kinds).join(', ')}` });
    return null;
  }
  const parsed = kinds[kind].safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push({ where: at(issue.path), what: `${issue.path.join('.')}: ${issue.message}` });
    return null;
  }
  return { kind, data: parsed.data, at };
}

/** Line and column of the node at a path, or of the nearest one around it that is there. */
function positionOf(document: Document, path: readonly PropertyKey[], lines: LineCounter): string {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (!isNode(node) || !node.range) continue;
    const { line, col } = lines.linePos(node.range[0]);
    return `${line}:${col}`;
  }
  return '1:1';
}
