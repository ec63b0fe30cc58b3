import { setTimeout as sleep } from 'node:timers/promises';
import { TrucError } from '@truc/kernel';
import type { CaptureFlowOptions } from './capture-flow-options.js';
import type { CaptureRun } from './capture-run.js';
import type { CaptureStore } from './capture-store.js';
import type { SnapshotProgress, SourceMessage, SourceRelation, SourceRowChange } from './change-source.js';
import type { LogWriter } from './log.js';
import type { RecordBatches } from './record-batches.js';
import { betweenTruncates, type OpenTransaction } from './source-transaction.js';

type RereadMessage = Extract<SourceMessage, { readonly kind: 'reread' }>;
type UnreadableMessage = Extract<SourceMessage, { readonly kind: 'unreadable' }>;
type SnapshotMessage = Extract<SourceMessage, { readonly kind: 'snapshot' }>;
type ChildrenMessage = Extract<SourceMessage, { readonly kind: 'children' }>;

/** Between two looks whether the position is stored, in milliseconds. */
const storedLookMs = 5;

/** Takes what the source yields, message by message, and hands what becomes of it to the writer. */
export class CaptureMessages {
  readonly #options: Pick<CaptureFlowOptions, 'sourceId' | 'source' | 'telemetry' | 'onReread' | 'tell'>;
  readonly #run: CaptureRun;
  readonly #store: CaptureStore;
  readonly #batches: RecordBatches;
  readonly #writer: LogWriter;
  /** Stopped tables whose quarantine is on the log as it was where they stand. */
  readonly #rolledBack: Set<string>;
  #transaction: OpenTransaction | null = null;

  constructor(
    options: Pick<CaptureFlowOptions, 'sourceId' | 'source' | 'telemetry' | 'onReread' | 'tell'>,
    run: CaptureRun,
    { store, batches, writer }: { readonly store: CaptureStore; readonly batches: RecordBatches; readonly writer: LogWriter },
  ) {
    this.#options = options;
    this.#run = run;
    this.#rolledBack = new Set(run.watermark.stopped.map(({ table }) => table));
    this.#store = store;
    this.#batches = batches;
    this.#writer = writer;
  }

  /** @throws TrucError CAPTURE_STREAM_BROKEN; those of the log, and of rows that no dataset alone is stopped for */
  async take(message: SourceMessage): Promise<void> {
    await this.#take(message);
    for (const { table, sequence } of this.#run.watermark.stopped) {
      if (this.#rolledBack.has(table)) continue;
      this.#rolledBack.add(table);
      // What the table was stopped in the middle of has replaced entries that it comes back to, perhaps after they would have been compacted.
      await this.#run.rollBack(table, sequence);
    }
  }

  async #take(message: SourceMessage): Promise<void> {
    const { telemetry, sourceId } = this.#options;
    switch (message.kind) {
      case 'begin': {
        const { transactionId: id, sequence, committedAtMs } = message;
        this.#transaction = { id, sequence, committedAtMs, ordinals: new Map() };
        return;
      }
      case 'rows':
        return this.#takeRows(message.changes);
      case 'commit':
        await this.#settleContested();
        this.#reached(message.sequence, this.#transaction?.committedAtMs ?? null);
        this.#transaction = null;
        telemetry.record('truc_capture_transactions', 1, { source: sourceId });
        return;
      case 'snapshot':
        return message.progress.isOfParents === true ? this.#takeParents(message) : this.#takeSnapshot(message);
      case 'reread':
        return this.#takeReread(message);
      case 'children':
        return this.#takeChildren(message);
      case 'unreadable':
        return this.#unreadable(message);
      case 'idle':
        this.#reached(message.sequence);
        return;
    }
  }

  /** Nothing is open here, and everything up to `sequence` has been given to the writer. */
  #reached(sequence: bigint, committedAtMs: number | null = null): void {
    const { offsets, watermark, parents } = this.#run;
    parents.reached(sequence, this.#options.source);
    offsets.reached(sequence, () => this.#writer.endOffsets());
    watermark.reached(sequence, committedAtMs);
  }

  async #settleContested(): Promise<void> {
    const { rows } = this.#run;
    const { contestedRows } = rows;
    if (contestedRows > 0) await this.#batches.publish(contestedRows, () => rows.settleContested());
  }

