import type { DatasetPipeline } from './dataset-pipeline.js';

export interface SnapshotProgressView {
  readonly rows: number;
  readonly expected: number;
  /** 0 to 1. */
  readonly share: number;
  /** null until a pace is known. */
  readonly secondsLeft: number | null;
}

/** The pace is measured over this long, so that it follows changes and does not jump. */
const windowMs = 10_000;

/** How far the initial snapshot of all datasets is, and how long it will still take at its pace of late. */
export class SnapshotPace {
  readonly #points: { readonly atMs: number; readonly rows: number }[] = [];

  /** @returns null where no snapshot runs */
  look(pipelines: readonly DatasetPipeline[], nowMs: number): SnapshotProgressView | null {
    const known = pipelines.flatMap(({ snapshot }) => (snapshot === null ? [] : [snapshot]));
    if (known.length === 0 || known.every(({ isDone }) => isDone)) return null;
    const rows = known.reduce((total, one) => total + one.rows, 0);
    const expected = known.reduce((total, one) => total + Math.max(one.rows, one.expected), 0);
    this.#points.push({ atMs: nowMs, rows });
    while (this.#points.length > 2 && nowMs - (this.#points[0]?.atMs ?? nowMs) > windowMs) this.#points.shift();
    const first = this.#points[0] ?? { atMs: nowMs, rows };
    const perMs = (rows - first.rows) / (nowMs - first.atMs);
    const secondsLeft = perMs > 0 ? (expected - rows) / perMs / 1000 : null;
    return { rows, expected, share: expected === 0 ? 0 : Math.min(1, rows / expected), secondsLeft };
  }
}
