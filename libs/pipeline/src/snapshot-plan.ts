import type { SnapshotProgress, TableMarks } from './change-source.js';

/** A point of the stream. */
export interface StreamPoint {
  readonly epoch: number;
  readonly sequence: bigint;
}

/** A table's snapshot as the state keeps it: what the source says of it, and what becomes of the keys that it does not find. */
export interface TableSnapshot extends SnapshotProgress {
  /** Topic that the rows were written to; null in states that do not say. */
  readonly topic: string | null;
  /** What the source has to say of the table for as long as its stream has all changes since the snapshot began (`TableMarks`); null where it is not known. */
  readonly mark: string | null;
  /** Where the stream stood when the snapshot began: what the table's topic holds up to there is older than the snapshot. Null once it is done. */
  readonly since: StreamPoint | null;
  /** Up to where nothing is taken of the stream, for the snapshot has it: `since`, but where rows alone have moved, of the epoch of `since`. Null where all is taken, and once it is done. */
  readonly begins: bigint | null;
  /** True where the topic held events when the snapshot began: its end sweeps what it did not find. */
  readonly sweeps: boolean;
}

/** What is peculiar to tables, by `schema.table`. */
export interface PlannedTables {
  readonly indexed?: ReadonlyMap<string, boolean>;
  readonly withCodes?: ReadonlySet<string>;
}

export interface SnapshotPlan {
  readonly snapshots: readonly TableSnapshot[];
  /** Tables that are read anew because changes of them were not published for a while, and whether what the stream has of them before that is not taken. */
  readonly interrupted: ReadonlyMap<string, { readonly isCutOff: boolean }>;
  /** Tables that are read from the beginning. */
  readonly anew: readonly string[];
}

/**
 * The snapshots that a source needs, by what is stored and what is captured now.
 *
 * - A table that is no longer captured is forgotten: nothing follows its changes from here on, so that it has to be read anew when it comes back.
 * - A table whose dataset has another topic now (a new generation) is read anew: nothing of it is in that topic.
 * - A table whose mark is another one is read anew: what was changed while it was not published is nowhere in the stream. Of one that is not published now nothing is decided yet.
 *
 * A snapshot begins where the source's log ends, which may be ahead of the stream: (1) the stream stands at 100; (2) the table is taken out of what is published at 200, a row
 * of it that was changed at 150 is deleted, and the table is put back at 300; (3) begun at 100, the snapshot would take the change at 150 for newer than itself, and the row would stay for good.
 * Whatever the stream still carries up to there is not taken, for the snapshot has it and the table may be another one. It is taken where rows alone have moved, with or without their partitions:
 * every change that the source keeps is published, and the snapshot sweeps what is older than itself.
 *
 * @param marks null where the source has none
 * @param tables.indexed tables whose codes lie in others, which are read ahead of them, with whether it is known what was read of those; where it is not both are read anew
 * @param tables.withCodes tables whose codes are kept apart (`LiveCodes`): a snapshot begins with none of them
 */
