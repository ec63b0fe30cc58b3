import type { TrucError } from '@truc/kernel';
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
  /** Nothing more of what was asked for of this table comes. */
  readonly isLast: boolean;
  /** Why the rows of the table are held as they were; null where they were read. */
  readonly failure: TrucError | null;
}

/** What the events and the held rows of each table are judged by, by `schema.table`; not there while that is more than one thing. */
export type Judgements = Readonly<Record<string, string>>;

/** Which held rows one run reads again, and how far that is. */
export class RowRereads {
  readonly #judgement: string;
  readonly #judgedBy: Map<string, string>;
  /** Tables whose held rows could not be read: what another run began is not through. */
  readonly #failed = new Set<string>();
  /** Where the first round stands. What it noted has to be stored before the second writes anything. */
  notedUpTo = 0n;

  /**
   * @param judgedBy what all held rows of each table were last judged by, as it is stored
   * @param judgement what judges now
   */
  constructor(judgedBy: Judgements, judgement: string) {
    this.#judgedBy = new Map(Object.entries(judgedBy));
    this.#judgement = judgement;
  }

  /**
   * To be stored with the point of the stream where that is so.
   * @param stored what a table is judged by that is not through with what earlier runs sent
   * @param isThrough false for a table of which something still comes again
   */
  judgedBy(stored: Judgements, isThrough: (table: string) => boolean): Judgements {
    const told = [...this.#judgedBy].filter(([table]) => isThrough(table));
    const kept = Object.entries(stored).filter(([table]) => !isThrough(table));
    return Object.fromEntries([...told, ...kept]);
  }

  /** Of each table all that is held where something else judges now than did before, else what was asked for. */
  wanted(books: ReadonlyMap<string, QuarantineBook>, asked: readonly RowReread[]): readonly RowReread[] {
    return [...books].flatMap(([table, book]): RowReread[] => {
      if (this.#judgedBy.get(table) === this.#judgement) return asked.filter((one) => one.table === table);
      const keys = book.heldKeys().flatMap((key) => rereadKey(key) ?? []);
      if (keys.length === 0) this.finished(table);
      return keys.length === 0 ? [] : [{ table, keys }];
    });
  }

  /** The rows of the table could not be read, or nobody took them: they are asked for again by the next run. */
  failed(table: string): void {
    this.#failed.add(table);
  }

  /** The second round of the table is through. */
  finished(table: string): void {
    if (!this.#failed.has(table)) this.#judgedBy.set(table, this.#judgement);
  }
}

/** The values of a key as quarantine has it, for the source; null for one that cannot be asked for. */
export function rereadKey(sourceKey: string): [readonly string[]] | null {
  const values = JSON.parse(sourceKey) as (string | null)[];
  return values.every((value) => value !== null) ? [values] : null;
}
