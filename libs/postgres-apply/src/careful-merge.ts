import { hasCode, TrucError } from '@truc/kernel';
import type { KeyHistory, RejectedPlace } from './batch-fold.js';
import { ROW_REFUSED } from './database-error.js';
import type { Session } from './session.js';
import type { TableMerge } from './table-merge.js';

/**
 * Merges what the database refuses as a whole: halves it, each half in a savepoint, down to the keys that cannot be written.
 * The changes of such a key are then tried one after the other, so that its last good version stays.
 */
export class CarefulMerge {
  readonly #session: Session;
  readonly #qualified: string;
  readonly #merge: TableMerge;
  readonly #nowMs: number;
  readonly #refusedMax: number;
  readonly rejected: RejectedPlace[] = [];

  constructor(options: { session: Session; qualified: string; merge: TableMerge; nowMs: number; refusedMax: number }) {
    this.#session = options.session;
    this.#qualified = options.qualified;
    this.#merge = options.merge;
    this.#nowMs = options.nowMs;
    this.#refusedMax = options.refusedMax;
  }

  /** Returns how many changes were applied. @throws TrucError APPLY_REJECTED_LIMIT */
  async apply(histories: readonly KeyHistory[]): Promise<number> {
    if (histories.length === 0) return 0;
    const reason = await this.#refusal(histories);
    if (typeof reason === 'number') return reason;
    const [only] = histories;
    if (histories.length === 1 && only !== undefined) return this.#applyOne(only, reason);
    const half = Math.ceil(histories.length / 2);
    return (await this.apply(histories.slice(0, half))) + (await this.apply(histories.slice(half)));
  }

  async #applyOne({ changes }: KeyHistory, reason: string): Promise<number> {
    const [first] = changes;
    if (changes.length === 1 && first !== undefined) {
      this.#reject({ batch: first.batch, change: first.index, reason });
      return 0;
    }
    let applied = 0;
    for (const change of changes) applied += await this.apply([{ winner: change, changes: [change] }]);
    return applied;
  }

  /** The number of changes applied, or why the database refused them. */
  async #refusal(histories: readonly KeyHistory[]): Promise<number | string> {
    try {
      return await this.#session.savepoint(async () => {
        await this.#merge.clear();
        await this.#merge.stage(histories);
        return this.#merge.merge(histories, this.#nowMs);
      });
    } catch (error) {
      if (hasCode(error, ROW_REFUSED)) return (error as TrucError).message;
      throw error;
    }
  }

  #reject(place: RejectedPlace): void {
    this.rejected.push(place);
    if (this.rejected.length <= this.#refusedMax) return;
    throw new TrucError(
      'APPLY_REJECTED_LIMIT',
      `${this.#qualified}: more than ${this.#refusedMax} rows of one call were refused by the database, the last one because ${place.reason}; nothing was written. So many have one cause: look at constraints and triggers that were added to the table`,
    );
  }
}
