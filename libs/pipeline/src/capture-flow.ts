import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { positionHeaders, positionOf } from '@truc/change-event';
import { TrucError, type Clock, type Position } from '@truc/kernel';
import { TRACE_HEADER, type Telemetry } from '@truc/telemetry';
import { captureStateKey, decodeCaptureState, encodeCaptureState, type CaptureState } from './capture-state.js';
import { CaptureWatermark } from './capture-watermark.js';
import type { ChangeSource, SnapshotProgress, SourceMessage } from './change-source.js';
import type { DatasetCapture } from './dataset-capture.js';
import type { LogHeader, LogReader, LogRecord, LogWriter } from './log.js';
import { scanToEnd } from './log-scan.js';
import { QuarantineBook } from './quarantine-book.js';
import { RowPublication, type OpenTransaction } from './row-publication.js';
import { highestSentPosition } from './sent-position.js';

/** Facts of the source that are stored with the position, so that a replaced server is recognised. */
export interface SourceIdentity {
  readonly systemIdentifier: string;
  readonly timeline: number;
}

export interface CaptureFlowOptions {
  /** Label of metrics and of `source.sourceId`. */
  readonly sourceId: string;
  /** Kind of source for the envelope, e.g. `postgresql`. */
  readonly connector: string;
  readonly slot: string;
  readonly source: ChangeSource;
  /** By `schema.table`. */
  readonly tables: ReadonlyMap<string, DatasetCapture>;
  readonly release: number;
  readonly stateTopic: string;
  /** Id of the schema of quarantine entries, by dataset. */
  readonly quarantineSchemaIds: ReadonlyMap<string, number>;
  /** Opens the source's only writer on these partitions: from then on no former owner writes any more. */
  readonly openWriter: (partitions: readonly { topic: string; partition: number }[]) => Promise<LogWriter>;
  readonly reader: LogReader;
  /** Judges whether the source may be read on from there; throws the named gap. Called before the first byte is streamed. */
  readonly checkSource: (stored: CaptureState | null, highestSent: Position | null) => Promise<SourceIdentity>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Least time between two stored positions in milliseconds; a commit waits at most this long for its confirmation. */
  readonly storeEveryMs?: number;
}

/** How long the process may be kept busy before it looks at anything else, in milliseconds. */
const turnMs = 25;

/**
 * Captures one source into its datasets' topics.
 *
 * Start: (1) the writer is opened, which fences a former owner; (2) the stored state is read; (3) what was sent after it is looked at; (4) quarantine is read up
 * to the stored position; (5) the source is judged; (6) the stream begins after the stored position. Running: data is written, then acknowledged, then the
 * state is stored and acknowledged, then the slot is confirmed. A failure ends the run; the owner starts a new one, which sends again from the stored position.
 */
export class CaptureFlow {
  readonly #options: CaptureFlowOptions;
  #transaction: OpenTransaction | null = null;
  /** Set once the start is through. */
  #isStreaming = false;

  constructor(options: CaptureFlowOptions) {
    this.#options = options;
  }

  get isStreaming(): boolean {
    return this.#isStreaming;
  }

  /** Runs until `signal` aborts. @throws TrucError of the source or the log; `retry` says whether a new run may succeed by itself */
  async run(signal: AbortSignal): Promise<void> {
    this.#transaction = null;
    const { source, tables, telemetry, sourceId } = this.#options;
    const writer = await this.#options.openWriter(this.#partitions());
    const stop = new AbortController();
    const running = AbortSignal.any([signal, stop.signal]);
    try {
      const { state, books } = await this.#restore(writer, running);
      const { connector, release, clock } = this.#options;
      const rows = new RowPublication({ sourceId, connector, release, epoch: state.epoch, tables, books, clock, telemetry });
      const watermark = new CaptureWatermark(state.sequence, state.snapshots);
      const storing = this.#storeLoop(watermark, state, writer, running).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      });
      storing.catch(() => {});
      const snapshots = state.snapshots.filter((progress) => tables.has(progress.table) && !progress.done);
      for (const progress of state.snapshots) this.#showSnapshot(progress);
      try {
        this.#isStreaming = true;
        let turnBeganAt = performance.now();
        telemetry.record('truc_capture_state', 1, { source: sourceId });
        for await (const message of source.stream({ after: state.sequence, snapshots }, running)) {
          await this.#take(message, watermark, rows, writer);
          // A large transaction that is read ahead would otherwise keep health, commands and the slot's keepalive waiting until it is through.
          if (performance.now() - turnBeganAt > turnMs) {
            await nextTurn();
            turnBeganAt = performance.now();
          }
        }
      } finally {
        this.#isStreaming = false;
        stop.abort();
        await storing;
      }
      await this.#store(watermark, state, writer);
    } finally {
      this.#isStreaming = false;
      await writer.close().catch(() => {});
    }
  }

