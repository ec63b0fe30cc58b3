import type { LogRecord } from './log.js';

/** A row of the open transaction whose code another row had when its change came. */
export interface ContestedRow {
  /** Table and source key: a later change of the same row settles it first. */
  readonly place: string;
  readonly bytes: number;
  readonly code: string;
  /** The code under which it was published before; null where it was not. */
  readonly formerCode: string | null;
  /** Gives up its former code. */
  giveUp(): void;
  /** Judges it by who has the code now, and makes its records. */
  settle(): LogRecord[];
}

const bytesMax = 16 * 1024 * 1024;

/**
 * Rule V9 speaks of rows that live side by side, and inside a transaction they need not: (1) a row with the code of another is inserted, (2) the other is deleted, (3) the
 * transaction commits, and only one row ever had the code for anybody else. So a contested row waits for the commit. Two rows that exchange their codes both give them up
 * before either is judged; and a row is judged after the one whose former code it wants, which keeps that code if it has to be held. What would take more than 16 MiB to wait for is judged at once.
 */
export class ContestedRows {
  #rows: ContestedRow[] = [];
  #bytes = 0;

  get size(): number {
    return this.#rows.length;
  }

  /** Keeps the row until the commit. @returns records of rows that there was no room to wait for */
  add(row: ContestedRow): LogRecord[] {
    this.#rows.push(row);
    this.#bytes += row.bytes;
    return this.#bytes > bytesMax ? this.settle() : [];
  }

  /** Settles what waits at this place, where something does: the order of one row's versions is kept. */
  settleAt(place: string): LogRecord[] {
    const waiting = this.#rows.find((row) => row.place === place);
    if (waiting === undefined) return [];
    this.#rows = this.#rows.filter((row) => row !== waiting);
    this.#bytes -= waiting.bytes;
    return waiting.settle();
  }

  /** The transaction is committed: every row is judged by what is left. */
  settle(): LogRecord[] {
    const rows = this.#rows;
    this.#rows = [];
    this.#bytes = 0;
    for (const row of rows) row.giveUp();
    return inOrderOfNeed(rows).flatMap((row) => row.settle());
  }
}

/** Each after the one that gives up its code; in a circle of exchanges it does not matter who is first. */
function inOrderOfNeed(rows: readonly ContestedRow[]): ContestedRow[] {
  const givers = new Map(rows.flatMap((row) => (row.formerCode === null ? [] : [[row.formerCode, row] as const])));
  const ordered = new Set<ContestedRow>();
  for (const row of rows) {
    const chain = new Set<ContestedRow>();
    for (
      let next: ContestedRow | undefined = row;
      next !== undefined && !ordered.has(next) && !chain.has(next);
      next = givers.get(next.code)
    ) {
      chain.add(next);
    }
    for (const one of [...chain].reverse()) ordered.add(one);
  }
  return [...ordered];
}
