/** What is known of one row of a parent table, for the rows of one child table. */
export interface ParentEntry {
  /** Text of its code column; null where it has none, undefined where there is no such row. */
  readonly code: string | null | undefined;
  /** Codes that it had before, under which children may still be published; the newest last. */
  readonly formers: readonly string[];
  /** True where a child was held because there was no code. */
  readonly isAwaited: boolean;
  /** True where its children have to be read again. */
  readonly isPending: boolean;
}

/** Names what the entries were at one moment. It stands in the state of the capture. */
export interface ParentMark {
  /** Of the run that wrote them. */
  readonly id: string;
  /** Changes so far. */
  readonly ordinal: number;
}

export type EntryKind = 'all' | 'awaited' | 'pending';

/**
 * Where an index of parents is kept. It can go back to every mark that was not forgotten, so that it may be ahead of the stored state and a restart still finds it as it was then. Calls are
 * synchronous: a row cannot be judged before its parent is known, and most are.
 *
 * Every method throws TrucError CAPTURE_PARENTS_UNUSABLE where the entries can be neither read nor written.
 */
export interface ParentEntries {
  /**
   * Goes back to the mark, under a new id: whoever had the entries open before writes no more, and a copy of them that was made before is told apart from now on.
   * @param mark null begins with nothing, whatever is there
   * @returns false where the mark cannot be found: the entries are lost, or they are of another time
   */
  begin(mark: ParentMark | null): boolean;
  get(key: string): ParentEntry | null;
  /** All of it or nothing, and durable; null removes. @returns the mark of what there is now */
  put(changes: ReadonlyMap<string, ParentEntry | null>): ParentMark;
  readonly mark: ParentMark;
  /** Goes back. */
  undo(mark: ParentMark): void;
  /** Nobody goes back to before this mark any more. */
  forget(mark: ParentMark): void;
  /** Keys of a kind in order, from behind `after`. */
  keys(kind: EntryKind, after: string | null, limit: number): string[];
  close(): void;
}
