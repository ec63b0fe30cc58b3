import type { TrucError } from '@truc/kernel';

/**
 * A stream with two ends: a source yields what was committed, in commit order, and takes acknowledgements. Nothing else crosses.
 */

/** One column's value in the source's own text form; `undefined` where the source left out an unchanged large value. */
export type SourceText = string | null | undefined;

/** A table as the stream describes it. A new object is made whenever the stream announces a change of shape. */
export interface SourceRelation {
  readonly schema: string;
  readonly table: string;
  /** PostgreSQL type names by format_type, e.g. `character varying`, `date`, `text[]`, `jsonb`. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly isKey: boolean }[];
  /** True where every update and delete is to tell the whole old row, and may not: REPLICA IDENTITY FULL of a partitioned table, which its partitions do not inherit. */
  readonly mayLackOldRows?: boolean;
}

/** One row message of a transaction. Arrays are aligned with `relation.columns`. */
export type SourceRowChange =
  | { readonly kind: 'insert'; readonly relation: SourceRelation; readonly index: number; readonly after: readonly SourceText[] }
  | {
      readonly kind: 'update';
      readonly relation: SourceRelation;
      readonly index: number;
      readonly after: readonly SourceText[];
      /** The old row: whole where the replica identity is full, else its key columns alone (others null), else null when the key did not change. */
      readonly before: readonly SourceText[] | null;
      readonly beforeIsWhole: boolean;
    }
  | {
      readonly kind: 'delete';
      readonly relation: SourceRelation;
      readonly index: number;
      readonly before: readonly SourceText[];
      readonly beforeIsWhole: boolean;
    }
  | { readonly kind: 'truncate'; readonly relation: SourceRelation; readonly index: number };

/** What the source yields. A transaction arrives as begin, any number of rows, commit; between transactions come snapshot rows and idle advances. */
export type SourceMessage =
  | { readonly kind: 'begin'; readonly transactionId: string; readonly sequence: bigint; readonly committedAtMs: number }
  | { readonly kind: 'rows'; readonly changes: readonly SourceRowChange[] }
  | { readonly kind: 'commit'; readonly sequence: bigint }
  /** Rows of one snapshot chunk, at the point of the stream where its high watermark stands. `done` closes the table. */
  | {
      readonly kind: 'snapshot';
      readonly relation: SourceRelation;
      readonly sequence: bigint;
      readonly rows: readonly (readonly SourceText[])[];
      readonly progress: SnapshotProgress;
      readonly takenAtMs: number;
    }
  /** What `ChangeSourceStart.rereads` asked for, batch by batch, all of it in a first round and then in a second, at the points of the stream where their high watermarks stand. Rows that are gone are not there. */
  | {
      readonly kind: 'reread';
      readonly relation: SourceRelation;
      readonly sequence: bigint;
      readonly rows: readonly (readonly SourceText[])[];
      readonly round: 1 | 2;
      /** The last batch of its table in this round. */
      readonly isLast: boolean;
      readonly takenAtMs: number;
    }
  /** Rows that `readChildren` asked for, in pages, each at the point of the stream where its high watermark stands. */
  | {
      readonly kind: 'children';
      readonly relation: SourceRelation;
      readonly sequence: bigint;
      readonly rows: readonly (readonly SourceText[])[];
      /** Nothing more comes of what was asked for. */
      readonly isLast: boolean;
      readonly takenAtMs: number;
    }
  /**
   * Nothing can be read of this table, for a reason that is its own: it was taken out of the publication, or its key. Between transactions.
   * `snapshot`: nothing at all of what has to be read as a whole; `reread`: none of the rows that were asked for by their keys, while the stream is sound.
   */
  | { readonly kind: 'unreadable'; readonly what: 'snapshot' | 'reread'; readonly table: string; readonly error: TrucError }
  /** Nothing of ours up to here: the slot may move on once everything before is durable. */
  | { readonly kind: 'idle'; readonly sequence: bigint };