  #partitions(): { topic: string; partition: number }[] {
    const data = [...this.#options.tables.values()].flatMap(({ dataset }) => [
      ...Array.from({ length: dataset.partitions }, (_, partition) => ({ topic: dataset.topic, partition })),
      { topic: dataset.quarantineTopic, partition: 0 },
    ]);
    return [...data, { topic: this.#options.stateTopic, partition: 0 }];
  }

  async #restore(writer: LogWriter, signal: AbortSignal): Promise<{ state: CaptureState; books: Map<string, QuarantineBook> }> {
    const { reader, tables, stateTopic, slot } = this.#options;
    const key = captureStateKey(slot);
    let stored: CaptureState | null = null;
    for await (const record of scanToEnd(reader, stateTopic, 0, -2n, signal)) {
      if (record.key.equals(key) && record.value !== null) stored = decodeCaptureState(record.value);
    }
    const sent = await highestSentPosition(
      reader,
      [...tables.values()].map(({ dataset }) => dataset),
      stored?.endOffsets ?? {},
      signal,
    );
    if (stored === null && sent !== null) {
      throw new TrucError(
        'CAPTURE_STATE_LOST',
        `the topics of ${this.#options.sourceId} hold events up to epoch ${sent.epoch} and there is no stored state for the slot "${slot}": ` +
          'what was captured since is not known. Start a new epoch with a snapshot',
      );
    }
    const identity = await this.#options.checkSource(stored, sent);
    const known = new Map(stored?.snapshots.map((progress) => [progress.table, progress]));
    const state: CaptureState = {
      sequence: stored?.sequence ?? 0n,
      epoch: stored?.epoch ?? 1,
      systemIdentifier: identity.systemIdentifier,
      timeline: identity.timeline,
      endOffsets: stored?.endOffsets ?? {},
      snapshots: [
        ...known.values(),
        ...[...tables.keys()]
          .filter((table) => !known.has(table))
          .map((table) => ({ table, lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false })),
      ],
    };
    // Written before the slot exists, so that a slot that is found later is known to be ours.
    await writer.write([this.#stateRecord(state)]);
    await writer.flush();
    const books = new Map<string, QuarantineBook>();
    for (const [table, { dataset }] of tables) {
      const schemaId = this.#options.quarantineSchemaIds.get(dataset.name);
      if (schemaId === undefined)
        throw new TrucError('CAPTURE_SCHEMA_MISSING', `no schema is registered for ${dataset.quarantineTopic}`, { retry: true });
      const book = new QuarantineBook(dataset.quarantineTopic, schemaId);
      await this.#restoreBook(book, dataset.quarantineTopic, state, writer, signal);
      books.set(table, book);
      this.#options.telemetry.record('truc_capture_quarantine_rows', book.size, { dataset: dataset.name });
    }
    return { state, books };
  }

  /**
   * Reads a dataset's quarantine as it stood at the stored position, and makes the topic say the same.
   *
   * Why it is written back: (1) a bad row is held at a position after the stored one, acknowledged, and the process ends; (2) the row is mended at the source before
   * the next start, which therefore sees it good and knows of nothing to release; (3) the entry would stay, a later start would believe it, and a delete of the
   * row would then be taken for that of one that was never published.
   */
  async #restoreBook(book: QuarantineBook, topic: string, state: CaptureState, writer: LogWriter, signal: AbortSignal): Promise<void> {
    const { reader, clock } = this.#options;
    const ahead = new Set<string>();
    for await (const record of scanToEnd(reader, topic, 0, -2n, signal)) {
      if (!book.restore(record, state.sequence)) ahead.add(record.key.toString('utf8'));
    }
    if (ahead.size === 0) return;
    const back = new Map<string, LogRecord>();
    const atStored = positionHeaders({ epoch: state.epoch, sequence: state.sequence, index: 0 });
    for (const key of ahead) {
      back.set(key, { topic, partition: 0, key: Buffer.from(key), value: null, headers: atStored, timestampMs: clock.now() });
    }
    for await (const { key, value, headers } of scanToEnd(reader, topic, 0, -2n, signal)) {
      const text = key.toString('utf8');
      if (!ahead.has(text) || positionOf(headers).sequence > state.sequence) continue;
      const copied = value === null ? null : Buffer.from(value);
      const copiedHeaders = headers.map((header) => ({ key: header.key, value: Buffer.from(header.value) }));
      back.set(text, { topic, partition: 0, key: Buffer.from(key), value: copied, headers: copiedHeaders, timestampMs: clock.now() });
    }
    await writer.write([...back.values()]);
    await writer.flush();
  }

  #stateRecord(state: CaptureState): LogRecord {
    const { stateTopic, slot, clock } = this.#options;
    return {
      topic: stateTopic,
      partition: 0,
      key: captureStateKey(slot),
      value: encodeCaptureState(state),
      headers: [],
      timestampMs: clock.now(),
    };
  }

  async #storeLoop(watermark: CaptureWatermark, state: CaptureState, writer: LogWriter, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#store(watermark, state, writer);
      await sleep(this.#options.storeEveryMs ?? 100, undefined, { signal }).catch(() => {});
    }
  }

  /** Data acknowledged, then state, then the slot. */
  async #store(watermark: CaptureWatermark, state: CaptureState, writer: LogWriter): Promise<void> {
    const point = watermark.take();
    if (point === null) return;
    await this.#acknowledged(writer);
    const endOffsets = { ...state.endOffsets, ...Object.fromEntries(writer.endOffsets()) };
    await writer.write([this.#stateRecord({ ...state, sequence: point.sequence, snapshots: point.snapshots, endOffsets })]);
    await writer.flush();
    this.#options.source.acknowledge(point.sequence);
    if (point.committedAtMs !== null) {
      const { telemetry, clock, sourceId } = this.#options;
      telemetry.record('truc_capture_lag', Math.max(0, clock.now() - point.committedAtMs) / 1000, { source: sourceId });
    }
  }

  /** Waits until everything that was written is acknowledged. */
  async #acknowledged(writer: LogWriter): Promise<void> {
    const { telemetry, sourceId } = this.#options;
    const started = performance.now();
    const span = telemetry.startBatch('produce', { source: sourceId }, null);
    try {
      await writer.flush();
      telemetry.endBatch(span, 'produce', (performance.now() - started) / 1000, null);
    } catch (error) {
      telemetry.endBatch(span, 'produce', (performance.now() - started) / 1000, { code: codeOf(error) });
      throw error;
    }
  }

  async #take(message: SourceMessage, watermark: CaptureWatermark, rows: RowPublication, writer: LogWriter): Promise<void> {
    const { telemetry, sourceId } = this.#options;
    switch (message.kind) {
      case 'begin':
        this.#transaction = {
          id: message.transactionId,
          sequence: message.sequence,
          committedAtMs: message.committedAtMs,
          ordinals: new Map(),
        };
        return;
      case 'rows': {
        const transaction = this.#transaction;
        if (transaction === null) throw new TrucError('CAPTURE_STREAM_BROKEN', 'rows came outside of a transaction');
        return this.#publish(message.changes.length, () => message.changes.flatMap((change) => rows.change(change, transaction)), writer);
      }
      case 'commit':
        watermark.reached(message.sequence, this.#transaction?.committedAtMs ?? null);
        this.#transaction = null;
        telemetry.record('truc_capture_transactions', 1, { source: sourceId });
        return;
      case 'snapshot': {
        const { relation, sequence, takenAtMs } = message;
        await this.#publish(
          message.rows.length,
          () => message.rows.flatMap((values) => rows.snapshotRow(relation, values, sequence, takenAtMs)),
          writer,
        );
        watermark.snapshotRead(message.progress);
        watermark.reached(message.sequence);
        this.#showSnapshot(message.progress);
        return;
      }
      case 'idle':
        watermark.reached(message.sequence);
        return;
    }
  }

  /** One batch: rows become records, which are handed to the writer. Its span is what consumers link theirs to. */
  async #publish(rows: number, convert: () => LogRecord[], writer: LogWriter): Promise<void> {
    const { telemetry, sourceId } = this.#options;
    const started = performance.now();
    const span = telemetry.startBatch('capture', { rows, source: sourceId }, null);
    try {
      const [first, ...rest] = convert();
      if (first !== undefined) {
        const trace: LogHeader = { key: TRACE_HEADER, value: Buffer.from(telemetry.traceparent(span)) };
        await writer.write([{ ...first, headers: [...first.headers, trace] }, ...rest]);
      }
      telemetry.endBatch(span, 'capture', (performance.now() - started) / 1000, null);
    } catch (error) {
      telemetry.endBatch(span, 'capture', (performance.now() - started) / 1000, { code: codeOf(error) });
      throw error;
    }
  }

  #showSnapshot(progress: SnapshotProgress): void {
    const dataset = this.#options.tables.get(progress.table)?.dataset.name;
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

function codeOf(error: unknown): string {
  return error instanceof TrucError ? error.code : 'FAILED';
}
