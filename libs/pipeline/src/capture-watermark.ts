import type { SnapshotProgress } from './change-source.js';
import type { StoppedTable } from './table-lag.js';
import type { StopPoint, TableGate, TablePoint, TablePositions } from './table-positions.js';

/** A point of the stream behind which nothing is open: what may be stored once everything before it is acknowledged. */
export interface CapturePoint extends TablePoint {
  readonly snapshots: readonly SnapshotProgress[];
  /** Commit time of the newest transaction up to here, in milliseconds; null where only snapshot rows or idle time passed. */
  readonly committedAtMs: number | null;
}

/**
 * Decides what may be stored and confirmed: the newest point of the stream where no transaction was open, with where each table stands. It knows no log and no slot.
 *
 * The order of durability is data, state, slot. The caller takes a point, waits until everything that was written before is acknowledged, stores the point,
 * waits for that, and only then confirms the slot.
 */
export class CaptureWatermark implements TableGate {
  readonly #positions: TablePositions;
  #committedAtMs: number | null = null;
  #isMoved = false;
  readonly #snapshots: Map<string, SnapshotProgress>;

  constructor(positions: TablePositions, snapshots: readonly SnapshotProgress[]) {
    this.#positions = positions;
    this.#snapshots = new Map(snapshots.map((progress) => [progress.table, progress]));
    this.#isMoved = positions.stopped.length > 0;
  }

  isCaptured(table: string): boolean {
    return this.#positions.isCaptured(table);
  }

  takes(table: string, sequence: bigint): boolean {
    return this.#positions.takes(table, sequence);
  }

  stop(table: string, error: unknown, at?: StopPoint): void {
    this.#positions.stop(table, error, at);
    this.#isMoved = true;
  }

  giveUp(table: string): StoppedTable | null {
    this.#isMoved = true;
    return this.#positions.giveUp(table);
  }

  get stopped(): readonly StoppedTable[] {
    return this.#positions.stopped;
  }

  /** A transaction ended, or nothing of ours came up to `sequence`. All of it has been given to the writer. */
  reached(sequence: bigint, committedAtMs: number | null = null): void {
    if (!this.#positions.reached(sequence)) return;
    this.#committedAtMs = committedAtMs ?? this.#committedAtMs;
    this.#isMoved = true;
  }

  /** A snapshot chunk was given to the writer. */
  snapshotRead(progress: SnapshotProgress): void {
    this.#snapshots.set(progress.table, progress);
    this.#isMoved = true;
  }

  /** The newest point, once; null when nothing moved since it was last taken. */
  take(): CapturePoint | null {
    if (!this.#isMoved) return null;
    this.#isMoved = false;
    const committedAtMs = this.#committedAtMs;
    this.#committedAtMs = null;
    return { ...this.#positions.point(), snapshots: [...this.#snapshots.values()], committedAtMs };
  }

  get snapshots(): readonly SnapshotProgress[] {
    return [...this.#snapshots.values()];
  }
}
