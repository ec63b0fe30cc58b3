import { TrucError } from '@truc/kernel';
import { isTableStop, type SnapshotProgress, type SourceMessage } from '@truc/pipeline';
import type { CapturedTable } from './captured-table.js';
import type { SnapshotChunk } from './snapshot-reader.js';
import { keyText } from './source-relation.js';
import type { TouchedKeys } from './touched-keys.js';

/** What the snapshots need of the reader. */
export interface ChunkReading {
  read(table: CapturedTable, after: readonly string[] | null): Promise<SnapshotChunk>;
  readKeys(table: CapturedTable, keys: readonly (readonly string[])[]): Promise<SnapshotChunk>;
  emitWatermark(id: string): Promise<void>;
}

export interface SnapshotTask {
  readonly table: CapturedTable;
  readonly progress: SnapshotProgress;
  /** What the stream tells its rows apart by, where they are read in another order. */
  readonly keys?: readonly string[];
  /** Where the task is one chunk of rows that are read again by their keys, and no snapshot; its progress says nothing then. */
  readonly reread?: { readonly keys: readonly (readonly string[])[]; readonly round: 1 | 2; readonly isLast: boolean };
}

export interface SnapshotPace {
  /** Chunks that were read and whose watermark has not come by yet. */
  readonly chunksAhead: number;
  /** Between two readings of a chunk that could not be judged. */
  readonly retryDelayMs: number;
}

interface PendingChunk {
  readonly id: string;
  readonly chunk: SnapshotChunk;
  readonly before: SnapshotProgress;
  readonly progress: SnapshotProgress;
  readonly task: number;
}

/**
 * Snapshots tables one after the other, chunk by chunk, while the stream goes on. Reading runs at most `chunksAhead` ahead of the stream.
 *
 * How a chunk meets the stream:
 *
 * 1. The chunk is read in one REPEATABLE READ transaction, and what its snapshot sees is noted.
 * 2. A watermark is written to the log after it: everything the chunk sees committed below the watermark.
 * 3. The stream carries other transactions up to the watermark; their keys go to TouchedKeys.
 * 4. The watermark comes by. Rows that a transaction touched which the chunk does not see are dropped (the stream carried them, newer), the others take the
 *    watermark's position: above everything they contain, below everything that will change them.
 *
 * A chunk that cannot be judged (TouchedKeys) is thrown away with those read after it, and reading goes back to its first key.
 */
export class TableSnapshots {
  private readonly pending: PendingChunk[] = [];
  private task = 0;
  private progress: SnapshotProgress;
  private round = 0;
  private chunks = 0;
  private restTimer: NodeJS.Timeout | null = null;
  private stopped = false;
  private wake: (() => void) | null = null;
  /** Tables of which nothing more is read. */
  private readonly left = new Set<string>();
  /** Tables of which no rows are read by their keys any more. */
  private readonly leftRereads = new Set<string>();
  private readonly unreadable: Extract<SourceMessage, { kind: 'unreadable' }>[] = [];

  /** @param run distinguishes this stream's watermarks from those of an earlier one or of another agent */
  constructor(
    private readonly run: string,
    private readonly tasks: readonly SnapshotTask[],
    private readonly reader: ChunkReading,
    private readonly touched: TouchedKeys,
    private readonly pace: SnapshotPace,
    private readonly log: (message: string) => void,
    private readonly onUnreadable: () => void = () => undefined,
  ) {
    const [first] = tasks;
    if (first === undefined) throw new TrucError('CAPTURE_SNAPSHOT_EMPTY', 'there is no table to snapshot');
    this.progress = first.progress;
  }

