import { policyKey, releaseOf, releaseToEntries, type PolicyEntry } from '@truc/coordination';
import type { CoordinationStore, DictionaryReleaseRow } from '@truc/coordination-store';
import type { DictionaryContent, DictionaryRelease } from '@truc/dictionary';

/** A stored release as libs/coordination knows it. */
export function storedReleaseOf({ number, content }: DictionaryReleaseRow): { number: number; content: DictionaryContent } {
  return { number, content: content as DictionaryContent };
}

/**
 * Releases as the policy carries them. A release never changes, and can be megabytes: each is read and checked once, and not at every publication. What releases have in
 * common is kept once.
 */
export class PublishedReleases {
  readonly #store: Pick<CoordinationStore, 'releaseNumbers' | 'release'>;
  readonly #read = new Set<number>();
  readonly #entries = new Map<string, PolicyEntry>();
  #latest: DictionaryRelease | null = null;

  constructor(store: Pick<CoordinationStore, 'releaseNumbers' | 'release'>) {
    this.#store = store;
  }

  /** The latest release, and the entries of all of them: events name the release that they were judged by, so they stay, and what they refer to stays with them. @throws DictionaryError */
  async read(): Promise<{ readonly latest: DictionaryRelease | null; readonly entries: readonly PolicyEntry[] }> {
    for (const number of await this.#store.releaseNumbers()) {
      if (this.#read.has(number)) continue;
      const row = await this.#store.release(number);
      if (row === null) continue;
      const release = releaseOf(storedReleaseOf(row));
      for (const entry of releaseToEntries(release)) {
        const key = policyKey(entry);
        if (!this.#entries.has(key)) this.#entries.set(key, entry);
      }
      this.#read.add(number);
      if (number > (this.#latest?.number ?? 0)) this.#latest = release;
    }
    return { latest: this.#latest, entries: [...this.#entries.values()] };
  }
}
