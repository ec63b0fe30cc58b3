import type { MasterDataKey } from '@truc/change-event';
import { TrucError } from '@truc/kernel';

/** Of every code which rows are published under it, for a dataset that allows one (rule V9). In memory, bounded: a table with more rows stops by name. */
export class LiveCodes {
  readonly #dataset: string;
  readonly #bytesMax: number;
  /** Digest of the row; rows themselves would take twice the memory. */
  readonly #holder = new Map<string, number>();
  /** Further rows of codes that have several all the same: they were published before the dataset declared the rule, or pass by its choice. */
  readonly #others = new Map<string, number[]>();
  #bytes = 0;

  constructor(dataset: string, bytesMax: number) {
    this.#dataset = dataset;
    this.#bytesMax = bytesMax;
  }

  /** Codes that a row is published under. */
  get size(): number {
    return this.#holder.size;
  }

  /** True where the code is that of another row and not of this one too. */
  isTaken({ code, row }: MasterDataKey): boolean {
    const holder = this.#holder.get(code);
    if (holder === undefined) return false;
    const digest = digestOf(row);
    return holder !== digest && this.#others.get(code)?.includes(digest) !== true;
  }

  /** The row is published under the code; saying it again changes nothing. @throws TrucError CAPTURE_CODES_TOO_MANY */
  take({ code, row }: MasterDataKey): void {
    const digest = digestOf(row);
    const holder = this.#holder.get(code);
    if (holder === digest) return;
    if (holder === undefined) {
      this.#grow(entryBytes + code.length);
      this.#holder.set(code, digest);
      return;
    }
    const others = this.#others.get(code) ?? [];
    if (others.includes(digest)) return;
    this.#grow(entryBytes);
    this.#others.set(code, [...others, digest]);
  }

  /** The row is published under the code no more. */
  free({ code, row }: MasterDataKey): void {
    const digest = digestOf(row);
    const others = this.#others.get(code) ?? [];
    if (others.includes(digest)) {
      this.#keepOthers(
        code,
        others.filter((other) => other !== digest),
      );
    } else if (this.#holder.get(code) === digest) {
      const [next, ...rest] = others;
      if (next === undefined) {
        this.#holder.delete(code);
        this.#bytes -= entryBytes + code.length;
        return;
      }
      this.#holder.set(code, next);
      this.#keepOthers(code, rest);
    }
  }

  clear(): void {
    this.#holder.clear();
    this.#others.clear();
    this.#bytes = 0;
  }

  #keepOthers(code: string, others: number[]): void {
    this.#bytes -= entryBytes;
    if (others.length === 0) this.#others.delete(code);
    else this.#others.set(code, others);
  }

  #grow(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#bytesMax) return;
    throw new TrucError(
      'CAPTURE_CODES_TOO_MANY',
      `${this.#dataset} declares one row per code, and its codes take more than the ${this.#bytesMax} bytes of memory that are granted for it: ` +
        "make the code the source's key or unique there and take oneRowPerCode out of the dataset, or grant more",
    );
  }
}

/** A code's text, a number and their places in a map: 77 bytes were measured for codes of 12 characters, and a map has room to spare when it grows. */
const entryBytes = 100;

/** 53 bits of two FNV-1a hashes: two rows of one code have the same one time in 10^16. */
function digestOf(row: string): number {
  let [low, high] = [0x811c9dc5, 0x2f0b4c47];
  for (let at = 0; at < row.length; at++) {
    const unit = row.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit ^ (low >>> 15), 0x01000193);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
