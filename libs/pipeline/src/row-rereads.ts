import type { RowReread } from './change-source.js';
import type { QuarantineBook } from './quarantine-book.js';

/** What became of one batch of rows that were read again. */
export interface RereadOutcome {
  /** `schema.table`. */
  readonly table: string;
  /** Rows that the source still has and that were touched by nothing newer. */
  readonly read: number;
  /** Rows that are held no more. */
  readonly released: number;
  /** Nothing more of what was asked for comes. */
  readonly isLast: boolean;
}

/** Which held rows one run reads again, and how far that is. */
export class RowRereads {
  readonly #judgement: string;
  #judgedBy: string | null;
  /** Where the first round stands. What it noted has to be stored before the second writes anything. */
  notedUpTo = 0n;

  /**
   * @param judgedBy what all held rows were last judged by, as it is stored
   * @param judgement what judges now
   */
  constructor(judgedBy: string | null, judgement: string) {
    this.#judgedBy = judgedBy;
    this.#judgement = judgement;
  }

  /** What all held rows are judged by, to be stored with the point of the stream where that is so. */
  get judgedBy(): string | null {
    return this.#judgedBy;
  }

  /** All that is held where something else judges now than did before, else what was asked for. */
  wanted(books: ReadonlyMap<string, QuarantineBook>, asked: readonly RowReread[]): readonly RowReread[] {
    if (this.#judgedBy === this.#judgement) return asked;
    const all = [...books].map(([table, book]) => ({ table, keys: book.heldKeys().flatMap((key) => rereadKey(key) ?? []) }));
    const some = all.filter(({ keys }) => keys.length > 0);
    if (some.length === 0) this.finished();
    return some;
  }

  /** The second round is through. */
  finished(): void {
    this.#judgedBy = this.#judgement;
  }
}

/** The values of a key as quarantine has it, for the source; null for one that cannot be asked for. */
export function rereadKey(sourceKey: string): [readonly string[]] | null {
  const values = JSON.parse(sourceKey) as (string | null)[];
  return values.every((value) => value !== null) ? [values] : null;
}
