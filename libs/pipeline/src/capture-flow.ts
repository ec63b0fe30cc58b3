import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { TrucError, type Clock } from '@truc/kernel';
import { TRACE_HEADER, type Telemetry } from '@truc/telemetry';
import { checkLogHolds } from './acknowledged-log.js';
import { gapError, isGap, openGap, withGap } from './capture-gap.js';
import { judgeStart, readCaptureState, readHighestSent, type SourceCheck } from './capture-start.js';
import { captureStateRecord, type CaptureState } from './capture-state.js';
import { CaptureWatermark } from './capture-watermark.js';
import type { ChangeSource, ChangeSourceStart, RowReread, SnapshotProgress, SourceMessage, SourceRowChange } from './change-source.js';
import { CoveredOffsets } from './covered-offsets.js';
import type { DatasetCapture } from './dataset-capture.js';
import type { LiveCodes } from './live-codes.js';
import type { LogHeader, LogReader, LogRecord, LogWriter } from './log.js';
import { scanToEnd } from './log-scan.js';
import type { QuarantineBook } from './quarantine-book.js';
import { restoreAllLiveCodes, takeIntendedCodes } from './restored-live-codes.js';
import { restoreQuarantine } from './restored-quarantine.js';
import { betweenTruncates, RowPublication, type OpenTransaction } from './row-publication.js';
import { RowRereads, type RereadOutcome } from './row-rereads.js';
import { planSnapshots, TableSnapshots } from './snapshot-plan.js';
import { TableSweeper } from './table-sweeper.js';

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
  readonly checkSource: SourceCheck;
  /** Drops what the source keeps for us (the slot), where there is any; absent for a source that keeps nothing. */
  readonly dropSlot?: () => Promise<void>;
  /**
   * Names everything that rows are judged by: mapping, choices, release of the dictionary. Where it is not what the state names, every row that is held is read again and judged by it.
   * Absent: the release.
   */
  readonly judgedBy?: string;
  /** Rows that quarantine holds and that are to be judged anew, as the source has them now. Of one run: what it does not come to is asked for again. */
  readonly rereads?: readonly RowReread[];
  /** Told after the second round of each batch. */
  readonly onReread?: (outcome: RereadOutcome) => void;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Least time between two stored positions in milliseconds; a commit waits at most this long for its confirmation. */
  readonly storeEveryMs?: number;
  /** Bytes of what a sweep remembers of keys at a time. */
  readonly sweepBytesMax?: number;
  /** Bytes of what is remembered of the codes of each dataset that allows one row per code. */
  readonly liveCodesBytesMax?: number;
}

type RereadMessage = Extract<SourceMessage, { readonly kind: 'reread' }>;
type SnapshotMessage = Extract<SourceMessage, { readonly kind: 'snapshot' }>;

/** What one run has in its hands. */
interface CaptureRunParts {
  readonly start: ChangeSourceStart;
  readonly writer: LogWriter;
  readonly signal: AbortSignal;
  readonly rows: RowPublication;
  /** By `schema.table`. */
  readonly books: ReadonlyMap<string, QuarantineBook>;
  /** By `schema.table`, of the datasets that allow one row per code. */
  readonly liveCodes: ReadonlyMap<string, LiveCodes>;
  readonly rereads: RowRereads;
  readonly sweeper: TableSweeper;
  readonly tables: TableSnapshots;
  readonly watermark: CaptureWatermark;
  readonly offsets: CoveredOffsets;
}

/** Between two looks whether the position is stored, in milliseconds. */
const storedLookMs = 20;
/** How long the process may be kept busy before it looks at anything else, in milliseconds. */
const turnMs = 25;

/**
 * Captures one source into its datasets' topics.
 *
 * Start: (1) the writer is opened, which fences a former owner; (2) the stored state is read, and the log is judged by it; (3) what was sent after it is looked at;
 * (4) the source is judged; (5) quarantine is read up to the stored position; (6) the stream begins after the stored position. Running: data is written, then acknowledged, then the
 * state is stored and acknowledged, then the slot is confirmed. A failure ends the run; the owner starts a new one, which sends again from the stored position.
 *
 * A gap is written into the state and ends every later start too, until a person resolves it (`resolveGap`), which begins a new epoch.
 */
