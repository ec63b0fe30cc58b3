import { createRelease, type CodeListDefinition, type DictionaryContent } from '@truc/dictionary';
import { withDictionary } from './apply.test-data.js';
import { releaseOf } from './dictionary-content.js';
import { policyEntry, policyKey, type PolicyEntry } from './policy.js';
import { entriesPerPart, readRelease, releaseFromEntries, releaseToEntries } from './release-entries.js';
import { hasOwnDigest } from './release-parts.js';

const { content } = withDictionary.release!;
const communes: CodeListDefinition['entries'] = Array.from({ length: 3321 }, (_, index) => ({
  code: String(index).padStart(5, '0'),
  label: { vi: `Xã ${index}`, en: `Commune ${index}` },
  validFrom: '2025-07-01',
  validTo: null,
  supersededBy: null,
  parent: '01',
}));
const isCommune = ({ id }: CodeListDefinition): boolean => id === 'urn:vn:ddict:codelist:commune';
const withCommunes = (entries: CodeListDefinition['entries']): DictionaryContent => ({
  ...content,
  codeLists: content.codeLists.map((list) => (isCommune(list) ? { ...list, entries } : list)),
});
const first = createRelease({ number: 1, ...withCommunes(communes) });
/** As they come from a topic. */
const read = (entries: readonly PolicyEntry[]): PolicyEntry[] =>
  entries.map((entry) => policyEntry.parse(JSON.parse(JSON.stringify(entry))));
const entries = read(releaseToEntries(first));
const bytesOf = (some: readonly PolicyEntry[]): number => Buffer.byteLength(some.map((entry) => JSON.stringify(entry)).join(''));

describe('a release on the policy topic', () => {
  it('is put together again as it was, whatever the order of its parts', () => {
    expect(entries.at(-1)?.kind).toBe('dictionary');
    for (const some of [entries, entries.toReversed()]) {
      const again = releaseFromEntries(some);
      expect(again?.elements()).toEqual(first.elements());
      expect(again?.valueDomains()).toEqual(first.valueDomains());
      expect(again?.codeLists().map(({ urn, open }) => [urn, open])).toEqual(first.codeLists().map(({ urn, open }) => [urn, open]));
      const strip = (list: { entries(): readonly object[] } | null | undefined) =>
        list?.entries().map((entry) => ({ ...entry, label: null }));
      for (const { urn } of first.codeLists()) expect(strip(again?.codeList(urn))).toEqual(strip(first.codeList(urn)));
    }
  });

  it('costs in proportion to what it changes', () => {
    const known = new Set(entries.map(policyKey));
    const added = (next: DictionaryContent): PolicyEntry[] =>
      releaseToEntries(createRelease({ number: 2, ...next })).filter((entry) => !known.has(policyKey(entry)));
    expect(added(withCommunes(communes)).map(({ kind }) => kind)).toEqual(['dictionary']);
    expect(bytesOf(added(withCommunes(communes)))).toBeLessThan(bytesOf(entries) / 20);
    const ended = communes.map((entry, index): CodeListDefinition['entries'][number] =>
      index === 3000 ? { ...entry, validTo: '2026-12-31' } : entry,
    );
    const one = added(withCommunes(ended));
    expect(one.map(({ kind }) => kind)).toEqual(['codelist', 'dictionary']);
    expect(one[0]).toMatchObject({ id: 'urn:vn:ddict:codelist:commune' });
    expect(one[0]?.kind === 'codelist' && one[0].entries.length).toBe(communes.length % entriesPerPart);
    const [element, ...others] = content.elements;
    const relabelled = { ...element!, version: '9.0.0', label: { vi: 'khác', en: 'other' } };
    expect(added({ ...withCommunes(communes), elements: [relabelled, ...others] }).map(({ kind }) => kind)).toEqual([
      'definitions',
      'dictionary',
    ]);
  });

  it('is made of what another release was made of, where they have it in common', () => {
    const [one, again] = [releaseFromEntries(entries), releaseFromEntries(entries)];
    for (const list of one?.codeLists() ?? []) if (list.size > 0) expect(again?.codeList(list.urn)).toBe(list);
    const ended = communes.map((entry, index) => (index === 0 ? { ...entry, validTo: '2026-12-31' as string | null } : entry));
    const next = read(releaseToEntries(createRelease({ number: 2, ...withCommunes(ended) })));
    // As they are folded: what is there already is the entry that was there.
    const known = new Map(entries.map((entry) => [policyKey(entry), entry]));
    const both = [...entries, ...next.filter((entry) => !known.has(policyKey(entry)))];
    const [sex, commune] = ['sex', 'commune'].map((name) => `urn:vn:ddict:codelist:${name}`) as [string, string];
    const later = releaseFromEntries(both);
    expect(later?.number).toBe(2);
    expect(later?.codeList(sex)).toBe(one?.codeList(sex));
    expect([one, later].map((release) => release?.codeList(commune)?.isValid('00000', '2027-01-01'))).toEqual([true, false]);
  });

  it('is not used while any part of it is missing, nor is an earlier one in its place', () => {
    const next = read(releaseToEntries(createRelease({ number: 2, ...withCommunes(communes.slice(1)) })));
    const both = [...entries, ...next];
    expect(releaseFromEntries(both)?.number).toBe(2);
    const own = next.filter((entry) => entry.kind !== 'dictionary' && !entries.some((old) => policyKey(old) === policyKey(entry)));
    expect(own.length).toBeGreaterThan(0);
    for (const part of own) {
      const without = both.filter((entry) => entry !== part);
      expect(readRelease(without)).toEqual({ kind: 'incomplete', number: 2, missing: [policyKey(part)] });
      expect(releaseFromEntries(without)).toBeNull();
      // The release before it is as whole as it was: rows that name it are judged by it.
      expect(releaseFromEntries(without, 1)?.number).toBe(1);
    }
    for (const part of entries.slice(0, -1)) expect(readRelease(entries.filter((entry) => entry !== part)).kind).toBe('incomplete');
    expect(readRelease(entries, 2)).toEqual({ kind: 'none' });
    expect(readRelease([])).toEqual({ kind: 'none' });
  });

  it('stands under digests that are still its own when it was read, and nobody else’s', () => {
    for (const entry of entries) expect(hasOwnDigest(entry)).toBe(true);
    const [part] = entries.filter(({ kind }) => kind === 'codelist');
    expect(part?.kind === 'codelist' && hasOwnDigest({ ...part, entries: part.entries.slice(1) })).toBe(false);
    const [some] = entries.filter(({ kind }) => kind === 'definitions');
    expect(some?.kind === 'definitions' && hasOwnDigest({ ...some, definitions: [] })).toBe(false);
  });

  it('has no part for a list that the steward has not supplied yet', () => {
    const manifest = releaseToEntries(releaseOf({ number: 1, content })).at(-1);
    const list = manifest?.kind === 'dictionary' ? manifest.codeLists.find(({ id }) => id === 'urn:vn:ddict:codelist:commune') : null;
    expect(list).toEqual({ id: 'urn:vn:ddict:codelist:commune', open: true, parts: [] });
  });
});
