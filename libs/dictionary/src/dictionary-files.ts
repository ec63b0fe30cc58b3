import { z } from 'zod';
import { codeListFile, type SuppliedEntries } from './code-list-file.js';
import { DictionaryError, type DictionaryProblem } from './dictionary-error.js';
import { dictionaryProblem } from './dictionary-problem-text.js';
import {
  conceptEntry,
  elementEntry,
  valueDomainEntry,
  type CodeListDefinition,
  type Concept,
  type ElementEntry,
  type ValueDomain,
} from './entry.js';
import { readPlainYaml, type PlainYaml, type YamlFault } from './plain-yaml.js';

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

const fileBytesMax = 1024 * 1024;

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
    for (const { kind, data, at } of readFile(file, problems)) {
      if (kind === 'concepts') parts.concepts.push(...(data as z.infer<typeof kinds.concepts>).concepts);
      else if (kind === 'elements') parts.elements.push(...(data as z.infer<typeof kinds.elements>).elements);
      else if (kind === 'valueDomains') parts.valueDomains.push(...(data as z.infer<typeof kinds.valueDomains>).valueDomains);
      else if (kind === 'codeList') {
        const { definition, problems: supplying } = (data as z.infer<typeof kinds.codeList>).codeList(supplied);
        const where = at(['codeList', 'entriesFrom']);
        problems.push(...supplying.map((reason) => dictionaryProblem(where, 'supplied-entries', { reason })));
        codeLists.push(definition);
        if (definition.entries.length === 0) notLoaded.push(definition.id);
      }
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

function readFile(file: DictionaryFile, problems: DictionaryProblem[]): ReadFile[] {
  if (Buffer.byteLength(file.text) > fileBytesMax) {
    problems.push({ where: file.path, what: `the file is larger than ${fileBytesMax} bytes` });
    return [];
  }
  const { documents, faults } = readPlainYaml(file);
  for (const { line, column, kind, detail } of faults) {
    problems.push({
      where: `${file.path}:${line}:${column}`,
      what: `${faultText[kind]}${detail === '' ? '' : ` (${detail.slice(0, 200)})`}`,
    });
  }
  if (documents.length === 0 && faults.length === 0) problems.push({ where: `${file.path}:1:1`, what: noneOfKinds });
  return documents.flatMap((document) => readDocument(file.path, document, problems));
}

const noneOfKinds = `the file holds none of ${Object.keys(kinds).join(', ')}`;
const faultText: Readonly<Record<YamlFault['kind'], string>> = {
  'too-deep': 'nested too deep',
  syntax: 'not YAML',
  anchor: 'anchors and aliases are not accepted',
  tag: 'tags are not accepted',
  text: 'the text holds NUL or is not valid Unicode',
  number: 'the number would be rounded: write it in quotes where text is meant',
};

function readDocument(path: string, { value, place }: PlainYaml, problems: DictionaryProblem[]): ReadFile[] {
  const at = (steps: readonly PropertyKey[]): string => {
    const { line, column } = place(steps);
    return `${path}:${line}:${column}`;
  };
  const isBlock = typeof value === 'object' && value !== null && !Array.isArray(value);
  const kind = (Object.keys(kinds) as (keyof typeof kinds)[]).find((key) => isBlock && Object.hasOwn(value, key));
  if (kind === undefined) {
    problems.push({ where: at([]), what: noneOfKinds });
    return [];
  }
  const parsed = kinds[kind].safeParse(value);
  if (parsed.success) return [{ kind, data: parsed.data, at }];
  for (const issue of parsed.error.issues) problems.push({ where: at(issue.path), what: `${issue.path.join('.')}: ${issue.message}` });
  return [];
}
