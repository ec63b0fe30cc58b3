import { RegistryRefusal } from '@truc/registry';
import type { EntityManager } from 'typeorm';

/** Most changes of one transaction. */
const batchMax = 64;
/** Bytes of the changes that wait for their turn: while the database is frozen each of them waits for as long as it may. */
const waitingBytesMax = 32 * 1024 * 1024;
/** After this long nothing more is taken into a transaction, in milliseconds: other registries wait for their turn. */
const turnMs = 250;

/** What became of one of several changes. */
export type Outcome<T> = { readonly done: T } | { readonly refused: RegistryRefusal };

interface Waiting<T> {
  readonly work: (manager: EntityManager) => Promise<T>;
  readonly resolve: (done: T) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs changes in as few transactions as there are turns: whoever comes while one is under way goes into the next, with all who came meanwhile. What takes longest of a change is that its commit reaches the disk, and only
 * one runs at a time in all registries on the database; so the more that wait, the cheaper is each.
 *
 * Nobody is answered before the commit, refusals included: they may be due to a change of the same transaction. A refusal undoes nothing of the others, so that a change has to refuse before it writes. Any other
 * error undoes the transaction; then each is tried by itself.
 */
export class ChangeBatches<T> {
  readonly #inTransaction: (work: (manager: EntityManager) => Promise<Outcome<T>[]>) => Promise<Outcome<T>[]>;
  readonly #waiting: Waiting<T>[] = [];
  #waitingBytes = 0;
  #isRunning = false;

  /** @param inTransaction runs `work` in one transaction, and returns once that is committed */
  constructor(inTransaction: (work: (manager: EntityManager) => Promise<Outcome<T>[]>) => Promise<Outcome<T>[]>) {
    this.#inTransaction = inTransaction;
  }

  /**
   * @param bytes that `work` holds while it waits
   * @throws RegistryRefusal of `work`, storeUnavailable where too much waits already; what the transaction throws
   */
  async change(work: (manager: EntityManager) => Promise<T>, bytes = 0): Promise<T> {
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > waitingBytesMax) throw tooMuchWaits();
    this.#waitingBytes += bytes;
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#waiting.push({ work, resolve, reject });
        if (!this.#isRunning) void this.#run();
      });
    } finally {
      this.#waitingBytes -= bytes;
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) await this.#together(this.#waiting.splice(0, batchMax));
    this.#isRunning = false;
  }

  async #together(batch: readonly Waiting<T>[]): Promise<void> {
    try {
      const outcomes = await this.#inTransaction((manager) => inTurn(batch, manager));
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

/** @returns of the first one at least, and of as many as the turn has time for */
async function inTurn<T>(batch: readonly Waiting<T>[], manager: EntityManager): Promise<Outcome<T>[]> {
  const startedAt = performance.now();
  const outcomes: Outcome<T>[] = [];
  for (const { work } of batch) {
    if (outcomes.length > 0 && performance.now() - startedAt > turnMs) break;
    outcomes.push(await outcomeOf(work(manager)));
  }
  return outcomes;
}

async function outcomeOf<T>(work: Promise<T>): Promise<Outcome<T>> {
  try {
    return { done: await work };
  } catch (error) {
    if (error instanceof RegistryRefusal) return { refused: error };
    throw error;
  }
}
