import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeEnvelope, SourceBlock, TransactionBlock } from '@truc/change-event';
import { messageOf, TrucError, type Clock, type Position } from '@truc/kernel';
import { TRACE_HEADER, type Telemetry } from '@truc/telemetry';
import { captureStateKey, decodeCaptureState, encodeCaptureState, type CaptureState } from './capture-state.js';
import { CaptureWatermark } from './capture-watermark.js';
import type { ChangeSource, SnapshotProgress, SourceMessage, SourceRelation, SourceRowChange, SourceText } from './change-source.js';
import type { DatasetCapture } from './dataset-capture.js';
import type { LogHeader, LogReader, LogRecord, LogWriter } from './log.js';
import { scanToEnd } from './log-scan.js';
import { QuarantineBook } from './quarantine-book.js';
import { highestSentPosition } from './sent-position.js';
import { effectsOf, type FormerRow, type RowEffect, type RowReason } from './row-verdict.js';

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

/** Largest value of one event; a larger row goes to quarantine by its key alone. Kafka takes 1 MiB with all that is around it. */
const valueBytesMax = 960 * 1024;

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
        telemetry.record('truc_capture_state', 1, { source: sourceId });
        for await (const message of source.stream({ after: state.sequence, snapshots }, running)) {
          await this.#take(message, state.epoch, watermark, books, writer);
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
      for await (const record of scanToEnd(reader, dataset.quarantineTopic, 0, -2n, signal)) book.restore(record, state.sequence);
      books.set(table, book);
      this.#options.telemetry.record('truc_capture_quarantine_rows', book.size, { dataset: dataset.name });
    }
    return { state, books };
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
    await writer.flush();
    const endOffsets = { ...state.endOffsets, ...Object.fromEntries(writer.endOffsets()) };
    await writer.write([this.#stateRecord({ ...state, sequence: point.sequence, snapshots: point.snapshots, endOffsets })]);
    await writer.flush();
    this.#options.source.acknowledge(point.sequence);
    if (point.committedAtMs !== null) {
      const { telemetry, clock, sourceId } = this.#options;
      telemetry.record('truc_capture_lag', Math.max(0, clock.now() - point.committedAtMs) / 1000, { source: sourceId });
    }
  }

  async #take(
    message: SourceMessage,
    epoch: number,
    watermark: CaptureWatermark,
    books: Map<string, QuarantineBook>,
    writer: LogWriter,
  ): Promise<void> {
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
        const records = message.changes.flatMap((change) => this.#change(change, transaction, epoch, books));
        return this.#write(records, message.changes.length, writer);
      }
      case 'commit':
        watermark.reached(message.sequence, this.#transaction?.committedAtMs ?? null);
        this.#transaction = null;
        telemetry.record('truc_capture_transactions', 1, { source: sourceId });
        return;
      case 'snapshot': {
        const context: EventContext = {
          epoch,
          sequence: message.sequence,
          committedAtMs: message.takenAtMs,
          transaction: null,
          transactionId: null,
        };
        const records = message.rows.flatMap((values) => this.#snapshotRow(message.relation, values, context, books));
        await this.#write(records, message.rows.length, writer);
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

  async #write(records: LogRecord[], rows: number, writer: LogWriter): Promise<void> {
    const [first, ...rest] = records;
    if (first === undefined) return;
    const { telemetry } = this.#options;
    const started = performance.now();
    const span = telemetry.startBatch('capture', { rows, records: records.length, source: this.#options.sourceId }, null);
    try {
      const trace: LogHeader = { key: TRACE_HEADER, value: Buffer.from(telemetry.traceparent(span)) };
      await writer.write([{ ...first, headers: [...first.headers, trace] }, ...rest]);
      telemetry.endBatch(span, 'capture', (performance.now() - started) / 1000, null);
    } catch (error) {
      telemetry.endBatch(span, 'capture', (performance.now() - started) / 1000, {
        code: error instanceof TrucError ? error.code : messageOf(error),
      });
      throw error;
    }
  }

  #change(change: SourceRowChange, transaction: OpenTransaction, epoch: number, books: Map<string, QuarantineBook>): LogRecord[] {
    const { relation, kind } = change;
    const name = `${relation.schema}.${relation.table}`;
    const capture = this.#options.tables.get(name);
    const book = books.get(name);
    if (capture === undefined || book === undefined) return [];
    if (kind === 'truncate') {
      throw new TrucError(
        'CAPTURE_TRUNCATED',
        `${name} was truncated at ${transaction.sequence.toString(16)} (transaction ${transaction.id}): its dataset ${capture.dataset.name} is stopped here and ` +
          'the slot keeps what follows. Start a new epoch with a snapshot',
      );
    }
    const ordinal = (transaction.ordinals.get(name) ?? 0) + 1;
    transaction.ordinals.set(name, ordinal);
    const context: EventContext = {
      epoch,
      sequence: transaction.sequence,
      committedAtMs: transaction.committedAtMs,
      transaction: { id: transaction.id, total_order: BigInt(change.index + 1), data_collection_order: BigInt(ordinal) },
      transactionId: transaction.id,
    };
    this.#options.telemetry.record('truc_capture_rows', 1, { dataset: capture.dataset.name });
    const old = kind === 'insert' ? null : (change.before ?? (kind === 'update' ? change.after : null));
    const former = old === null ? null : this.#former(capture, book, relation, old);
    const before = kind !== 'insert' && change.before !== null && change.beforeIsWhole ? capture.wholeRow(relation, change.before) : null;
    const next =
      kind === 'delete'
        ? null
        : {
            sourceKey: capture.sourceKey(relation, change.after),
            verdict: capture.judge(relation, change.after, transaction.committedAtMs),
          };
    const effects = effectsOf(former, next, false);
    return this.#records(effects, capture, book, context, change.index, before, relation, kind === 'delete' ? change.before : change.after);
  }

  #snapshotRow(
    relation: SourceRelation,
    values: readonly SourceText[],
    context: EventContext,
    books: Map<string, QuarantineBook>,
  ): LogRecord[] {
    const name = `${relation.schema}.${relation.table}`;
    const capture = this.#options.tables.get(name);
    const book = books.get(name);
    if (capture === undefined || book === undefined) return [];
    this.#options.telemetry.record('truc_capture_rows', 1, { dataset: capture.dataset.name });
    const sourceKey = capture.sourceKey(relation, values);
    const isHeld = book.has(sourceKey);
    const former: FormerRow | null = isHeld ? { sourceKey, publishedKey: book.lastPublishedKey(sourceKey), isHeld } : null;
    const effects = effectsOf(former, { sourceKey, verdict: capture.judge(relation, values, context.committedAtMs) }, true);
    return this.#records(effects, capture, book, context, 0, null, relation, values);
  }

  #former(capture: DatasetCapture, book: QuarantineBook, relation: SourceRelation, old: readonly SourceText[]): FormerRow {
    const sourceKey = capture.sourceKey(relation, old);
    const isHeld = book.has(sourceKey);
    return { sourceKey, isHeld, publishedKey: isHeld ? book.lastPublishedKey(sourceKey) : capture.publishedKey(relation, old) };
  }

  #records(
    effects: readonly RowEffect[],
    capture: DatasetCapture,
    book: QuarantineBook,
    context: EventContext,
    index: number,
    before: ChangeEnvelope['before'],
    relation: SourceRelation,
    values: readonly SourceText[],
  ): LogRecord[] {
    const { clock, telemetry } = this.#options;
    const dataset = capture.dataset.name;
    const now = clock.now();
    const position: Position = { epoch: context.epoch, sequence: context.sequence, index };
    const envelope = (op: ChangeEnvelope['op'], after: ChangeEnvelope['after']): ChangeEnvelope => ({
      before: op === 'c' || op === 'r' ? null : before,
      after,
      source: this.#sourceBlock(context, index),
      op,
      ts_ms: BigInt(now),
      transaction: context.transaction,
    });
    const held = (
      sourceKey: string,
      reasons: readonly RowReason[],
      lastPublishedKey: FormerRow['publishedKey'],
      showsColumns: boolean,
    ): LogRecord => {
      for (const rule of new Set(reasons.map((reason) => reason.rule))) telemetry.record('truc_capture_quarantined', 1, { dataset, rule });
      const columns = showsColumns ? capture.shownColumns(relation, values) : new Map<string, string | null>();
      return book.hold({ dataset, table: capture.compiled.table, sourceKey, position, reasons, columns, lastPublishedKey }, now);
    };
    const records = effects.flatMap((effect): LogRecord[] => {
      switch (effect.kind) {
        case 'write': {
          const more: LogHeader[] =
            effect.formerKey === null ? [] : [{ key: '__debezium.oldkey', value: capture.encodeKey(effect.formerKey) }];
          const record = capture.record(effect.key, envelope(effect.op, effect.row), position, context.committedAtMs, more);
          if (record.value !== null && record.value.length > valueBytesMax) {
            const reasons = [{ rule: 'V2', element: null, field: '', reason: 'row-too-large' }];
            return [
              held(capture.sourceKey(relation, values), reasons, effect.formerKey === null && effect.op === 'u' ? effect.key : null, false),
            ];
          }
          telemetry.record('truc_capture_published', 1, { dataset });
          return [record];
        }
        case 'delete': {
          const more: LogHeader[] = effect.newKey === null ? [] : [{ key: '__debezium.newkey', value: capture.encodeKey(effect.newKey) }];
          telemetry.record('truc_capture_published', 1, { dataset });
          return [
            capture.record(effect.key, envelope('d', null), position, context.committedAtMs, more),
            capture.record(effect.key, null, position, context.committedAtMs),
          ];
        }
        case 'hold':
          return [held(effect.sourceKey, effect.reasons, effect.lastPublishedKey, true)];
        case 'release':
          return [book.release(effect.sourceKey, position, now)];
      }
    });
    if (effects.some(({ kind }) => kind === 'hold' || kind === 'release'))
      telemetry.record('truc_capture_quarantine_rows', book.size, { dataset });
    return records;
  }

  #sourceBlock(context: EventContext, index: number): SourceBlock {
    return {
      connector: this.#options.connector,
      sourceId: this.#options.sourceId,
      ts_ms: BigInt(context.committedAtMs),
      snapshot: context.transactionId === null,
      txId: context.transactionId,
      epoch: context.epoch,
      sequence: context.sequence,
      index: BigInt(index),
      release: this.#options.release,
    };
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

interface OpenTransaction {
  readonly id: string;
  readonly sequence: bigint;
  readonly committedAtMs: number;
  /** Row messages so far by table. */
  readonly ordinals: Map<string, number>;
}

interface EventContext {
  readonly epoch: number;
  readonly sequence: bigint;
  readonly committedAtMs: number;
  readonly transaction: TransactionBlock | null;
  /** Null for a snapshot row. */
  readonly transactionId: string | null;
}
