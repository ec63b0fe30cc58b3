import type { SnapshotProgress } from './change-source.js';

/** A point of the stream behind which nothing is open: what may be stored once everything before it is acknowledged. */
export interface CapturePoint {
  readonly sequence: bigint;
  readonly snapshots: readonly SnapshotProgress[];
  /** Commit time of the newest transaction up to here, in milliseconds; null where only snapshot rows or idle time passed. */
  readonly committedAtMs: number | null;
}

/**
 * Decides what may be stored and confirmed: the newest point of the stream where no transaction was open. It knows no log and no slot.
 *
 * The order of durability is data, state, slot. The caller takes a point, waits until everything that was written before is acknowledged, stores the point,
 * waits for that, and only then confirms the slot.
 */
export class CaptureWatermark {
  #sequence: bigint;
  #committedAtMs: number | null = null;
  #isMoved = false;
  readonly #snapshots: Map<string, SnapshotProgress>;

  constructor(sequence: bigint, snapshots: readonly SnapshotProgress[]) {
    this.#sequence = sequence;
    this.#snapshots = new Map(snapshots.map((progress) => [progress.table, progress]));
  }

  /** A transaction ended, or nothing of ours came up to `sequence`. All of it has been given to the writer. */
  reached(sequence: bigint, committedAtMs: number | null = null): void {
    if (sequence <= this.#sequence) return;
    this.#sequence = sequence;
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
    return { sequence: this.#sequence, snapshots: [...this.#snapshots.values()], committedAtMs };
  }

  get snapshots(): readonly SnapshotProgress[] {
    return [...this.#snapshots.values()];
  }
}
