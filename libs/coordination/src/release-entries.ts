import { createRelease, type CodeListEntry, type DictionaryRelease } from '@truc/dictionary';
import type { PolicyEntry } from './policy.js';

type DictionaryEntry = Extract<PolicyEntry, { kind: 'dictionary' | 'codelist' }>;
type CodeListPart = Extract<PolicyEntry, { kind: 'codelist' }>;

/** Entries of one part of a code list: about 100 KiB, far below what a topic takes. */
export const entriesPerPart = 2000;

/** The parts of a release for the policy topic: code lists in parts, and the manifest, which is published last. */
export function releaseToEntries(release: DictionaryRelease): DictionaryEntry[] {
  const parts = release.codeLists().flatMap((list): CodeListPart[] => {
    const entries = list.entries().map(entryTuple);
    const count = Math.max(1, Math.ceil(entries.length / entriesPerPart));
    return Array.from({ length: count }, (_, part) => ({
      kind: 'codelist',
      release: release.number,
      id: list.urn,
      part,
      parts: count,
      open: list.open,
      entries: entries.slice(part * entriesPerPart, (part + 1) * entriesPerPart),
    }));
  });
  // An element goes back into the shape in which it is written down.
  const elements = release.elements().map(({ urn, field: _field, ...rest }) => ({ id: urn, ...rest }));
  const codeLists = release.codeLists().map(({ urn }) => urn);
  return [...parts, { kind: 'dictionary', release: release.number, elements, valueDomains: [...release.valueDomains()], codeLists }];
}

/**
 * Puts a release together again.
 * @param number the release wanted; without it the latest that is whole
 * @returns null where its manifest or one of its parts is not there (yet)
 * @throws DictionaryError DICTIONARY_RELEASE_INVALID
 */
export function releaseFromEntries(entries: Iterable<PolicyEntry>, number?: number): DictionaryRelease | null {
  const all = [...entries];
  const manifests = all
    .filter((entry) => entry.kind === 'dictionary')
    .filter(({ release }) => number === undefined || release === number)
    .toSorted((a, b) => b.release - a.release);
  for (const { release, elements, valueDomains, codeLists } of manifests) {
    const parts = all.filter((entry) => entry.kind === 'codelist').filter((part) => part.release === release);
    const definitions = codeLists.map((id) => codeListOf(id, parts));
    const whole = definitions.filter((definition) => definition !== null);
    if (whole.length === definitions.length) return createRelease({ number: release, elements, valueDomains, codeLists: whole });
  }
  return null;
}

function codeListOf(id: string, parts: readonly CodeListPart[]): object | null {
  const own = parts.filter((part) => part.id === id).toSorted((a, b) => a.part - b.part);
  const [first] = own;
  if (first === undefined || own.length < first.parts) return null;
  const entries = own.flatMap((part) =>
    part.entries.map(([code, validFrom, validTo, supersededBy = null, parent = null]) => ({
      code,
      validFrom,
      validTo,
      supersededBy,
      parent,
    })),
  );
  return { id, open: first.open, entries };
}

/** No longer than it has to be: lists have ten thousand entries. */
function entryTuple({ code, validFrom, validTo, supersededBy, parent }: CodeListEntry): CodeListPart['entries'][number] {
  if (parent !== null) return [code, validFrom, validTo, supersededBy, parent];
  return supersededBy === null ? [code, validFrom, validTo] : [code, validFrom, validTo, supersededBy];
}
