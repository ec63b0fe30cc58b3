import type { DictionaryContent } from '@truc/dictionary';
import { dictionary, planned, withDictionary } from './apply.test-data.js';
import { proposalChanges, releaseOfProposal } from './dictionary-proposal.js';
import type { AppliedState } from './plan-apply.js';

/** The shipped dictionary as a platform stored it that knew neither dates that follow each other nor units within others, in words that had no defaults yet. */
function storedBefore(): AppliedState {
  const { content } = withDictionary.release!;
  const without = (entry: object, ...fields: string[]): object =>
    Object.fromEntries(Object.entries(entry).filter(([name]) => !fields.includes(name)));
  const raised = new Set(content.elements.flatMap(({ id, notBefore }) => (notBefore.length > 0 ? [id] : [])));
  const stored = {
    concepts: content.concepts.map((concept) => without(concept, 'tier', 'steward')),
    elements: content.elements.map((element) => ({
      ...without(element, 'tier', 'steward', 'notBefore', 'authoritativeDataset'),
      ...(element.authoritativeDataset === null ? {} : { authoritativeDataset: element.authoritativeDataset }),
      version: raised.has(element.id) ? '1.0.0' : element.version,
    })),
    valueDomains: content.valueDomains.map((domain) => without(domain, 'tier', 'steward')),
    // Entries came in the order of their file.
    codeLists: content.codeLists.map((list) => ({
      ...without(list, 'tier', 'steward'),
      entries: list.entries.map((entry) => without(entry, 'supersededBy', 'parent')).toReversed(),
    })),
  };
  return { documents: [], release: { number: 1, content: stored as unknown as DictionaryContent } };
}

describe('the shipped dictionary over a store of before', () => {
  const before = storedBefore();
  const { proposed } = planned(dictionary, before);
  const { content } = withDictionary.release!;

  it('proposes what means something else, under its new version, and nothing else', () => {
    const changes = proposalChanges(before.release!, proposed!.changes);
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.map(({ id }) => id)).toEqual(
      content.elements.flatMap(({ id, notBefore }) => (notBefore.length > 0 ? [id] : [])).toSorted(),
    );
    for (const { fields, version } of changes) {
      expect([...fields].sort()).toEqual(['notBefore', 'version']);
      expect(version.before).not.toBe(version.after);
    }
  });

  it('may be approved, and is no change from then on', () => {
    const ground = { current: before.release!, base: before.release!, documents: [], today: '2026-06-01' };
    const { next, problems } = releaseOfProposal(proposed!.changes, ground);
    expect(problems).toEqual([]);
    const after: AppliedState = { documents: [], release: { number: 2, content: next!.content } };
    expect(planned(dictionary, after)).toMatchObject({ proposed: null, newRelease: null });
  });
});
