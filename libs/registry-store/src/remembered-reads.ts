import { ByteBoundedCache, type Clock } from '@truc/kernel';
import { RegistryRefusal } from '@truc/registry';
import { unavailable } from './database.js';

/** How long a read that has an answer in memory waits for the database, in milliseconds. */
const patienceMs = 1_000;
/** How long the database is not asked again after it did not answer, in milliseconds, where there is an answer in memory. */
const restMs = 1_000;

/** Says whether what an id means has changed since. */
export interface ReadFreshness {
  /** Equal to an earlier one: nothing has changed in between. Null while that is not known. */
  stamp(): number | null;
}

interface Answer<T> {
  readonly value: T;
  readonly stamp: number | null;
}

/**
 * Answers of the database. What an id means is given from memory while it is known to be as it was; everything else is always asked for, because other registries write too, and only while the database is away
 * is what was read before given in its place.
 * Bounded in bytes; what was used longest ago goes first.
 */
export class RememberedReads<V = unknown> {
  readonly #answers: ByteBoundedCache<string, Answer<V>>;
  readonly #underWay = new Map<string, { readonly stamp: number; readonly answer: Promise<V> }>();
  readonly #freshness: ReadFreshness;
  readonly #clock: Clock;
  readonly #sizeOf: (value: V) => number;
  #restsUntilMs = 0;

  /** @param sizeOf bytes of an answer (default: of its JSON, as texts are kept) */
  constructor(bytesMax: number, freshness: ReadFreshness, clock: Clock, sizeOf: (value: V) => number = jsonSize) {
    this.#answers = new ByteBoundedCache(bytesMax);
    this.#sizeOf = sizeOf;
    this.#freshness = freshness;
    this.#clock = clock;
  }

  /** An answer of {@link readFixed} that is known to be as it was; undefined where it has to be asked for. */
  known<T extends V>(key: string): T | undefined {
    const stamp = this.#freshness.stamp();
    const known = stamp === null ? undefined : this.#answers.get(key);
    return known?.stamp === stamp ? (known?.value as T) : undefined;
  }

  /**
   * For what an id means.
   * @param key of the question; equal questions have equal keys
   * @throws RegistryRefusal of `read`; storeUnavailable where nothing is remembered
   */
  async readFixed<T extends V>(key: string, read: () => Promise<T>): Promise<T> {
    const stamp = this.#freshness.stamp();
    const known = this.known<T>(key);
    if (known !== undefined) return known;
    if (stamp === null) return this.read(key, read);
    const underWay = this.#underWay.get(key);
    // Asked after the last change, so it saw it.
    if (underWay?.stamp === stamp) return underWay.answer as Promise<T>;
    const answer = this.#asked(key, stamp, read).finally(() => {
      if (this.#underWay.get(key)?.answer === answer) this.#underWay.delete(key);
    });
    this.#underWay.set(key, { stamp, answer });
    return answer;
  }

  /** @param key as of {@link readFixed} @throws RegistryRefusal as {@link readFixed} */
  read<T extends V>(key: string, read: () => Promise<T>): Promise<T> {
    return this.#asked(key, null, read);
  }

  async #asked<T extends V>(key: string, stamp: number | null, read: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(key);
    if (known !== undefined && this.#clock.now() < this.#restsUntilMs) return known.value as T;
    try {
      const value = await (known === undefined ? read() : inTime(read()));
      this.#answers.set(key, { value, stamp }, 2 * key.length + this.#sizeOf(value));
      this.#restsUntilMs = 0;
      return value;
    } catch (error) {
      const isAway = error instanceof RegistryRefusal && error.reason === 'storeUnavailable';
      if (!isAway) {
        // It is not there any more.
        this.#answers.delete(key);
        throw error;
      }
      this.#restsUntilMs = this.#clock.now() + restMs;
      if (known === undefined) throw error;
      return known.value as T;
    }
  }
}

function jsonSize(value: unknown): number {
  return 2 * JSON.stringify(value).length;
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable(null)), patienceMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
