/** The checker's writers at the source: each of their transactions also writes what it did to `_oplog`. */
export interface Writers {
  /** Committed so far. */
  readonly transactions: number;
  readonly operations: number;
  /** Returns when no transaction is open any more; nothing is written until {@link Writers.resume}. */
  pause(): Promise<void>;
  resume(): void;
  /** Remembers what stands in the source, while paused. @returns goes back to that, for a source that was put back itself; it tells which operations are lost by that: from the first to before the end */
  checkpoint(): () => { readonly firstOp: number; readonly endOp: number };
  /** Inserts rows in one transaction of its own, by COPY, while the others go on. */
  insertInOneTransaction(rows: number): Promise<void>;
  /** Truncates the table and inserts `rows` new ones right behind it; the others wait meanwhile. @param inOneTransaction else the inserts follow in transactions of their own */
  truncateAndInsert(rows: number, inOneTransaction: boolean): Promise<void>;
}
