import { comparePositions, type Position } from '@truc/kernel';
import { confirmable, isTableStop, type StoppedTable, type TableLag } from './table-lag.js';

/** Whether a table takes what comes, and what becomes of it where it cannot. */
export interface TableGate {
  /** False for a table that is stopped, that has it already, or that is not captured. */
  takes(table: string, sequence: bigint): boolean;
  /** The table is stopped where the error is its own. @param at of the row that it stops at; where the stream is by default @throws the error itself where it is not */
  stop(table: string, error: unknown, at?: StopPoint): void;
}

/** Of the stored epoch. */
export type StopPoint = Omit<Position, 'epoch'>;

/** Where the tables of a source stand at a point of the stream. */
export interface TablePoint {
  /** Of all tables that do not lag. */
  readonly sequence: bigint;
  readonly lags: readonly TableLag[];
  /** The source may forget everything up to here. */
  readonly confirmed: bigint;
}

interface TablePlace {
  readonly dataset: string;
  readonly topic: string;
  /** Behind the highest position that was ever sent to the topic in the stored epoch; null where nothing was. */
  readonly sentBelow: StopPoint | null;
  /** Where its snapshot begins that is not done: nothing at or below is taken of the stream, for the snapshot has it. */
  readonly begins?: bigint | null;
}

interface Standing extends TablePlace {
  /** Where it stood when the run began. */
  readonly from: bigint;
  /** What an earlier run stopped at; null where the table did not lag. */
  readonly stoppedAt: StopPoint | null;
  /** What it was stopped for, until it has moved. */
  readonly was: StoppedTable | null;
  stop: StoppedTable | null;
}

/**
 * Decides table by table what is taken of one stream. It knows no log, no slot and no clock.
 *
 * The stream begins behind the table that is furthest behind. The others have what comes at first and skip it, each up to its own position; every table that was stopped tries again. What
 * stops it once more leaves it where it stood, and it counts as stopped all along; a transaction in the middle of which it stopped comes again from its beginning, with the positions that it had.
 */
export class TablePositions implements TableGate {
  readonly #sequence: bigint;
  readonly #tables = new Map<string, Standing>();
  readonly #nowMs: () => number;
  #reached: bigint;

  /**
   * @param stored as the state has it; a lag of a table that is not captured any more, or into another topic, is forgotten (`gapsAtStart` names it)
   * @param tables what is captured, by `schema.table`
   */
  constructor(
    stored: { readonly sequence: bigint; readonly lags: readonly TableLag[] },
    tables: ReadonlyMap<string, TablePlace>,
    nowMs: () => number,
  ) {
    this.#sequence = stored.sequence;
    this.#nowMs = nowMs;
    for (const [table, place] of tables) {
      const lag = stored.lags.find((one) => one.table === table && one.topic === place.topic) ?? null;
      const from = highest(lag?.sequence ?? stored.sequence, place.begins ?? 0n);
      const was = lag?.kind === 'stopped' ? lag : null;
      this.#tables.set(table, { ...place, from, stoppedAt: lag?.stoppedAt ?? null, was, stop: null });
    }
    this.#reached = [...this.#tables.values()].reduce((lowest, { from }) => (from < lowest ? from : lowest), stored.sequence);
  }

  /** Where the stream begins, as long as nothing was reached. */
  get start(): bigint {
    return this.#reached;
  }

  /** False for a table that was given up, or that is not captured at all. */
  isCaptured(table: string): boolean {
    return this.#tables.has(table);
  }

  /** Where the table stood when the run began. */
  startOf(table: string): bigint {
    return this.#tables.get(table)?.from ?? this.#sequence;
  }

  /** Of what comes again for the table, a part that stands below this may be on the log, as other rules judged it; null where nothing of the kind comes. */
  stoppedAt(table: string): StopPoint | null {
    return this.#tables.get(table)?.stoppedAt ?? null;
  }

  get stopped(): readonly StoppedTable[] {
    return [...this.#tables.values()].flatMap(({ stop }) => stop ?? []);
  }

  takes(table: string, sequence: bigint): boolean {
    const standing = this.#tables.get(table);
    return standing !== undefined && standing.stop === null && sequence > standing.from;
  }

  /** Stops the table where it stands. @throws the error itself where it is not one table's alone */
  stop(table: string, error: unknown, at?: StopPoint): void {
    const standing = this.#tables.get(table);
    if (standing === undefined || !isTableStop(error)) throw error;
    if (standing.stop !== null) return;
    const { dataset, topic, sentBelow, was, from } = standing;
    const { code, message: reason } = error;
    const sequence = this.#of(standing);
    const stoppedAt = later(sentBelow, later(standing.stoppedAt, at ?? { sequence: this.#reached, index: 0 }));
    // What cannot be read is no row that it could have got past.
    const isSame = was !== null && (sequence === from || (at === undefined && was.code === code));
    const sinceMs = isSame ? was.sinceMs : this.#nowMs();
    standing.stop = { kind: 'stopped', table, dataset, topic, sequence, stoppedAt, code, reason, sinceMs };
  }

  /** What is kept for the table is given up: it is captured no more. @returns where it stood */
  giveUp(table: string): StoppedTable | null {
    const stop = this.#tables.get(table)?.stop ?? null;
    if (stop !== null) this.#tables.delete(table);
    return stop;
  }

  /** A transaction ended, or nothing of ours came up to here. @returns false where the stream was there already */
  reached(sequence: bigint): boolean {
    if (sequence <= this.#reached) return false;
    this.#reached = sequence;
    return true;
  }

  point(): TablePoint {
    const sequence = highest(this.#sequence, this.#reached);
    const lags = [...this.#tables].flatMap(([table, standing]): TableLag[] => {
      if (standing.stop !== null) return [standing.stop];
      const { dataset, topic, stoppedAt, was, from } = standing;
      const at = this.#of(standing);
      if (was !== null && at === from) return [was];
      return at < sequence && stoppedAt !== null ? [{ kind: 'catching-up', table, dataset, topic, sequence: at, stoppedAt }] : [];
    });
    return { sequence, lags, confirmed: confirmable({ sequence: this.#reached, lags }) };
  }

  #of({ from }: Standing): bigint {
    return highest(from, this.#reached);
  }
}

function highest(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function later(known: StopPoint | null, at: StopPoint): StopPoint {
  return known === null || comparePositions({ epoch: 0, ...at }, { epoch: 0, ...known }) > 0 ? at : known;
}