  /** Reads until the last table is read and judged, or `stop`. @throws TrucError of the reader */
  async read(): Promise<void> {
    while (!this.stopped) {
      const task = this.tasks[this.task];
      if (task === undefined && this.pending.length === 0) return;
      if (task !== undefined && this.isLeft(task)) this.nextTask();
      else if (task !== undefined && this.restTimer === null && this.pending.length < this.pace.chunksAhead) await this.tryChunk(task);
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  stop(): void {
    this.stopped = true;
    if (this.restTimer !== null) clearTimeout(this.restTimer);
    this.wake?.();
  }

  /** Nothing more of this table is read, now that nobody takes it. */
  leave(table: string): void {
    this.left.add(table);
    this.wake?.();
  }

  /** A table that could not be read, once; null where there is none. It is left then. */
  takeUnreadable(): SourceMessage | null {
    return this.unreadable.shift() ?? null;
  }

  get hasUnreadable(): boolean {
    return this.unreadable.length > 0;
  }

  /**
   * To be called when a watermark comes by in the stream.
   * @returns the chunk's rows at the watermark's position, or null when the watermark is not of a chunk that stands
   */
  judge(id: string, sequence: bigint): SourceMessage | null {
    const [first] = this.pending;
    if (first === undefined || first.id !== id) return null;
    const { chunk, progress } = first;
    const { table, reread, keys } = this.tasks[first.task]!;
    const verdict = this.touched.judge(chunk.snapshot, table.table);
    if (verdict.kind === 'unusable') {
      this.goBackTo(first, verdict.waitingFor);
      return null;
    }
    this.pending.shift();
    const next = this.pending[0];
    if (next !== undefined) this.touched.settle(next.chunk.snapshot);
    this.wake?.();
    const keyIndexes =
      keys === undefined ? chunk.keyIndexes : keys.map((name) => chunk.relation.columns.findIndex((column) => column.name === name));
    const rows = chunk.rows.filter((row) => !verdict.isTouched(keyText(keyIndexes, row) ?? ''));
    if (reread !== undefined)
      return {
        kind: 'reread',
        relation: chunk.relation,
        sequence,
        rows,
        round: reread.round,
        isLast: reread.isLast,
        takenAtMs: chunk.takenAtMs,
      };
    return { kind: 'snapshot', relation: chunk.relation, sequence, rows, progress, takenAtMs: chunk.takenAtMs };
  }

  /** What stops one table is its reading alone: a watermark that cannot be written would be waited for for ever. */
  private async tryChunk(task: SnapshotTask): Promise<void> {
    const { round } = this;
    const chunk = await this.readChunk(task).catch((error: unknown) => {
      if (!isTableStop(error)) throw error;
      this.giveUp(task, error);
      return null;
    });
    // Meanwhile a chunk before this one may have been thrown away.
    if (chunk === null || round !== this.round || this.stopped) return;
    await this.announce(chunk);
  }

  private readChunk({ table, reread }: SnapshotTask): Promise<SnapshotChunk> {
    return reread === undefined ? this.reader.read(table, this.progress.lastKey) : this.reader.readKeys(table, reread.keys);
  }

  /** A table that cannot be read by keys may still be read as a whole, or say then why not. */
  private giveUp({ progress: { table }, reread }: SnapshotTask, error: TrucError): void {
    const what = reread === undefined ? 'snapshot' : 'reread';
    (reread === undefined ? this.left : this.leftRereads).add(table);
    this.unreadable.push({ kind: 'unreadable', what, table, error });
    this.onUnreadable();
  }

  private isLeft({ progress: { table }, reread }: SnapshotTask): boolean {
    return this.left.has(table) || (reread !== undefined && this.leftRereads.has(table));
  }

  private nextTask(): void {
    this.task += 1;
    this.progress = this.tasks[this.task]?.progress ?? this.progress;
  }

  private async announce(chunk: SnapshotChunk): Promise<void> {
    const { task, progress: before } = this;
    const progress = this.advance(before, chunk);
    const id = `${this.run}/${++this.chunks}`;
    // Ahead of the watermark's own commit, since the stream may carry it before the answer to the statement arrives.
    this.pending.push({ id, chunk, before, progress, task });
    if (this.pending.length === 1) this.touched.settle(chunk.snapshot);
    if (progress.done) this.task += 1;
    this.progress = progress.done ? (this.tasks[this.task]?.progress ?? progress) : progress;
    await this.reader.emitWatermark(id);
  }

  private advance(before: SnapshotProgress, { rows, keyIndexes, isLast, rowsEstimated }: SnapshotChunk): SnapshotProgress {
    const last = rows.at(-1);
    return {
      table: before.table,
      lastKey: last === undefined ? before.lastKey : keyIndexes.map((index) => last[index] ?? ''),
      rowsRead: before.rowsRead + rows.length,
      rowsEstimated: before.lastKey === null ? rowsEstimated : before.rowsEstimated,
      done: isLast,
      ...(before.isOfParents === true ? { isOfParents: true } : {}),
    };
  }

  private goBackTo({ task, before }: PendingChunk, waitingFor: readonly bigint[]): void {
    this.log(
      `the snapshot of ${before.table} waits for transaction ${waitingFor.join(', ')}, which was open before the stream began or is not visible yet; ` +
        'see pg_stat_activity.backend_xid and pg_prepared_xacts',
    );
    this.pending.length = 0;
    this.round += 1;
    this.task = task;
    this.progress = before;
    this.restTimer ??= setTimeout(() => {
      this.restTimer = null;
      this.wake?.();
    }, this.pace.retryDelayMs);
  }
}
