import { countedShare, sampledShare, type ShareEstimate } from './share-estimate.js';

/** Rows of a table read so far, by page where only a sample of pages is read. */
export class RowTally {
  readonly #isSample: boolean;
  readonly #pages = new Map<string, number>();
  rows = 0;

  constructor(isSample: boolean) {
    this.#isSample = isSample;
  }

  take(page: string | null): void {
    this.rows += 1;
    if (this.#isSample && page !== null) this.#pages.set(page, (this.#pages.get(page) ?? 0) + 1);
  }

  /** Pages of a table whose places cannot be seen are taken for rows of their own. */
  share({ rows, pages }: FoundRows): ShareEstimate {
    if (!this.#isSample) return countedShare(rows, this.rows);
    if (this.#pages.size === 0) {
      const single = (found: number, count: number) => Array.from({ length: count }, () => ({ rows: 1, found }));
      return sampledShare([...single(1, rows), ...single(0, this.rows - rows)]);
    }
    return sampledShare([...this.#pages].map(([page, read]) => ({ rows: read, found: pages.get(page) ?? 0 })));
  }
}

/** Rows of which something was found. */
export class FoundRows {
  readonly #isSample: boolean;
  readonly pages = new Map<string, number>();
  rows = 0;

  constructor(isSample: boolean) {
    this.#isSample = isSample;
  }

  take(page: string | null): void {
    this.rows += 1;
    if (this.#isSample && page !== null) this.pages.set(page, (this.pages.get(page) ?? 0) + 1);
  }
}

/** The page of a place: `dancu.p01 (12` of `dancu.p01 (12,5)`. */
export function pageOf(place: string | null): string | null {
  return place === null ? null : place.slice(0, place.lastIndexOf(','));
}
