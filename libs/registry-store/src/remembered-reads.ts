import { ByteBoundedCache, type Clock } from '@truc/kernel';
import { RegistryRefusal } from '@truc/registry';
import { unavailable } from './database.js';

/** How long a read that has an answer in memory waits for the database, in milliseconds. */
const patienceMs = 1_000;
/** How long the database is not asked again after it did not answer, in milliseconds, where there is an answer in memory. */
const restMs = 1_000;

/**
 * Answers of the database, kept for when it is away: then what was read before is read from here. While it answers it is always asked, because other registries write to it too.
 * Bounded in bytes; what was used longest ago goes first.
 */
export class RememberedReads {
  readonly #answers: ByteBoundedCache<string, { readonly value: unknown }>;
  readonly #clock: Clock;
  #restsUntilMs = 0;

  constructor(bytesMax: number, clock: Clock) {
    this.#answers = new ByteBoundedCache(bytesMax);
    this.#clock = clock;
  }

  /**
   * @param key of the question; equal questions have equal keys
   * @throws RegistryRefusal of `read`; storeUnavailable where nothing is remembered
   */
  async read<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(key);
    if (known !== undefined && this.#clock.now() < this.#restsUntilMs) return known.value as T;
    try {
      const value = await (known === undefined ? read() : inTime(read()));
      this.#answers.set(key, { value }, 2 * (key.length + JSON.stringify(value).length));
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