export class CaptureFlow {
  readonly #options: CaptureFlowOptions;
  #transaction: OpenTransaction | null = null;
  /** What the log has; null before it was read, and where there is none. */
  #state: CaptureState | null = null;
  /** Set once the start is through. */
  #isStreaming = false;
  /** The span of the newest batch that was handed to the writer, as `traceparent`. */
  #lastBatch: string | null = null;

  constructor(options: CaptureFlowOptions) {
    this.#options = options;
  }

  get isStreaming(): boolean {
    return this.#isStreaming;
  }

  /** Runs until `signal` aborts. @throws TrucError of the source or the log; `retry` says whether a new run may succeed by itself */
  async run(signal: AbortSignal): Promise<void> {
    this.#transaction = null;
    this.#state = null;
    const writer = await this.#options.openWriter(this.#partitions());
    try {
      await this.#capture(writer, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!isGap(error)) throw error;
      await this.#noteGap(error, writer);
      throw gapError(this.#options.sourceId, error.code, error.message, error);
    } finally {
      this.#isStreaming = false;
      await writer.close().catch(() => {});
    }
  }

  async #capture(writer: LogWriter, signal: AbortSignal): Promise<void> {
    const { source, telemetry, sourceId } = this.#options;
    const stop = new AbortController();
    const running = AbortSignal.any([signal, stop.signal]);
    const parts = await this.#restore(writer, running);
    const storing = this.#storeLoop(parts).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    });
    storing.catch(() => {});
    for (const progress of parts.tables.all) this.#showSnapshot(progress);
    try {
      this.#isStreaming = true;
      let turnBeganAt = performance.now();
      telemetry.record('truc_capture_state', 1, { source: sourceId });
      for await (const message of source.stream(parts.start, running)) {
        await this.#take(message, parts);
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
    await this.#store(parts);
  }

  get #stored(): CaptureState {
    if (this.#state === null) throw new TrucError('CAPTURE_NOT_STARTED', 'the state is asked for and was not read yet');
    return this.#state;
  }

  #partitions(): { topic: string; partition: number }[] {
    const data = [...this.#options.tables.values()].flatMap(({ dataset }) => [
      ...Array.from({ length: dataset.partitions }, (_, partition) => ({ topic: dataset.topic, partition })),
      { topic: dataset.quarantineTopic, partition: 0 },
    ]);
    return [...data, { topic: this.#options.stateTopic, partition: 0 }];
  }

  async #restore(writer: LogWriter, signal: AbortSignal): Promise<CaptureRunParts> {
    const options = this.#options;
    const { tables, sourceId, connector, release, clock, telemetry, judgedBy: judgement = `release ${release}` } = options;
    const before = await readCaptureState(options, signal);
    this.#state = before;
    if (before !== null && openGap(before.gaps) === null) await checkLogHolds(options, before, signal);
    const sent = await readHighestSent(options, before, signal);
    // Ahead of any judgement of the source: the slot of a former epoch is none that could be judged.
    if (before?.isSlotStale === true && openGap(before.gaps) === null) await options.dropSlot?.();
    const identity = await judgeStart(options, before, sent);
    for (const { code } of before?.gaps ?? []) telemetry.record('truc_capture_gap', 0, { source: sourceId, code });
    const began = { epoch: before?.epoch ?? 1, sequence: before?.sequence ?? 0n, snapshots: before?.snapshots ?? [] };
    const topics = new Map([...tables].map(([table, { dataset }]) => [table, dataset.topic]));
    const snapshots = await planSnapshots(began, topics, (topic) => this.#holdsEvents(topic, signal));
    signal.throwIfAborted();
    // Written before the slot exists, so that a slot that is found later is known to be ours.
    await this.#write(writer, {
      ...began,
      systemIdentifier: identity.systemIdentifier,
      timeline: identity.timeline,
      endOffsets: before?.endOffsets ?? {},
      acknowledgedOffsets: before?.acknowledgedOffsets ?? {},
      snapshots,
      gaps: before?.gaps ?? [],
      isSlotStale: false,
      judgedBy: before === null ? judgement : before.judgedBy,
    });
    const { epoch, sequence, endOffsets, judgedBy } = this.#stored;
    const rereads = new RowRereads(judgedBy, judgement);
    const books = await this.#restoreBooks(writer, signal);
    const liveCodes = await restoreAllLiveCodes(tables, snapshots, this.#stored, { ...options, signal });
    takeIntendedCodes(liveCodes, books, snapshots);
    const rows = new RowPublication({ sourceId, connector, release, epoch, tables, books, liveCodes, clock, telemetry });
    const highestSent = sent?.epoch === epoch ? sent.sequence : 0n;
    return {
      start: {
        after: sequence,
        snapshots: snapshots.filter(({ done }) => !done),
        rereads: rereads.wanted(books, options.rereads ?? []),
        identity,
        highestSent,
      },
      writer,
      signal,
      rows,
      books,
      liveCodes,
      rereads,
      sweeper: new TableSweeper({ ...options, epoch, books, rows, writer, signal }),
      tables: new TableSnapshots(snapshots),
      watermark: new CaptureWatermark(sequence, snapshots),
      offsets: new CoveredOffsets(endOffsets, highestSent),
    };
  }

  async #restoreBooks(writer: LogWriter, signal: AbortSignal): Promise<Map<string, QuarantineBook>> {
    const { tables, quarantineSchemaIds, reader, clock, telemetry } = this.#options;
    const books = new Map<string, QuarantineBook>();
    for (const [table, { dataset }] of tables) {
      const { name, quarantineTopic: topic } = dataset;
      const schemaId = quarantineSchemaIds.get(name);
      if (schemaId === undefined) throw new TrucError('CAPTURE_SCHEMA_MISSING', `no schema is registered for ${topic}`, { retry: true });
      const book = await restoreQuarantine({ topic, schemaId, stored: this.#stored }, { reader, writer, clock, signal });
      books.set(table, book);
      telemetry.record('truc_capture_quarantine_rows', book.size, { dataset: name });
    }
    return books;
  }

  /** Whether anything at all was ever published there; the marks of writers that were opened do not count. */
  async #holdsEvents(topic: string, signal: AbortSignal): Promise<boolean> {
    const dataset = [...this.#options.tables.values()].find(({ dataset }) => dataset.topic === topic)?.dataset;
    for (let partition = 0; partition < (dataset?.partitions ?? 0); partition += 1) {
      for await (const _ of scanToEnd(this.#options.reader, topic, partition, -2n, signal)) return true;
    }
    return false;
  }

  async #write(writer: LogWriter, state: CaptureState): Promise<void> {
    await writer.write([captureStateRecord(this.#options, state)]);
    await writer.flush();
    this.#state = state;
  }

  /**
   * Where there is a state, the gap goes into it, so that it outlives whatever the source looks like later. Where there is none, its absence is what lasts.
   * @throws TrucError of the log: a gap that could not be noted must not stop the flow, which would be begun again when the source may look sound, but be found anew at once
   */
  async #noteGap(error: TrucError, writer: LogWriter): Promise<void> {
    const { clock, telemetry, sourceId } = this.#options;
    telemetry.record('truc_capture_gap', 1, { source: sourceId, code: error.code });
    const state = this.#state;
    if (state === null || openGap(state.gaps) !== null) return;
    const { epoch, sequence } = state;
    const gap = { code: error.code, reason: error.message, epoch, sequence, foundAtMs: clock.now(), resolution: null };
    await this.#write(writer, { ...state, gaps: withGap(state.gaps, gap) });
  }

  async #storeLoop(parts: CaptureRunParts): Promise<void> {
    while (!parts.signal.aborted) {
      await this.#store(parts);
      await sleep(this.#options.storeEveryMs ?? 1_000, undefined, { signal: parts.signal }).catch(() => {});
    }
  }

  /** Data acknowledged, then state, then the slot. */
  async #store({ writer, watermark, offsets, tables, rereads }: CaptureRunParts): Promise<void> {
    const point = watermark.take();
    if (point === null) return;
    const { judgedBy } = rereads;
    const endOffsets = offsets.take();
    const snapshots = tables.withProgress(point.snapshots);
    await this.#acknowledged(writer);
    const acknowledgedOffsets = { ...this.#stored.acknowledgedOffsets, ...Object.fromEntries(writer.endOffsets()) };
    await this.#write(writer, { ...this.#stored, sequence: point.sequence, snapshots, endOffsets, acknowledgedOffsets, judgedBy });
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
    const span = telemetry.startBatch('produce', { source: sourceId }, this.#lastBatch);
    try {
      await writer.flush();
      telemetry.endBatch(span, 'produce', (performance.now() - started) / 1000, null);
    } catch (error) {
      telemetry.endBatch(span, 'produce', (performance.now() - started) / 1000, { code: codeOf(error) });
      throw error;
    }
  }

  async #take(message: SourceMessage, parts: CaptureRunParts): Promise<void> {
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
      case 'rows':
        return this.#takeRows(message.changes, parts);
      case 'commit':
        await this.#settleContested(parts);
        this.#reached(message.sequence, parts, this.#transaction?.committedAtMs ?? null);
        this.#transaction = null;
        telemetry.record('truc_capture_transactions', 1, { source: sourceId });
        return;
      case 'snapshot':
        return this.#takeSnapshot(message, parts);
      case 'reread':
        return this.#takeReread(message, parts);
      case 'idle':
        this.#reached(message.sequence, parts);
        return;
    }
  }

  /** Nothing is open here, and everything up to `sequence` has been given to the writer. */
  #reached(sequence: bigint, { watermark, offsets, writer }: CaptureRunParts, committedAtMs: number | null = null): void {
    offsets.reached(sequence, () => writer.endOffsets());
    watermark.reached(sequence, committedAtMs);
  }

  async #settleContested({ rows, writer }: CaptureRunParts): Promise<void> {
    const { contestedRows } = rows;
    if (contestedRows > 0) await this.#publish(contestedRows, () => rows.settleContested(), writer);
  }

  async #takeRows(changes: readonly SourceRowChange[], parts: CaptureRunParts): Promise<void> {
    const { rows, writer, sweeper, liveCodes } = parts;
    const transaction = this.#transaction;
    if (transaction === null) throw new TrucError('CAPTURE_STREAM_BROKEN', 'rows came outside of a transaction');
    for (const part of betweenTruncates(changes)) {
      if (part.kind === 'rows') {
        await this.#publish(part.changes.length, () => part.changes.flatMap((change) => rows.change(change, transaction)), writer);
      } else {
        await this.#settleContested(parts);
        await sweeper.truncated(part.truncate, transaction);
        const { schema, table } = part.truncate.relation;
        liveCodes.get(`${schema}.${table}`)?.clear();
      }
    }
  }

  async #takeSnapshot({ relation, rows, sequence, takenAtMs, progress }: SnapshotMessage, parts: CaptureRunParts): Promise<void> {
    const { since, sweeps } = parts.tables.of(progress.table);
    const convert = () => rows.flatMap((values) => parts.rows.snapshotRow(relation, values, sequence, takenAtMs, sweeps));
    await this.#publish(rows.length, convert, parts.writer);
    if (progress.done) {
      // Before the table may be stored as done: after a crash in the middle its last chunk comes again, and with it the sweep.
      if (since !== null) await parts.sweeper.snapshotEnded(progress.table, since, sweeps, sequence, takenAtMs);
      parts.tables.finish(progress.table);
    }
    parts.watermark.snapshotRead(progress);
    this.#reached(sequence, parts);
    this.#showSnapshot(progress);
  }

