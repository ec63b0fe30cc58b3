import { randomUUID } from 'node:crypto';
import type { ChildrenWanted, SourceMessage } from '@truc/pipeline';
import type { CapturedTable } from './captured-table.js';
import type { SnapshotReader } from './snapshot-reader.js';
import { TableSnapshots, type SnapshotPace } from './table-snapshots.js';
import { TouchedKeys } from './touched-keys.js';
import type { RowObserver } from './transaction-assembler.js';

export interface ChildrenReadingParts {
  readonly tables: readonly CapturedTable[];
  readonly openReader: () => Promise<SnapshotReader>;
  readonly touchedKeysBytes: number;
  readonly pace: SnapshotPace;
  readonly log: (message: string) => void;
  /** A table could not be read: `takeUnreadable` has it. */
  readonly onUnreadable: () => void;
  /** Anything else went wrong, which ends the stream. */
  readonly onFailure: (error: unknown) => void;
}

interface Reading {
  readonly reader: SnapshotReader;
  readonly touched: TouchedKeys;
  readonly snapshots: TableSnapshots;
}

/**
 * Reads rows of one table that point to certain rows of another, while the stream goes on: one request after the other, each as a snapshot of those rows alone, with watermarks as snapshots have them.
 *
 * What the stream carried before a request was begun is not known here. So a chunk waits until every transaction that was in the log by then can be seen (TouchedKeys):
 *
 * 1. Keys of rows that come by are kept from now on.
 * 2. Then a transaction id is given out: whatever was streamed before has a lower one.
 * 3. A chunk whose snapshot does not see all transactions below it is read again later.
 */
export class ChildrenReading implements RowObserver {
  private readonly waiting: ChildrenWanted[] = [];
  private reading: Reading | null = null;
  private opening: Promise<void> | null = null;
  private touched: TouchedKeys | null = null;
  private stopped = false;

  constructor(private readonly parts: ChildrenReadingParts) {}

  ask(wanted: ChildrenWanted): void {
    this.waiting.push(wanted);
    this.beginNext();
  }

  begin(xid: number): void {
    this.touched?.begin(xid);
  }

  touch(table: string, key: string | null): void {
    this.touched?.touch(table, key);
  }

  truncate(table: string): void {
    this.touched?.truncate(table);
  }

  /** To be called when a watermark comes by. @returns the rows that were read, or null where it is not of a chunk that stands */
  judge(id: string, sequence: bigint): SourceMessage | null {
    const judged = this.reading?.snapshots.judge(id, sequence) ?? null;
    if (judged?.kind !== 'snapshot') return null;
    const { relation, rows, takenAtMs, progress } = judged;
    if (progress.done) this.finish();
    return { kind: 'children', relation, sequence, rows, isLast: progress.done, takenAtMs };
  }

  /** A table that could not be read, once. What else was asked for of it is not read either. */
  takeUnreadable(): SourceMessage | null {
    const unreadable = this.reading?.snapshots.takeUnreadable() ?? null;
    if (unreadable?.kind !== 'unreadable') return null;
    this.leave(unreadable.table);
    this.finish();
    return unreadable;
  }

  get hasUnreadable(): boolean {
    return this.reading?.snapshots.hasUnreadable ?? false;
  }

  /** Nothing more of this table is read. */
  leave(table: string): void {
    for (let at = this.waiting.length - 1; at >= 0; at--) if (this.waiting[at]!.table === table) this.waiting.splice(at, 1);
  }

  async close(): Promise<void> {
    this.stopped = true;
    this.waiting.length = 0;
    this.finish();
    await this.opening;
  }

  private beginNext(): void {
    const wanted = this.waiting[0];
    if (this.stopped || this.touched !== null || wanted === undefined) return;
    this.waiting.shift();
    const table = this.parts.tables.find((one) => one.table === wanted.table);
    if (table === undefined) return;
    // Ahead of the transaction id, so that nothing lies between.
    const touched = new TouchedKeys(new Set([table.table]), 0n, this.parts.touchedKeysBytes);
    this.touched = touched;
    this.opening = this.open({ ...table, among: wanted }, touched).catch((error: unknown) => {
      if (!this.stopped) this.parts.onFailure(error);
    });
  }

  private async open(table: CapturedTable, touched: TouchedKeys): Promise<void> {
    const { openReader, pace, log, onUnreadable, onFailure } = this.parts;
    const reader = await openReader();
    try {
      touched.expectFrom(await reader.freshTransactionId());
      if (this.stopped || this.touched !== touched) return reader.close();
      const progress = { table: table.table, lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false };
      const snapshots = new TableSnapshots(randomUUID(), [{ table, progress }], reader, touched, pace, log, onUnreadable);
      const reading = { reader, touched, snapshots };
      this.reading = reading;
      void snapshots.read().catch((error: unknown) => {
        if (this.reading === reading && !this.stopped) onFailure(error);
      });
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  private finish(): void {
    this.reading?.snapshots.stop();
    this.reading?.reader.close();
    this.reading = null;
    this.touched = null;
    this.beginNext();
  }
}
