import type { SnapshotProgress } from './change-source.js';

/** A point of the stream. */
export interface StreamPoint {
  readonly epoch: number;
  readonly sequence: bigint;
}

/** A table's snapshot as the state keeps it: what the source says of it, and what becomes of the keys that it does not find. */
export interface TableSnapshot extends SnapshotProgress {
  /** Topic that the rows were written to; null in states that do not say. */
  readonly topic: string | null;
  /** Where the stream stood when the snapshot began: what the table's topic holds up to there is older than the snapshot. Null once it is done. */
  readonly since: StreamPoint | null;
  /** True where the topic held events when the snapshot began: its end sweeps what it did not find. */
  readonly sweeps: boolean;
}

/**
 * The snapshots that a source needs, by what is stored and what is captured now.
 *
 * - A table that is no longer captured is forgotten: nothing follows its changes from here on, so that it has to be read anew when it comes back.
 * - A table whose dataset has another topic now (a new generation) is read anew: nothing of it is in that topic.
 */
export async function planSnapshots(
  stored: { readonly epoch: number; readonly sequence: bigint; readonly snapshots: readonly TableSnapshot[] },
  topics: ReadonlyMap<string, string>,
  holdsEvents: (topic: string) => Promise<boolean>,
): Promise<TableSnapshot[]> {
  const known = new Map(stored.snapshots.map((snapshot) => [snapshot.table, snapshot]));
  const since = { epoch: stored.epoch, sequence: stored.sequence };
  const planned: TableSnapshot[] = [];
  for (const [table, topic] of topics) {
    const before = known.get(table);
    if (before !== undefined && (before.topic === null || before.topic === topic)) planned.push({ ...before, topic });
    else planned.push({ ...unread(table), topic, since, sweeps: await holdsEvents(topic) });
  }
  return planned;
}

function unread(table: string): SnapshotProgress {
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
    if (snapshot !== undefined) this.#tables.set(table, { ...snapshot, done: true, since: null, sweeps: false });
  }

  /** What to store with a point of the stream. */
  withProgress(point: readonly SnapshotProgress[]): TableSnapshot[] {
    return point.flatMap(({ table, lastKey, rowsRead, rowsEstimated, done }) => {
      const snapshot = this.#tables.get(table);
      return snapshot === undefined ? [] : [{ ...snapshot, lastKey, rowsRead, rowsEstimated, done }];
    });
  }
}
