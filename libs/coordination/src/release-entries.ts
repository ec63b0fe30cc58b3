import { createRelease, type CodeList, type CodeListEntry, type DictionaryRelease } from '@truc/dictionary';
import { codeListPartKey, definitionsKey, policyKey, type DictionaryManifest, type PolicyEntry } from './policy.js';
import { digestOfItems, partKeysOf, type ReleasePart } from './release-parts.js';

type CodeListPart = Extract<ReleasePart, { kind: 'codelist' }>;
type CodeTuple = CodeListPart['entries'][number];

/** Entries of one part of a code list: about 30 KiB, and with the longest codes far below what a topic takes. What is changed in a list in its place, or added at its end, is one part of it. */
export const entriesPerPart = 1000;

/** Elements or value domains of one part: about 60 KiB. */
export const definitionsPerPart = 100;

/** A release for the policy topic: its parts, and the manifest, which is published last. Releases have the same parts where they hold the same. */
export function releaseToEntries(release: DictionaryRelease): (ReleasePart | DictionaryManifest)[] {
  const parts = new Map<string, ReleasePart>();
  const put = (part: ReleasePart): string => {
    parts.set(policyKey(part), part);
    return part.digest;
  };
  const definitions = (all: readonly unknown[]): string[] =>
    inParts(all, definitionsPerPart).map((some) => put({ kind: 'definitions', digest: digestOfItems(some), definitions: some }));
  // An element goes back into the shape in which it is written down.
  const elements = definitions(release.elements().map(({ urn, field: _field, ...rest }) => ({ id: urn, ...rest })));
  const valueDomains = definitions(release.valueDomains());
  const codeLists = release.codeLists().map((list) => {
    const { urn: id, open } = list;
    const tuples = inParts(list.entries().map(entryTuple), entriesPerPart);
    return { id, open, parts: tuples.map((some) => put({ kind: 'codelist', id, digest: digestOfItems(some), entries: some })) };
  });
  return [...parts.values(), { kind: 'dictionary', release: release.number, elements, valueDomains, codeLists }];
}

/** A release as the policy has it. */
export type ReleaseReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'whole'; readonly release: DictionaryRelease }
  /** Its manifest is there, and of what it refers to these keys are not. It is not used, nor is an earlier release in its place. */
  | { readonly kind: 'incomplete'; readonly number: number; readonly missing: readonly string[] };

/**
 * Reads a release.
 * @param number the release wanted; without it the latest
 * @throws DictionaryError DICTIONARY_RELEASE_INVALID
 */
export function readRelease(entries: Iterable<PolicyEntry>, number?: number): ReleaseReading {
  const parts = new Map<string, ReleasePart>();
  let manifest: DictionaryManifest | null = null;
  for (const entry of entries) {
    if (entry.kind === 'definitions' || entry.kind === 'codelist') parts.set(policyKey(entry), entry);
    if (entry.kind !== 'dictionary' || (number !== undefined && entry.release !== number)) continue;
    if (manifest === null || entry.release > manifest.release) manifest = entry;
  }
  if (manifest === null) return { kind: 'none' };
  const missing = partKeysOf(manifest).filter((key) => !parts.has(key));
  if (missing.length > 0) return { kind: 'incomplete', number: manifest.release, missing };
  const definitionsOf = (digests: readonly string[]): unknown[] =>
    digests.flatMap((digest) => {
      const part = parts.get(definitionsKey(digest));
      return part?.kind === 'definitions' ? part.definitions : [];
    });
  const lists = manifest.codeLists.map(({ id, open, parts: digests }) => {
    const own = digests.flatMap((digest) => {
      const part = parts.get(codeListPartKey(id, digest));
      return part?.kind === 'codelist' ? [part] : [];
    });
    return { id, open, parts: own, known: knownList(open, own) };
  });
  const release = createRelease({
    number: manifest.release,
    elements: definitionsOf(manifest.elements),
    valueDomains: definitionsOf(manifest.valueDomains),
    codeLists: lists.map(
      ({ id, open, parts: own, known }) => known ?? { id, open, entries: own.flatMap((part) => part.entries.map(entryOfTuple)) },
    ),
  });
  for (const { id, open, parts: own } of lists) remember(open, own, release.codeList(id));
  return { kind: 'whole', release };
}

/** Lists by the first of the parts that they were made of: what releases share is held once, as long as the parts are. */
const made = new WeakMap<CodeListPart, { readonly open: boolean; readonly parts: readonly CodeListPart[]; readonly list: CodeList }>();

function knownList(open: boolean, parts: readonly CodeListPart[]): CodeList | null {
  const known = parts[0] === undefined ? undefined : made.get(parts[0]);
  if (known === undefined || known.open !== open || known.parts.length !== parts.length) return null;
  return known.parts.every((part, index) => part === parts[index]) ? known.list : null;
}

function remember(open: boolean, parts: readonly CodeListPart[], list: CodeList | null): void {
  if (parts[0] !== undefined && list !== null) made.set(parts[0], { open, parts, list });
}

/** As {@link readRelease}, for those who have nothing to say of a release that is not whole: null. @throws DictionaryError DICTIONARY_RELEASE_INVALID */
export function releaseFromEntries(entries: Iterable<PolicyEntry>, number?: number): DictionaryRelease | null {
  const reading = readRelease(entries, number);
  return reading.kind === 'whole' ? reading.release : null;
}

function inParts<T>(all: readonly T[], count: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / count) }, (_, part) => all.slice(part * count, (part + 1) * count));
}

/** No longer than it has to be: lists have ten thousand entries. */
function entryTuple({ code, validFrom, validTo, supersededBy, parent }: CodeListEntry): CodeTuple {
  if (parent !== null) return [code, validFrom, validTo, supersededBy, parent];
  return supersededBy === null ? [code, validFrom, validTo] : [code, validFrom, validTo, supersededBy];
}

function entryOfTuple([code, validFrom, validTo, supersededBy = null, parent]: CodeTuple): object {
  return { code, validFrom, validTo, supersededBy, parent: parent ?? null };
}
