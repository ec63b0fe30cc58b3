import type { BoundParent, ParentCodes } from './parent-codes.js';
import type { SourceValues } from './row-steps.js';

/** Codes of parents in memory: for one pass over a database that is known to be small, as in a report, and for tests. A stream keeps them on disk. */
export class MemoryParentCodes implements ParentCodes {
  readonly #codes = new Map<string, Map<string, string | null>>();
  readonly #parentsMax: number;

  /** @param parentsMax rows of all parents together; more are a RangeError rather than a full memory */
  constructor(parentsMax = 1_000_000) {
    this.#parentsMax = parentsMax;
  }

  codeOf(parent: string, key: string): string | null | undefined {
    return this.#codes.get(parent)?.get(key);
  }

  /** Takes a row of a parent table as it is now. @param parent see `parentName` */
  take(parent: string, bound: BoundParent, values: SourceValues): void {
    const key = bound.keyOf(values);
    const code = bound.codeOf(values);
    if (key === null || code === undefined) return;
    const codes = this.#codes.get(parent) ?? new Map<string, string | null>();
    this.#codes.set(parent, codes.set(key, code));
    if ([...this.#codes.values()].reduce((sum, { size }) => sum + size, 0) > this.#parentsMax) {
      throw new RangeError(`more than ${this.#parentsMax} rows of parent tables`);
    }
  }
}