  async #takeReread({ relation, rows, sequence, round, isLast, takenAtMs }: RereadMessage, parts: CaptureRunParts): Promise<void> {
    // Nothing of the second round may be written before what the first one noted is stored: the next run has to find it.
    while (round === 2 && this.#stored.sequence < parts.rereads.notedUpTo) {
      parts.signal.throwIfAborted();
      await sleep(storedLookMs, undefined, { signal: parts.signal });
    }
    const table = `${relation.schema}.${relation.table}`;
    const book = parts.books.get(table);
    const heldBefore = book?.size ?? 0;
    const convert = () => rows.flatMap((values) => parts.rows.rereadRow(relation, values, sequence, takenAtMs, round));
    await this.#publish(rows.length, convert, parts.writer);
    if (round === 2 && isLast) parts.rereads.finished();
    this.#reached(sequence, parts);
    if (round === 1) parts.rereads.notedUpTo = sequence;
    else this.#options.onReread?.({ table, read: rows.length, released: heldBefore - (book?.size ?? 0), isLast });
  }

  /** One batch: rows become records, which are handed to the writer. Its span is what consumers link theirs to. */
  async #publish(rows: number, convert: () => LogRecord[], writer: LogWriter): Promise<void> {
    const { telemetry, sourceId } = this.#options;
    const started = performance.now();
    const span = telemetry.startBatch('capture', { rows, source: sourceId }, null);
    try {
      const [first, ...rest] = convert();
      if (first !== undefined) {
        this.#lastBatch = telemetry.traceparent(span);
        const trace: LogHeader = { key: TRACE_HEADER, value: Buffer.from(this.#lastBatch) };
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
