import { hasCode, TrucError } from '@truc/kernel';
import type { KeyHistory, RejectedPlace } from './batch-fold.js';
import { ROW_REFUSED } from './database-error.js';
import type { Session } from './session.js';
import type { StagedEntries, TableMerge } from './table-merge.js';

/** What a careful merge stages: every key's history first, then, for keys with several changes, each of them as an entry of its own, in order of arrival. */
export function carefulEntries(histories: readonly KeyHistory[]): KeyHistory[] {
  const repeated = histories.filter(({ changes }) => changes.length > 1);
  return [...histories, ...repeated.flatMap(({ changes }) => changes.map((change) => ({ winner: change, changes: [change] })))];
}

/**
 * Merges what the database refused as a whole: halves it, each half in a savepoint, down to the keys that cannot be written.
 * The changes of such a key are then tried one after the other, so that its last good version stays.
 */
export class CarefulMerge {
  readonly #session: Session;
  readonly #qualified: string;
  readonly #merge: TableMerge;
  readonly #staged: StagedEntries;
  /** Index of the first single change of each key that has several. */
  readonly #singles = new Map<KeyHistory, number>();
  readonly #keyCount: number;
  readonly #nowMs: number;
  readonly #refusedMax: number;
  readonly rejected: RejectedPlace[] = [];

  /** @param options.staged of {@link carefulEntries} of the histories, `keyCount` of them */
  constructor(options: {
    session: Session;
    qualified: string;
    merge: TableMerge;
    staged: StagedEntries;
    keyCount: number;
    nowMs: number;
    refusedMax: number;
  }) {
    this.#session = options.session;
    this.#qualified = options.qualified;
    this.#merge = options.merge;
    this.#staged = options.staged;
    this.#keyCount = options.keyCount;
    this.#nowMs = options.nowMs;
    this.#refusedMax = options.refusedMax;
    let next = options.keyCount;
    for (const history of options.staged.entries.slice(0, options.keyCount)) {
      if (history.changes.length === 1) continue;
      this.#singles.set(history, next);
      next += history.changes.length;
    }
  }

  /** Returns how many changes were applied. @throws TrucError APPLY_REJECTED_LIMIT */
  async apply(): Promise<number> {
    return this.#range(0, this.#keyCount);
  }

  async #range(from: number, to: number): Promise<number> {
    if (from === to) return 0;
    try {
      return await this.#session.savepoint(() => this.#merge.merge(this.#staged, from, to, this.#nowMs));
    } catch (error) {
      if (!hasCode(error, ROW_REFUSED)) throw error;
      if (to - from === 1) return this.#one(this.#staged.entries[from] as KeyHistory, (error as TrucError).message);
    }
    const half = from + Math.ceil((to - from) / 2);
    return (await this.#range(from, half)) + (await this.#range(half, to));
  }

  async #one(history: KeyHistory, reason: string): Promise<number> {
    const single = this.#singles.get(history);
    if (single === undefined) {
      const { batch, index } = history.winner;
      this.#reject({ batch, change: index, reason });
      return 0;
    }
    let applied = 0;
    for (let at = single; at < single + history.changes.length; at += 1) applied += await this.#range(at, at + 1);
    return applied;
  }

  #reject(place: RejectedPlace): void {
    this.rejected.push(place);
    if (this.rejected.length <= this.#refusedMax) return;
    throw new TrucError(
      'APPLY_REJECTED_LIMIT',
      `${this.#qualified}: too many rows of one call were refused by the database, the last one because ${place.reason}; nothing was written. So many have one cause: look at constraints and triggers that were added to the table`,
    );
  }
}
