import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { DictionaryError } from './dictionary-error.js';
import {
  codeListDefinition,
  conceptEntry,
  elementEntry,
  valueDomainEntry,
  type CodeListDefinition,
  type Concept,
  type ElementEntry,
  type ValueDomain,
} from './entry.js';

/** A whole dictionary as it is written down and stored with its release, or some entries of one. Every list is in the order of its ids. */
export interface DictionaryContent {
  readonly concepts: readonly Concept[];
  readonly elements: readonly ElementEntry[];
  readonly valueDomains: readonly ValueDomain[];
  readonly codeLists: readonly CodeListDefinition[];
}

export const contentParts = ['concepts', 'elements', 'valueDomains', 'codeLists'] as const;
export type ContentPart = (typeof contentParts)[number];
export type DictionaryEntry = DictionaryContent[ContentPart][number];

export const emptyContent: DictionaryContent = { concepts: [], elements: [], valueDomains: [], codeLists: [] };

const dictionaryContent = z.strictObject({
  concepts: z.array(conceptEntry),
  elements: z.array(elementEntry),
  valueDomains: z.array(valueDomainEntry),
  codeLists: z.array(codeListDefinition),
});

/**
 * Reads what was stored: what was written before a field was known has its default, so that two contents compare by what they say.
 * @throws DictionaryError DICTIONARY_RELEASE_INVALID
 */
export function parseContent(stored: unknown): DictionaryContent {
  const parsed = dictionaryContent.safeParse(stored);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => ({ where: path.join('.') || 'content', what: message }));
  throw new DictionaryError('DICTIONARY_RELEASE_INVALID', problems);
}

/** What `next` names replaces what had the same id; the rest of `old` stays. */
export function mergeContent(old: DictionaryContent, next: DictionaryContent): DictionaryContent {
  const byId = <T extends { readonly id: string }>(before: readonly T[], after: readonly T[]): T[] =>
    [...new Map([...before, ...after].map((entry) => [entry.id, entry])).values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    concepts: byId(old.concepts, next.concepts),
    elements: byId(old.elements, next.elements),
    valueDomains: byId(old.valueDomains, next.valueDomains),
    codeLists: byId(old.codeLists, next.codeLists),
  };
}

/** The entries of `next` that `old` does not have as they are. Entries are never removed, so that is all there is between two releases. */
export function changedEntries(old: DictionaryContent, next: DictionaryContent): DictionaryContent {
  const changed = <T extends { readonly id: string }>(before: readonly T[], after: readonly T[]): T[] => {
    const known = new Map(before.map((entry) => [entry.id, entry]));
    return after.filter((entry) => !isDeepStrictEqual(known.get(entry.id), entry));
  };
  return {
    concepts: changed(old.concepts, next.concepts),
    elements: changed(old.elements, next.elements),
    valueDomains: changed(old.valueDomains, next.valueDomains),
    codeLists: changed(old.codeLists, next.codeLists),
  };
}

export function entriesOf(content: DictionaryContent): readonly DictionaryEntry[] {
  return contentParts.flatMap((part): readonly DictionaryEntry[] => content[part]);
}

export function isEmptyContent(content: DictionaryContent): boolean {
  return contentParts.every((part) => content[part].length === 0);
}

/** The agency that keeps an entry: its steward; where none is named, the one agency whose datum an element is; null is the dictionary authority. */
export function stewardOf(entry: DictionaryEntry): string | null {
  if (entry.steward !== null || !('authoritativeSource' in entry)) return entry.steward;
  return entry.authoritativeSource.endsWith('*') ? null : entry.authoritativeSource;
}
