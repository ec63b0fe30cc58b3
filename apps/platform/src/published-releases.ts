import { releaseOf, releaseToEntries, type PolicyEntry } from '@truc/coordination';
import type { CoordinationStore, DictionaryReleaseRow } from '@truc/coordination-store';
import type { DictionaryContent, DictionaryRelease } from '@truc/dictionary';

/** A stored release as libs/coordination knows it. */
export function storedReleaseOf({ number, content }: DictionaryReleaseRow): { number: number; content: DictionaryContent } {
  return { number, content: content as DictionaryContent };
}

/** Releases as the policy carries them. A release never changes, and can be megabytes: each is read and checked once, and not at every publication. */
export class PublishedReleases {
  readonly #store: Pick<CoordinationStore, 'releaseNumbers' | 'release'>;
  readonly #entries = new Map<number, readonly PolicyEntry[]>();
  #latest: DictionaryRelease | null = null;

  constructor(store: Pick<CoordinationStore, 'releaseNumbers' | 'release'>) {
    this.#store = store;
  }

  /** The latest release, and the entries of those before it: events name the release that they were judged by, so they stay. @throws DictionaryError */
  async read(): Promise<{ readonly latest: DictionaryRelease | null; readonly earlier: readonly PolicyEntry[] }> {
    const numbers = await this.#store.releaseNumbers();
    for (const number of numbers) {
      if (this.#entries.has(number)) continue;
      const row = await this.#store.release(number);
      if (row === null) continue;
      const release = releaseOf(storedReleaseOf(row));
      this.#entries.set(number, releaseToEntries(release));
      if (number > (this.#latest?.number ?? 0)) this.#latest = release;
    }
    return { latest: this.#latest, earlier: numbers.slice(0, -1).flatMap((number) => this.#entries.get(number) ?? []) };
  }
}