  async #takeRows(changes: readonly SourceRowChange[]): Promise<void> {
    const { rows, sweeper, liveCodes, watermark, parents } = this.#run;
    const transaction = this.#transaction;
    if (transaction === null) throw new TrucError('CAPTURE_STREAM_BROKEN', 'rows came outside of a transaction');
    for (const part of betweenTruncates(changes)) {
      if (part.kind === 'rows') {
        await this.#batches.publish(part.changes.length, () =>
          part.changes.flatMap((change) => {
            // Ahead of its own row: a table may be its own parent.
            parents.change(change, { sequence: transaction.sequence, index: change.index });
            return rows.change(change, transaction);
          }),
        );
      } else {
        await parents.truncated(part.truncate.relation, { sequence: transaction.sequence, index: part.truncate.index });
        const table = nameOf(part.truncate.relation);
        if (!watermark.takes(table, transaction.sequence)) continue;
        await this.#settleContested();
        if (!watermark.takes(table, transaction.sequence)) continue;
        await sweeper.truncated(part.truncate, transaction);
        liveCodes.get(table)?.clear();
      }
    }
  }

  async #takeSnapshot({ relation, rows, sequence, takenAtMs, progress }: SnapshotMessage): Promise<void> {
    const { tables, sweeper, watermark } = this.#run;
    const { table } = progress;
    const { since, sweeps } = tables.of(table);
    const convert = () => rows.flatMap((values) => this.#run.rows.snapshotRow(relation, values, sequence, takenAtMs, sweeps));
    await this.#batches.publish(rows.length, convert);
    // Where the table is stopped the chunk is not read: the next run reads it again.
    if (watermark.takes(table, sequence)) {
      if (progress.done) {
        // Before the table may be stored as done: after a crash in the middle its last chunk comes again, and with it the sweep.
        if (since !== null) await sweeper.snapshotEnded(table, since, sweeps, sequence, takenAtMs);
        tables.finish(table);
      }
      watermark.snapshotRead(progress);
      this.showSnapshot(progress);
    } else {
      this.#options.source.leaveTable?.(table);
    }
    this.#reached(sequence);
  }

  /** A chunk of the parents of a table: they are read before it. */
  async #takeParents({ relation, rows, sequence, progress }: SnapshotMessage): Promise<void> {
    const { watermark, parents } = this.#run;
    const { table, rowsRead, rowsEstimated, done } = progress;
    if (watermark.takes(table, sequence)) await parents.chunk(table, relation, rows, { sequence, index: 0 }, done);
    if (!watermark.takes(table, sequence)) {
      this.#options.source.leaveTable?.(table);
      return this.#reached(sequence);
    }
    const itsOwn = { table, lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false };
    watermark.snapshotRead(done ? itsOwn : { table, lastKey: progress.lastKey, rowsRead, rowsEstimated, done, isOfParents: true });
    this.#reached(sequence);
    // No row may be published under a code that the next run could find to be another.
    if (done) await this.#stored(sequence);
  }

  /**
   * Rows whose parent's code changed. That it changed is stored first:
   *
   * 1. A row is published under K, its parent's code changes, the row is read again, and K is deleted. The process ends before any of it is stored.
   * 2. The next run sends K again as it was first: behind its delete.
   * 3. Meanwhile the row has lost its parent at the source: it is held, and nothing deletes K once more.
   */
  async #takeChildren({ relation, rows, sequence, isLast, takenAtMs }: ChildrenMessage): Promise<void> {
    const { parents } = this.#run;
    await this.#stored(parents.pendingUpTo(nameOf(relation)));
    await this.#batches.publish(rows.length, () =>
      rows.flatMap((values) => this.#run.rows.childRow(relation, values, sequence, takenAtMs)),
    );
    if (isLast) parents.doneReading(nameOf(relation), { sequence, index: 0 });
    this.#reached(sequence);
  }

  /** Waits until everything up to here is stored. */
  async #stored(sequence: bigint): Promise<void> {
    const { signal } = this.#run;
    while (this.#store.stored.sequence < sequence) {
      signal.throwIfAborted();
      await sleep(storedLookMs, undefined, { signal });
    }
  }

  async #takeReread({ relation, rows, sequence, round, isLast, takenAtMs }: RereadMessage): Promise<void> {
    const { rereads, books, watermark } = this.#run;
    // Nothing of the second round may be written before what the first one noted is stored: the next run has to find it.
    if (round === 2) await this.#stored(rereads.notedUpTo);
    const table = nameOf(relation);
    const book = books.get(table);
    if (!watermark.takes(table, sequence)) {
      // What a stopped table holds is judged when it goes on.
      const error = new TrucError('CAPTURE_DATASET_STOPPED', `${table} is stopped: what is held of it is read again when it goes on`);
      this.#notReread(table, error);
      this.#options.source.leaveTable?.(table);
      this.#reached(sequence);
      return;
    }
    const heldBefore = book?.size ?? 0;
    const convert = () => rows.flatMap((values) => this.#run.rows.rereadRow(relation, values, sequence, takenAtMs, round));
    await this.#batches.publish(rows.length, convert);
    if (round === 2 && isLast && watermark.takes(table, sequence)) rereads.finished(table);
    this.#reached(sequence);
    if (round === 1) rereads.notedUpTo = sequence;
    else this.#options.onReread?.({ table, read: rows.length, released: heldBefore - (book?.size ?? 0), isLast, failure: null });
  }

  /** What is held of the table stays held. */
  #notReread(table: string, failure: TrucError): void {
    this.#run.rereads.failed(table);
    this.#options.onReread?.({ table, read: 0, released: 0, isLast: true, failure });
  }

  /** Nothing more of the table can be read, which is nothing to one that is not captured, and no reason to stop one that streams soundly. @throws the error itself where it is not the table's alone */
  #unreadable({ table, what, error }: UnreadableMessage): void {
    const { watermark, captures } = this.#run;
    if (!watermark.isCaptured(table)) return;
    if (what === 'snapshot') return watermark.stop(table, error);
    const dataset = captures.get(table)?.dataset.name ?? table;
    this.#options.tell?.(dataset, `what quarantine holds of ${dataset} could not be read again, and stays held: ${error.message}`);
    this.#notReread(table, error);
  }

  showSnapshot(progress: SnapshotProgress): void {
    const dataset = this.#run.captures.get(progress.table)?.dataset.name;
    if (dataset === undefined) return;
    const { telemetry } = this.#options;
    telemetry.record('truc_snapshot_rows', progress.rowsRead, { dataset });
    telemetry.record(
      'truc_snapshot_rows_expected',
      progress.done ? progress.rowsRead : Math.max(progress.rowsEstimated, progress.rowsRead),
      { dataset },
    );
    telemetry.record('truc_snapshot_done', progress.done ? 1 : 0, { dataset });
  }
}

function nameOf({ schema, table }: SourceRelation): string {
  return `${schema}.${table}`;
}
