import { CodeList } from './code-list.js';
import { DictionaryError, type DictionaryProblem } from './dictionary-error.js';
import { dictionaryProblem } from './dictionary-problem-text.js';
import { canonicalFieldName, parseElementReference } from './element-name.js';
import {
  codeListDefinition,
  elementEntry,
  valueDomainEntry,
  type CodeListDefinition,
  type ElementEntry,
  type ValueDomain,
} from './entry.js';
import { boundProblems, type BoundedParts } from './release-bounds.js';
import { releaseProblems } from './release-problems.js';
import { shapeProblems } from './shape-problems.js';
import type { z } from 'zod';

/** An element of a release, with its one field name. `urn` has no version. */
export interface DataElement extends Omit<ElementEntry, 'id'> {
  readonly urn: string;
  readonly field: string;
}

/** A numbered, immutable release of the dictionary. Lookups by URN bear a version behind `@`, which they do not compare. */
export interface DictionaryRelease {
  readonly number: number;
  element(urn: string): DataElement | null;
  elementOfField(field: string): DataElement | null;
  elements(): readonly DataElement[];
  valueDomain(urn: string): ValueDomain | null;
  valueDomains(): readonly ValueDomain[];
  codeList(urn: string): CodeList | null;
  codeLists(): readonly CodeList[];
  /** Code lists without entries: rule V3 does not judge by them until the steward supplies them. */
  readonly notLoaded: readonly string[];
}

export interface ReleaseParts {
  readonly number: number;
  /** In the shapes of schemas/dictionary; checked here. */
  readonly elements: readonly unknown[];
  readonly valueDomains: readonly unknown[];
  /** Lists of another release may be among them as they are: they are not read again, and are held once. */
  readonly codeLists: readonly unknown[];
}

/** A release that is about to be made, on top of the one before it. */
export interface ReleaseMaking {
  readonly before: BoundedParts | null;
}

/**
 * Checks the parts one by one and as a whole.
 * @param making for a release that nobody has yet: its bounds are judged too. One that was made stays readable, whatever bounds came after it.
 * @throws DictionaryError DICTIONARY_RELEASE_INVALID with every problem
 */
export function createRelease(parts: ReleaseParts, making: ReleaseMaking | null = null): DictionaryRelease {
  const problems: DictionaryProblem[] = [];
  if (!Number.isInteger(parts.number) || parts.number < 1) problems.push(dictionaryProblem('number', 'release-number'));
  const entries = parseAll(elementEntry, parts.elements, 'element', problems);
  const domains = parseAll(valueDomainEntry, parts.valueDomains, 'value domain', problems);
  const lists = parts.codeLists.flatMap((list, index): (CodeList | CodeListDefinition)[] =>
    list instanceof CodeList ? [list] : parseAll(codeListDefinition, [list], 'code list', problems, index),
  );
  const known = new Set(lists.flatMap((list) => (list instanceof CodeList ? [list.definition] : [])));
  const definitions = lists.map((list) => (list instanceof CodeList ? list.definition : list));
  problems.push(...releaseProblems(entries, domains, definitions, known));
  if (making !== null) {
    problems.push(...boundProblems({ elements: entries, valueDomains: domains, codeLists: definitions }, making.before));
  }
  if (problems.length > 0) throw new DictionaryError('DICTIONARY_RELEASE_INVALID', problems);
  const codeLists = lists.map((list) =>
    list instanceof CodeList ? list : new CodeList(list.entries.length === 0 ? { ...list, open: true } : list),
  );
  return assemble(parts.number, entries, domains, codeLists);
}

function assemble(
  number: number,
  entries: readonly ElementEntry[],
  domains: readonly ValueDomain[],
  codeLists: readonly CodeList[],
): DictionaryRelease {
  const elements = entries.map(({ id, ...rest }): DataElement => ({ urn: id, field: canonicalFieldName(id), ...rest }));
  const elementByUrn = new Map(elements.map((element) => [element.urn, element]));
  const elementByField = new Map(elements.map((element) => [element.field, element]));
  const domainByUrn = new Map(domains.map((domain) => [domain.id, domain]));
  const listByUrn = new Map(codeLists.map((list) => [list.urn, list]));
  return {
    number,
    element: (urn) => elementByUrn.get(parseElementReference(urn).urn) ?? null,
    elementOfField: (field) => elementByField.get(field) ?? null,
    elements: () => elements,
    valueDomain: (urn) => domainByUrn.get(parseElementReference(urn).urn) ?? null,
    valueDomains: () => domains,
    codeList: (urn) => listByUrn.get(parseElementReference(urn).urn) ?? null,
    codeLists: () => codeLists,
    notLoaded: codeLists.filter((list) => list.size === 0).map((list) => list.urn),
  };
}

function parseAll<T extends z.ZodType>(
  shape: T,
  values: readonly unknown[],
  kind: string,
  problems: DictionaryProblem[],
  before = 0,
): z.infer<T>[] {
  return values.flatMap((value, index) => {
    const parsed = shape.safeParse(value);
    if (parsed.success) return [parsed.data];
    const id = (value as { id?: unknown } | null)?.id;
    const where = typeof id === 'string' ? id : `${kind} ${before + index + 1}`;
    problems.push(...shapeProblems(shape, value, () => where, kind));
    return [];
  });
}