export async function planSnapshots(
  stored: { readonly epoch: number; readonly sequence: bigint; readonly snapshots: readonly TableSnapshot[] },
  topics: ReadonlyMap<string, string>,
  holdsEvents: (topic: string) => Promise<boolean>,
  marks: TableMarks | null = null,
  { indexed = new Map(), withCodes = new Set() }: PlannedTables = {},
): Promise<SnapshotPlan> {
  const known = new Map(stored.snapshots.map((snapshot) => [snapshot.table, snapshot]));
  const { epoch } = stored;
  const ahead = (sequence: bigint): StreamPoint => ({
    epoch,
    sequence: marks !== null && marks.sequence > sequence ? marks.sequence : sequence,
  });
  const snapshots: TableSnapshot[] = [];
  const interrupted = new Map<string, { readonly isCutOff: boolean }>();
  const anew: string[] = [];
  const fromTheBeginning = (table: string): SnapshotProgress => {
    anew.push(table);
    return indexed.has(table) ? { ...unread(table), isOfParents: true } : unread(table);
  };
  for (const [table, topic] of topics) {
    const before = known.get(table);
    const mark = marks?.marks.get(table) ?? null;
    const isOurs = before !== undefined && (before.topic === null || before.topic === topic);
    const knownMark = before?.mark;
    const change =
      typeof knownMark === 'string' && mark !== null && knownMark !== mark ? (marks?.changeOf?.(knownMark, mark) ?? 'other') : 'same';
    const isWhole = change === 'same' || change === 'grown';
    const isIndexLacking = indexed.get(table) === false;
    const isKeptApart = indexed.has(table) || withCodes.has(table);
    if (!isOurs || !isWhole || (isIndexLacking && (before.done || before.lastKey !== null))) {
      const isCutOff = !isOurs || change !== 'moved' || isKeptApart;
      if (isOurs && !isWhole) interrupted.set(table, { isCutOff });
      // At the first start of all the stream begins behind the marks.
      const since = stored.sequence === 0n && !isOurs ? { epoch, sequence: 0n } : ahead(stored.sequence);
      const begins = isCutOff ? since.sequence : beginOf(before, epoch);
      snapshots.push({ ...fromTheBeginning(table), topic, mark, since, begins, sweeps: !isCutOff || (await holdsEvents(topic)) });
    } else if (isIndexLacking) {
      snapshots.push({ ...before, ...fromTheBeginning(table), topic, mark: mark ?? before.mark, begins: begun(before, isKeptApart) });
    } else if (before.mark !== null || mark === null || before.done) {
      snapshots.push({ ...before, topic, mark: mark ?? before.mark, begins: begun(before, isKeptApart) });
    } else {
      // It begins with the mark, whatever was read before.
      const since = ahead(before.since?.epoch === epoch ? before.since.sequence : stored.sequence);
      const sweeps = before.sweeps || before.lastKey !== null;
      snapshots.push({ ...fromTheBeginning(table), topic, mark, since, begins: since.sequence, sweeps });
    }
  }
  return { snapshots, interrupted, anew };
}

/** Where codes have come to be kept apart since the reading began, what the stream has of the table up to there is not taken any more. */
function begun({ done, since, begins }: TableSnapshot, isKeptApart: boolean): bigint | null {
  return done || !isKeptApart ? begins : (begins ?? since?.sequence ?? null);
}

/** Up to where nothing is taken of the stream for a table that is not read yet; null where all is. */
export function beginOf({ done, since, begins }: TableSnapshot, epoch: number): bigint | null {
  return done || since?.epoch !== epoch ? null : begins;
}

export function unread(table: string): SnapshotProgress {
  return { table, lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false };
}

/** The snapshots of one run. */
export class TableSnapshots {
  readonly #tables: Map<string, TableSnapshot>;

  constructor(tables: readonly TableSnapshot[]) {
    this.#tables = new Map(tables.map((snapshot) => [snapshot.table, snapshot]));
  }

  /** As they were at the start. */
  get all(): readonly TableSnapshot[] {
    return [...this.#tables.values()];
  }

  of(table: string): Pick<TableSnapshot, 'since' | 'sweeps'> {
    return this.#tables.get(table) ?? { since: null, sweeps: false };
  }

  /** Whatever it did not find is swept. */
  finish(table: string): void {
    const snapshot = this.#tables.get(table);
    if (snapshot !== undefined) this.#tables.set(table, { ...snapshot, done: true, since: null, begins: null, sweeps: false });
  }

  /** What to store with a point of the stream. */
  withProgress(point: readonly SnapshotProgress[]): TableSnapshot[] {
    return point.flatMap(({ table, lastKey, rowsRead, rowsEstimated, done, isOfParents = false }) => {
      const snapshot = this.#tables.get(table);
      return snapshot === undefined
        ? []
        : [{ ...snapshot, lastKey, rowsRead, rowsEstimated, done, ...(snapshot.isOfParents === undefined ? {} : { isOfParents }) }];
    });
  }
}
