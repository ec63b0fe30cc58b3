import type { DictionaryReleaseRow } from '@truc/coordination-store';
import { emptyContent } from '@truc/dictionary';
import { PublishedReleases } from './published-releases.js';

describe('published releases', () => {
  it('are read once each, in the order of their numbers, and the latest is told apart', async () => {
    const rows: number[] = [];
    const read: number[] = [];
    const releases = new PublishedReleases({
      releaseNumbers: () => Promise.resolve([...rows]),
      release: (number) => {
        read.push(number);
        return Promise.resolve({ number, content: emptyContent } as DictionaryReleaseRow);
      },
    });
    expect(await releases.read()).toEqual({ latest: null, entries: [] });
    rows.push(1, 2);
    const second = await releases.read();
    expect([second.latest?.number, second.entries.map((entry) => entry.kind === 'dictionary' && entry.release)]).toEqual([2, [1, 2]]);
    rows.push(3);
    const third = await releases.read();
    expect([third.latest?.number, third.entries.map((entry) => entry.kind === 'dictionary' && entry.release)]).toEqual([3, [1, 2, 3]]);
    await releases.read();
    expect(read).toEqual([1, 2, 3]);
  });
});
