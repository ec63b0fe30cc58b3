import type { Clock, Position } from '@truc/kernel';
import type { Telemetry } from '@truc/telemetry';
import type { DatasetCapture } from './dataset-capture.js';
import { sweepDataset, type SweepCause } from './dataset-sweep.js';
import type { LogReader, LogWriter } from './log.js';
import type { QuarantineBook } from './quarantine-book.js';
import type { RowPublication } from './row-publication.js';
import type { StreamPoint } from './snapshot-plan.js';
import type { OpenTransaction, Truncate } from './source-transaction.js';

export interface TableSweeperParts {
  /** By `schema.table`. */
  readonly tables: ReadonlyMap<string, DatasetCapture>;
  /** By `schema.table`. */
  readonly books: ReadonlyMap<string, QuarantineBook>;
  readonly epoch: number;
  readonly rows: RowPublication;
  readonly reader: LogReader;
  readonly writer: LogWriter;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly sweepBytesMax?: number;
}

interface TableSweep {
  readonly cause: SweepCause;
  readonly upTo: Position;
  readonly at: Position;
  readonly transactionId: string | null;
  readonly committedAtMs: number;
  /** False where the topic is known to hold nothing older. */
  readonly looksAtTopic: boolean;
}

/**
 * Deletes the rows of a table that are gone without an event of their own: after a truncate, and at the end of a snapshot that did not find them. The caller waits
 * for it before it takes the next message, so that what follows in the stream comes behind it in the log, and nothing is stored past it before it is acknowledged.
 */
export class TableSweeper {
  readonly #parts: TableSweeperParts;

  constructor(parts: TableSweeperParts) {
    this.#parts = parts;
  }

  /** Nothing that stood in the table is left, and nothing that quarantine holds of it. */
  async truncated({ relation, index }: Truncate, { sequence, id, committedAtMs }: OpenTransaction): Promise<void> {
    const at = { epoch: this.#parts.epoch, sequence, index };
    const sweep: TableSweep = { cause: 'truncate', upTo: at, at, transactionId: id, committedAtMs, looksAtTopic: true };
    await this.#sweep(`${relation.schema}.${relation.table}`, sweep);
  }

  /**
   * Whatever was last heard of before the snapshot began was not found by it. Rows that it found and that quarantine holds have an entry of this snapshot; what is
   * still published of them stays.
   * @param sequence of the last chunk's high watermark
   */
  async snapshotEnded(table: string, since: StreamPoint, looksAtTopic: boolean, sequence: bigint, takenAtMs: number): Promise<void> {
    const upTo = { ...since, index: 2 ** 32 - 1 };
    const at = { epoch: this.#parts.epoch, sequence, index: 0 };
    await this.#sweep(table, { cause: 'snapshot', upTo, at, transactionId: null, committedAtMs: takenAtMs, looksAtTopic });
  }

  async #sweep(table: string, { cause, upTo, at, transactionId, committedAtMs, looksAtTopic }: TableSweep): Promise<void> {
    const { tables, books, rows, reader, writer, signal, clock, telemetry, sweepBytesMax } = this.#parts;
    const capture = tables.get(table);
    const book = books.get(table);
    if (capture === undefined || book === undefined) return;
    const { name: dataset, topic, partitions } = capture.dataset;
    await writer.write(book.heldUpTo(upTo).map((sourceKey) => book.release(sourceKey, at, clock.now())));
    telemetry.record('truc_capture_quarantine_rows', book.size, { dataset });
    if (!looksAtTopic) return;
    const spared = new Set(book.publishedKeys().map((key) => capture.encodeKey(key).toString('latin1')));
    const deletion = rows.sweepDeletion(capture, at, transactionId, committedAtMs);
    const sweep = { topic, partitions, cause, upTo, at, deletion, spared, timestampMs: committedAtMs };
    const bytes = sweepBytesMax === undefined ? {} : { bytesMax: sweepBytesMax };
    const swept = await sweepDataset(sweep, { reader, writer, signal, ...bytes });
    telemetry.record('truc_capture_swept', swept, { dataset, cause });
  }
}
