import { RegistryRefusal } from '@truc/registry';

/** Most changes of one transaction. */
const batchMax = 64;
/** Bytes of the changes that wait for their turn: while the database is frozen each of them waits for as long as it may. */
const waitingBytesMax = 32 * 1024 * 1024;
/** After this long nothing more is taken into a transaction, in milliseconds: other registries wait for their turn. */
const turnMs = 250;

/** Longest wait for those who were just answered and ask again, as a share of what the last transaction took, and in milliseconds. */
const gatherShare = 0.5;
const gatherMsMax = 5;

/** What became of one of several changes. */
export type Outcome<T> = { readonly done: T } | { readonly refused: RegistryRefusal };

interface Waiting<Q, T> {
  readonly change: Q;
  readonly resolve: (done: T) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs changes in as few transactions as there are turns: whoever comes while one is under way goes into the next, with all who came meanwhile. What takes longest of a change is that its commit reaches the disk, and only
 * one runs at a time in all registries on the database; so the more that wait, the cheaper is each.
 * Before the next one those who were just answered have a moment to ask again.
 *
 * Nobody is answered before the commit, refusals included: they may be due to a change of the same transaction. A refusal undoes nothing of the others, so that a change has to refuse before it writes. Any other
 * error undoes the transaction; then each is tried by itself.
 */
export class ChangeBatches<Q, T> {
  readonly #inTransaction: (changes: readonly Q[]) => Promise<Outcome<T>[]>;
  readonly #waiting: Waiting<Q, T>[] = [];
  #waitingBytes = 0;
  #isRunning = false;
  #onWaiting = (): void => {};

  /** @param inTransaction makes changes in one transaction, and returns once that is committed: what became of the first ones, as many as there was time for and one at least */
  constructor(inTransaction: (changes: readonly Q[]) => Promise<Outcome<T>[]>) {
    this.#inTransaction = inTransaction;
  }

  /**
   * @param bytes that it holds while it waits
   * @throws RegistryRefusal of the change, storeUnavailable where too much waits already; what the transaction throws
   */
  async change(change: Q, bytes = 0): Promise<T> {
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > waitingBytesMax) throw tooMuchWaits();
    this.#waitingBytes += bytes;
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#waiting.push({ change, resolve, reject });
        this.#onWaiting();
        if (!this.#isRunning) void this.#run();
      });
    } finally {
      this.#waitingBytes -= bytes;
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const startedAt = performance.now();
      const batch = this.#waiting.splice(0, batchMax);
      await this.#together(batch);
      // Otherwise some of those who ask would always be a transaction behind the others, and each pay for one of their own.
      const expected = Math.min(batch.length + this.#waiting.length, batchMax);
      if (expected > 1) await this.#gathered(expected, (performance.now() - startedAt) * gatherShare);
    }
    this.#isRunning = false;
  }

  /** So many wait, or nobody waits for them any longer. */
  async #gathered(count: number, ms: number): Promise<void> {
    if (this.#waiting.length >= count) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, gatherMsMax));
      this.#onWaiting = () => {
        if (this.#waiting.length < count) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#onWaiting = () => {};
  }

  async #together(batch: readonly Waiting<Q, T>[]): Promise<void> {
    try {
      const outcomes = await this.#inTransaction(batch.map(({ change }) => change));
      for (const [index, outcome] of outcomes.entries()) {
        if ('done' in outcome) batch[index]?.resolve(outcome.done);
        else batch[index]?.reject(outcome.refused);
      }
      this.#waiting.unshift(...batch.slice(outcomes.length));
    } catch (error) {
      // A database that is away is away for all of them.
      const isAway = error instanceof RegistryRefusal && error.reason === 'storeUnavailable';
      if (batch.length === 1 || isAway) for (const { reject } of batch) reject(error);
      else for (const one of batch) await this.#together([one]);
    }
  }
}

function tooMuchWaits(): RegistryRefusal {
  return new RegistryRefusal(
    'storeUnavailable',
    'The registry cannot do this now: too many registrations wait for their turn at its database already; try again in a moment',
  );
}

/** @param together makes as many of the first changes as it takes at once, and one at least @returns what became of as many as the turn has time for */
export async function inTurn<Q, T>(
  changes: readonly Q[],
  together: (changes: readonly Q[]) => Promise<readonly Outcome<T>[]>,
): Promise<Outcome<T>[]> {
  const startedAt = performance.now();
  const outcomes: Outcome<T>[] = [];
  while (outcomes.length < changes.length && (outcomes.length === 0 || performance.now() - startedAt <= turnMs))
    outcomes.push(...(await together(changes.slice(outcomes.length))));
  return outcomes;
}

/** A refusal is an outcome; any other error is thrown. */
export async function outcomeOf<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { done: await work() };
  } catch (error) {
    if (error instanceof RegistryRefusal) return { refused: error };
    throw error;
  }
}
