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
import { readPlainYaml, type PlainYaml } from './plain-yaml.js';
import { shapeProblems } from './shape-problems.js';

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
  // Of two entries of one id nobody could say which is meant.
  const first = new Map<string, string>();
  const once = ({ id }: { readonly id: string }, where: string): void => {
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, where);
    else problems.push(dictionaryProblem(where, 'id-in-two-places', { id, first: earlier }));
  };
  for (const file of files) {
    for (const { kind, data, at } of readFile(file, problems)) {
      const take = <T extends { readonly id: string }>(taken: T[], key: string, entries: readonly T[]): void => {
        for (const [index, entry] of entries.entries()) once(entry, at([key, index, 'id']));
        taken.push(...entries);
      };
      if (kind === 'concepts') take(parts.concepts, kind, (data as z.infer<typeof kinds.concepts>).concepts);
      else if (kind === 'elements') take(parts.elements, kind, (data as z.infer<typeof kinds.elements>).elements);
      else if (kind === 'valueDomains') take(parts.valueDomains, kind, (data as z.infer<typeof kinds.valueDomains>).valueDomains);
      else if (kind === 'codeList') {
        const { definition, isSupplied, problems: supplying } = (data as z.infer<typeof kinds.codeList>).codeList(supplied);
        const where = at(['codeList', 'entriesFrom']);
        problems.push(...supplying.map((reason) => dictionaryProblem(where, 'supplied-entries', { reason })));
        once(definition, at(['codeList', 'id']));
        codeLists.push(definition);
        if (!isSupplied) notLoaded.push(definition.id);
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
    problems.push(dictionaryProblem(file.path, 'file-large', { limit: fileBytesMax }));
    return [];
  }
  const { documents, faults } = readPlainYaml(file);
  for (const { line, column, kind, detail } of faults) {
    const values = { detail: detail === '' ? '' : ` (${detail.slice(0, 200)})` };
    problems.push(dictionaryProblem(`${file.path}:${line}:${column}`, `yaml-${kind}`, values));
  }
  if (documents.length === 0 && faults.length === 0) problems.push(noKind(`${file.path}:1:1`));
  return documents.flatMap((document) => readDocument(file.path, document, problems));
}

function noKind(where: string): DictionaryProblem {
  return dictionaryProblem(where, 'no-kind', { kinds: Object.keys(kinds).join(', ') });
}

function readDocument(path: string, { value, place }: PlainYaml, problems: DictionaryProblem[]): ReadFile[] {
  const at = (steps: readonly PropertyKey[]): string => {
    const { line, column } = place(steps);
    return `${path}:${line}:${column}`;
  };
  const isBlock = typeof value === 'object' && value !== null && !Array.isArray(value);
  const kind = (Object.keys(kinds) as (keyof typeof kinds)[]).find((key) => isBlock && Object.hasOwn(value, key));
  if (kind === undefined) {
    problems.push(noKind(at([])));
    return [];
  }
  const parsed = kinds[kind].safeParse(value);
  if (parsed.success) return [{ kind, data: parsed.data, at }];
  problems.push(...shapeProblems(kinds[kind], value, at));
  return [];
}