/** How far a table's snapshot is; stored with the agent's state and handed back at the next start. */
export interface SnapshotProgress {
  /** `schema.table`. */
  readonly table: string;
  /** Key of the last row that was read, as text, in key order; null before the first chunk. */
  readonly lastKey: readonly string[] | null;
  readonly rowsRead: number;
  /** The planner's estimate when the snapshot began. */
  readonly rowsEstimated: number;
  readonly done: boolean;
  /** True while its parent table is read, which has the codes of its rows; its own rows follow, from the first on. */
  readonly isOfParents?: boolean;
}

/** Rows of a table that point to certain rows of another. */
export interface ChildrenWanted {
  /** `schema.table`. */
  readonly table: string;
  /** Columns that point there. */
  readonly columns: readonly string[];
  /** What stands in them, in the source's own text. */
  readonly keys: readonly (readonly string[])[];
}

/** Rows of one table, by their keys, to be read again. */
export interface RowReread {
  /** `schema.table`. */
  readonly table: string;
  /** Key values in the source's own text, in the key's order. */
  readonly keys: readonly (readonly string[])[];
}

/**
 * What became of a table between two of its marks.
 *
 * - `same`: nothing happened.
 * - `grown`: the stream has all that ever changed, although the mark is another text.
 * - `moved`: rows came or went of which the stream tells nothing; what it has of the table is sound.
 * - `other`: changes may have been left out, or it is another table.
 */
export type MarkChange = 'same' | 'grown' | 'moved' | 'other';

/** How to know whether a source has published all changes of a table since some moment. */
export interface TableMarks {
  /**
   * By `schema.table`, of those that are published now: a text that is another one whenever changes may have been left out, because the table was taken out of what is published and put back, or
   * is another table of the same name. Never compared between sources.
   */
  readonly marks: ReadonlyMap<string, string>;
  /** Where the source's log ended: what made a mark what it is lies at or below. */
  readonly sequence: bigint;
  /** What lies between the mark that is known and that of now; absent where every other text is `other`. */
  readonly changeOf?: (known: string, now: string) => MarkChange;
}

export interface ChangeSourceStart {
  /** Every transaction whose commit LSN is at or below this is skipped; 0 at the first start. */
  readonly after: bigint;
  /** Tables still to be snapshotted, with their progress. A table that is not named is not snapshotted. */
  readonly snapshots: readonly SnapshotProgress[];
  /** Of the tables that are captured: what their marks have to stay, null where it is not known yet. Where one becomes another the stream ends; absent where nobody keeps them. */
  readonly marks?: ReadonlyMap<string, string | null>;
  /** Rows to be read again, ahead of the snapshots. */
  readonly rereads?: readonly RowReread[];
  /** The server that was judged: the stream has to come from the same one, or from one that contains all of it. */
  readonly identity?: SourceIdentity;
  /** The highest sequence that was ever sent in this epoch; it may lie beyond `after`. */
  readonly highestSent?: bigint;
}

/** Facts of the source that are stored with the position, so that a replaced or restored server is recognised. */
export interface SourceIdentity {
  readonly systemIdentifier: string;
  readonly timeline: number;
}

export interface ChangeSource {
  /**
   * Streams until `signal` aborts (then it ends) or an error that the source cannot mend is thrown (a TrucError).
   * A table whose mark is another one than `start.marks` says ends it with CAPTURE_TABLE_INTERRUPTED (retry): the next start has it read anew.
   * One stream at a time. The consumer's pace is the backpressure: nothing is read ahead beyond a stated number of bytes.
   */
  stream(start: ChangeSourceStart, signal: AbortSignal): AsyncIterable<SourceMessage>;
  /** Marks of its tables as they are now; absent where changes of a table cannot be left out. @throws TrucError of the source */
  tableMarks?(): Promise<TableMarks>;
  /** Everything up to and including this sequence is durable downstream, state included: the slot may forget it. Idempotent, never goes back. */
  acknowledge(sequence: bigint): void;
  /** Bytes of log that the source keeps for whoever has read no further than this, as far as the stream has looked; null where that is not known. */
  logBytesSince?(sequence: bigint): number | null;
  /** Nothing more is to be read of this table in this stream, neither as a whole nor by keys. */
  leaveTable?(table: string): void;
  /** Reads these rows beside the stream, as it does chunks of a snapshot; every transaction that was streamed before is in them. In the present stream alone. */
  readChildren?(wanted: ChildrenWanted): void;
}
