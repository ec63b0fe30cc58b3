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

export interface Answer<V> {
  readonly value: V;
  /** Null where nobody knew whether anything changes meanwhile. */
  readonly stamp: number | null;
}

/** Where answers are kept, bounded in bytes. */
export interface AnswerMemory<K, V> {
  get(key: K): Answer<V> | undefined;
  set(key: K, answer: Answer<V>): void;
  delete(key: K): void;
}

/** Answers as they are; what was used longest ago goes first. */
export class PlainAnswers implements AnswerMemory<string, unknown> {
  readonly #answers: ByteBoundedCache<string, Answer<unknown>>;

  constructor(bytesMax: number) {
    this.#answers = new ByteBoundedCache(bytesMax);
  }

  get(key: string): Answer<unknown> | undefined {
    return this.#answers.get(key);
  }

  /** Texts are kept with two bytes for a character. */
  set(key: string, answer: Answer<unknown>): void {
    this.#answers.set(key, answer, 2 * (key.length + JSON.stringify(answer.value).length));
  }

  delete(key: string): void {
    this.#answers.delete(key);
  }
}

/**
 * Answers of the database. What an id means is given from memory while it is known to be as it was; everything else is always asked for, because other registries write too, and only while the database is away
 * is what was read before given in its place: it is away once it failed to answer within a second a question whose answer is in memory. One caller at a time then asks it again, once a second, and nobody else waits.
 */
export class RememberedReads<K, V> {
  readonly #answers: AnswerMemory<K, V>;
  readonly #underWay = new Map<K, { readonly stamp: number; readonly answer: Promise<V> }>();
  readonly #freshness: ReadFreshness;
  readonly #clock: Clock;
  /** Null while the database answers. */
  #restsUntilMs: number | null = null;

  constructor(answers: AnswerMemory<K, V>, freshness: ReadFreshness, clock: Clock) {
    this.#answers = answers;
    this.#freshness = freshness;
    this.#clock = clock;
  }

  /** An answer of {@link readFixed} that is known to be as it was; undefined where it has to be asked for. */
  known<T extends V>(key: K): T | undefined {
    const stamp = this.#freshness.stamp();
    const known = stamp === null ? undefined : this.#answers.get(key);
    return known?.stamp === stamp ? (known?.value as T) : undefined;
  }

  /**
   * For what an id means.
   * @param key of the question; equal questions have equal keys
   * @throws RegistryRefusal of `read`; storeUnavailable where nothing is remembered
   */
  async readFixed<T extends V>(key: K, read: () => Promise<T>): Promise<T> {
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
  read<T extends V>(key: K, read: () => Promise<T>): Promise<T> {
    return this.#asked(key, null, read);
  }

  async #asked<T extends V>(key: K, stamp: number | null, read: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(key);
    if (known !== undefined && this.#restsUntilMs !== null) {
      if (this.#clock.now() < this.#restsUntilMs) return known.value as T;
      // This caller finds out whether it is back; who comes meanwhile does not wait for that.
      this.#restsUntilMs = this.#clock.now() + patienceMs + restMs;
    }
    try {
      const value = await (known === undefined ? read() : inTime(read()));
      this.#answers.set(key, { value, stamp });
      this.#restsUntilMs = null;
      return value;
    } catch (error) {
      const isAway = error instanceof RegistryRefusal && error.reason === 'storeUnavailable';
      if (!isAway) {
        this.#restsUntilMs = null;
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
