import { sameKey, type ChangeEnvelope, type MasterDataKey } from '@truc/change-event';
import { choiceOf } from '@truc/dictionary';
import { comparePositions, type Clock, type Position } from '@truc/kernel';
import type { Telemetry } from '@truc/telemetry';
import type { SourceRelation, SourceText } from './change-source.js';
import { ContestedRows } from './contested-rows.js';
import type { DatasetCapture } from './dataset-capture.js';
import { sourceBlockOf, type EventContext, type EventOrigin } from './event-context.js';
import type { LiveCodes } from './live-codes.js';
import type { LogHeader, LogRecord } from './log.js';
import { demandOldRow } from './old-row.js';
import { RETRY_RULE, type QuarantineBook } from './quarantine-book.js';
import { countFindings, marksHeaders, secondRowOf, stoppedByRule } from './row-findings.js';
import { effectsOf, type FormerRow, type RowEffect, type RowReason, type RowVerdict } from './row-verdict.js';
import { oldValues, type OpenTransaction, type RowChange } from './source-transaction.js';
import type { StopPoint, TableGate } from './table-positions.js';

export interface RowPublicationOptions extends EventOrigin {
  readonly epoch: number;
  /** By `schema.table`. */
  readonly tables: ReadonlyMap<string, DatasetCapture>;
  /** By `schema.table`. */
  readonly books: ReadonlyMap<string, QuarantineBook>;
  /** By `schema.table`, of the datasets that allow one row per code. */
  readonly liveCodes?: ReadonlyMap<string, LiveCodes>;
  /** Decides which tables take what comes, and lets one stop without the others; absent where none may. */
  readonly gate?: TableGate;
  /** Below this events of a table may have been sent before, as other rules judged them; null where none were. */
  readonly sentBelow?: (table: string) => Position | null;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Largest value of one event; a larger row goes to quarantine by its key alone. Kafka takes 1 MiB with all that is around it. */
const valueBytesMax = 960 * 1024;

/** Keys that one row may be published under. More come only of retries that failed each time for a row that changed its key between two rounds. */
const intendedKeysMax = 8;
/** Above the index of any row of a transaction. */
const lastIndex = 2 ** 32 - 1;
/** Of an entry between the two rounds of a retry. */
const retried: readonly RowReason[] = [{ rule: RETRY_RULE, element: null, field: '', reason: 'retry-under-way' }];

/** Turns rows of the source into records of the log: events and tombstones of the dataset, entries of its quarantine. No I/O. */
export class RowPublication {
  readonly #options: RowPublicationOptions;
  readonly #contested = new ContestedRows();

  constructor(options: RowPublicationOptions) {
    this.#options = options;
  }

  /** The records of one row message; none where its table does not take it, or stops at it. */
  change(change: RowChange, transaction: OpenTransaction): LogRecord[] {
    const name = tableOf(change.relation);
    const at = { sequence: transaction.sequence, index: change.index };
    return this.#ofTable(name, at, (capture, book) => this.#change(name, capture, book, change, transaction));
  }

  #change(name: string, capture: DatasetCapture, book: QuarantineBook, change: RowChange, transaction: OpenTransaction): LogRecord[] {
    const { relation, kind } = change;
    demandOldRow(change, capture, book);
    const ordinal = (transaction.ordinals.get(name) ?? 0) + 1;
    transaction.ordinals.set(name, ordinal);
    const context: EventContext = {
      epoch: this.#options.epoch,
      sequence: transaction.sequence,
      committedAtMs: transaction.committedAtMs,
      transaction: { id: transaction.id, total_order: BigInt(change.index + 1), data_collection_order: BigInt(ordinal) },
      transactionId: transaction.id,
    };
    this.#options.telemetry.record('truc_capture_rows', 1, { dataset: capture.dataset.name });
    const settled = this.#contested.size === 0 ? [] : this.#contested.settleAt(`${name} ${capture.sourceKey(relation, oldValues(change))}`);
    const former = this.#formerOf(change, capture, book);
    // A version that was held is nothing that anybody has, and broke a rule: it does not come in as what was before.
    const isHeld = former?.isHeld === true;
    const before =
      kind !== 'insert' && change.before !== null && change.beforeIsWhole && !isHeld ? capture.wholeRow(relation, change.before) : null;
    const next =
      kind === 'delete'
        ? null
        : {
            sourceKey: capture.sourceKey(relation, change.after),
            verdict: this.#judged(capture, relation, change.after, context, change.index),
          };
    const values = kind === 'delete' ? change.before : change.after;
    const recordsFor = (then: typeof next) =>
      this.#records(effectsOf(former, then, false), capture, book, context, change.index, before, relation, values);
    const live = this.#options.liveCodes?.get(name);
    if (live === undefined || next?.verdict.kind !== 'good' || !live.isTaken(next.verdict.key)) return [...settled, ...recordsFor(next)];
    const waiting = this.#contested.add({
      place: `${name} ${next.sourceKey}`,
      bytes: values.reduce((sum, value) => sum + (value?.length ?? 0), 0),
      code: next.verdict.key.code,
      formerCode: former?.publishedKey?.code ?? null,
      giveUp: () => {
        if (former?.publishedKey) live.free(former.publishedKey);
      },
      settle: () =>
        // Rows behind it are on the log by now.
        this.#ofTable(name, { sequence: transaction.sequence, index: lastIndex }, () =>
          recordsFor({ ...next, verdict: this.#alone(next.verdict, capture, context, change.index) }),
        ),
    });
    return [...settled, ...waiting];
  }

  /** Rows that wait for the end of the transaction to be judged (V9). */
  get contestedRows(): number {
    return this.#contested.size;
  }

  /** The records of rows that waited: the transaction is committed, or its table is emptied. */
  settleContested(): LogRecord[] {
    return this.#contested.settle();
  }

  /**
   * The records of one row of a snapshot chunk whose high watermark stands at `sequence`.
   * @param isRepeated the topic held events when the snapshot began: the row may have been published without quarantine knowing of it
   */
  snapshotRow(
    relation: SourceRelation,
    values: readonly SourceText[],
    sequence: bigint,
    takenAtMs: number,
    isRepeated: boolean,
  ): LogRecord[] {
    const { epoch, telemetry } = this.#options;
    const context: EventContext = { epoch, sequence, committedAtMs: takenAtMs, transaction: null, transactionId: null };
    return this.#ofTable(tableOf(relation), { sequence, index: 0 }, (capture, book) => {
      telemetry.record('truc_capture_rows', 1, { dataset: capture.dataset.name });
      const sourceKey = capture.sourceKey(relation, values);
      const former = book.has(sourceKey) || isRepeated ? this.#former(capture, book, relation, values) : null;
      const verdict = this.#alone(this.#judged(capture, relation, values, context, 0), capture, context, 0);
      const effects = effectsOf(former, { sourceKey, verdict }, true);
      return this.#records(effects, capture, book, context, 0, null, relation, values, isRepeated);
    });
  }

  /**
   * The records of one row whose parent's code changed, read again with the code that holds now. What it is published under meanwhile is known until all children of that parent were read
   * (`DatasetCapture.keysUnderParents`), so that one round is enough: a run that ends in the middle leaves nothing behind that the next one does not delete.
   */
  childRow(relation: SourceRelation, values: readonly SourceText[], sequence: bigint, takenAtMs: number): LogRecord[] {
    const { epoch, telemetry } = this.#options;
    const context: EventContext = { epoch, sequence, committedAtMs: takenAtMs, transaction: null, transactionId: null };
    return this.#ofTable(tableOf(relation), { sequence, index: 0 }, (capture, book) => {
      const sourceKey = capture.sourceKey(relation, values);
      if (!book.has(sourceKey) && capture.keysUnderParents(relation, values).formers.length === 0) return [];
      telemetry.record('truc_capture_rows', 1, { dataset: capture.dataset.name });
      const former = this.#former(capture, book, relation, values);
      const verdict = this.#alone(this.#judged(capture, relation, values, context, 0), capture, context, 0);
      return this.#records(effectsOf(former, { sourceKey, verdict }, true), capture, book, context, 0, null, relation, values, true);
    });
  }

  /**
   * The records of one row that a retry read again by its key; none where quarantine holds it no more, for then the stream has judged it.
   *
   * It takes two rounds, and what the first one writes is stored before the second:
   *
   * 1. The row is good now, under key K. It is published at once, acknowledged, and the process ends before its position is stored.
   * 2. The next run finds the row held, as it was at the stored position. Nothing tells it of K: what comes again is the stream, not the retry.
   * 3. The row is deleted at the source. Quarantine knows of no key to delete, and K stays at every consumer.
   *
   * So the first round writes K into the row's entry. From then on whatever happens to the row acts on K as well; to delete what was never published costs nothing.
   */
  rereadRow(relation: SourceRelation, values: readonly SourceText[], sequence: bigint, takenAtMs: number, round: 1 | 2): LogRecord[] {
    return this.#ofTable(tableOf(relation), { sequence, index: 0 }, (capture, book) =>
      this.#reread(capture, book, relation, values, sequence, takenAtMs, round),
    );
  }

  #reread(
    capture: DatasetCapture,
    book: QuarantineBook,
    relation: SourceRelation,
    values: readonly SourceText[],
    sequence: bigint,
    takenAtMs: number,
    round: 1 | 2,
  ): LogRecord[] {
    const { table } = capture.compiled;
    const sourceKey = capture.sourceKey(relation, values);
    if (!book.has(sourceKey)) return [];
    const { epoch, telemetry, clock } = this.#options;
    const former = this.#former(capture, book, relation, values);
    const keys = [...(former.publishedKey === null ? [] : [former.publishedKey]), ...(former.intendedKeys ?? [])];
    const judged = capture.judge(relation, values, takenAtMs);
    const isKnown = (key: MasterDataKey): boolean => keys.some((known) => sameKey(known, key));
    if (round === 1) {
      const live = this.#options.liveCodes?.get(table);
      if (judged.kind === 'bad' || live?.isTaken(judged.key) === true || isKnown(judged.key) || keys.length >= intendedKeysMax) return [];
      // From here on no other row may take the code, nor after a restart (`takeIntendedCodes`).
      live?.take(judged.key);
      const intendedKeys = [...(former.intendedKeys ?? []), judged.key];
      const columns = capture.shownColumns(relation, values);
      const position = { epoch, sequence, index: 0 };
      const row = { dataset: capture.dataset.name, table, sourceKey, position, reasons: retried, columns };
      return [book.hold({ ...row, lastPublishedKey: former.publishedKey, intendedKeys }, clock.now())];
    }
    if (judged.kind === 'good' && !isKnown(judged.key)) return [];
    const context: EventContext = { epoch, sequence, committedAtMs: takenAtMs, transaction: null, transactionId: null };
    telemetry.record('truc_capture_rows', 1, { dataset: capture.dataset.name });
    // What a dataset chooses to stop for is held already: a retry stops nothing.
    const held: RowVerdict = judged.kind === 'bad' ? { ...judged, stops: false } : judged;
    const verdict = this.#alone(this.#counted(held, capture, { epoch, sequence, index: 0 }), capture, context, 0, true);
    return this.#records(effectsOf(former, { sourceKey, verdict }, true), capture, book, context, 0, null, relation, values, true);
  }

  /** What the table makes of it, where it takes what stands there; what stops the table alone leaves nothing. */
  #ofTable(name: string, at: StopPoint, convert: (capture: DatasetCapture, book: QuarantineBook) => LogRecord[]): LogRecord[] {
    const { tables, books, gate } = this.#options;
    const capture = tables.get(name);
    const book = books.get(name);
    if (capture === undefined || book === undefined || gate?.takes(name, at.sequence) === false) return [];
    try {
      return convert(capture, book);
    } catch (error) {
      if (gate === undefined) throw error;
      gate.stop(name, error, at);
      return [];
    }
  }

  /** The delete event of a sweep, the same for every key. @param transactionId null at the end of a snapshot */
  sweepDeletion(capture: DatasetCapture, at: Position, transactionId: string | null, committedAtMs: number): Buffer {
    const { epoch, clock } = this.#options;
    const source = sourceBlockOf(
      this.#options,
      { epoch, sequence: at.sequence, committedAtMs, transaction: null, transactionId },
      at.index,
    );
    return capture.encodeValue({ before: null, after: null, source, op: 'd', ts_ms: BigInt(clock.now()), transaction: null });
  }

  /**
   * The row as it stood before. An insert has nothing before it, save where quarantine still holds a row with its key: that one went while nothing was captured
   * (a gap), and what was published of it has to go with it.
   */
  #formerOf(change: RowChange, capture: DatasetCapture, book: QuarantineBook): FormerRow | null {
    const { relation } = change;
    if (change.kind !== 'insert') {
      const old = change.before ?? (change.kind === 'update' ? change.after : null);
      return old === null ? null : this.#former(capture, book, relation, old);
    }
    return book.size > 0 && book.has(capture.sourceKey(relation, change.after))
      ? this.#former(capture, book, relation, change.after)
      : null;
  }

  /** The row's verdict, counted. @throws TrucError CAPTURE_RULE_STOP where the dataset chooses to stop for it */
  #judged(
    capture: DatasetCapture,
    relation: SourceRelation,
    values: readonly SourceText[],
    { epoch, sequence, committedAtMs }: EventContext,
    index: number,
  ): RowVerdict {
    return this.#counted(capture.judge(relation, values, committedAtMs), capture, { epoch, sequence, index });
  }

  /** The verdict once it is known whether another row has the code (V9). @throws TrucError CAPTURE_RULE_STOP */
  #alone(verdict: RowVerdict, capture: DatasetCapture, { epoch, sequence }: EventContext, index: number, stopsNothing = false): RowVerdict {
    const live = this.#options.liveCodes?.get(capture.compiled.table);
    if (live === undefined || verdict.kind !== 'good' || !live.isTaken(verdict.key)) return verdict;
    const { dataset } = capture;
    const reason = secondRowOf(dataset);
    const choice = choiceOf(reason, dataset.rules ?? {});
    if (choice !== 'pass') {
      const bad: RowVerdict = { kind: 'bad', reasons: [reason], marks: [], stops: choice === 'stop' && !stopsNothing };
      return this.#counted(bad, capture, { epoch, sequence, index });
    }
    countFindings(this.#options.telemetry, dataset, [reason], 'marked');
    return { ...verdict, marks: [...verdict.marks, reason] };
  }

  #counted(verdict: RowVerdict, capture: DatasetCapture, position: Position): RowVerdict {
    if (verdict.kind === 'good' && verdict.marks.length === 0) return verdict;
    const { telemetry } = this.#options;
    const { dataset } = capture;
    countFindings(telemetry, dataset, verdict.marks, 'marked');
    if (verdict.kind === 'good') return verdict;
    countFindings(telemetry, dataset, verdict.reasons, verdict.stops ? 'stopped' : 'quarantined');
    if (!verdict.stops) return verdict;
    throw stoppedByRule({ table: capture.compiled.table, dataset: dataset.name, position }, verdict.reasons);
  }

  #former(capture: DatasetCapture, book: QuarantineBook, relation: SourceRelation, old: readonly SourceText[]): FormerRow {
    const sourceKey = capture.sourceKey(relation, old);
    const isHeld = book.has(sourceKey);
    const { formers, present } = capture.keysUnderParents(relation, old);
    const [latest, ...earlier] = formers;
    const others = present === null ? earlier : [...earlier, present];
    if (!isHeld && latest !== undefined) return { sourceKey, isHeld, publishedKey: latest, intendedKeys: others };
    if (!isHeld) return { sourceKey, isHeld, publishedKey: capture.publishedKey(relation, old) };
    const intendedKeys = [...book.intendedKeys(sourceKey), ...(latest === undefined ? [] : [latest]), ...others];
    return { sourceKey, isHeld, publishedKey: book.lastPublishedKey(sourceKey), intendedKeys };
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
    isRepeated = false,
  ): LogRecord[] {
    const { clock, telemetry, sentBelow } = this.#options;
    const dataset = capture.dataset.name;
    const live = this.#options.liveCodes?.get(capture.compiled.table);
    const now = clock.now();
    const position: Position = { epoch: context.epoch, sequence: context.sequence, index };
    const envelope = (op: ChangeEnvelope['op'], after: ChangeEnvelope['after']): ChangeEnvelope => ({
      before: op === 'c' || op === 'r' ? null : before,
      after,
      source: sourceBlockOf(this.#options, context, index),
      op,
      ts_ms: BigInt(now),
      transaction: context.transaction,
    });
    const held = (
      sourceKey: string,
      reasons: readonly RowReason[],
      lastPublishedKey: FormerRow['publishedKey'],
      intendedKeys: readonly MasterDataKey[],
      showsColumns: boolean,
    ): LogRecord => {
      for (const rule of new Set(reasons.map((reason) => reason.rule))) telemetry.record('truc_capture_quarantined', 1, { dataset, rule });
      const columns = showsColumns ? capture.shownColumns(relation, values) : new Map<string, string | null>();
      // Whatever of it stays published, or may be published, keeps its code.
      for (const key of [lastPublishedKey, ...intendedKeys]) if (key !== null && live?.isTaken(key) === false) live.take(key);
      return book.hold(
        { dataset, table: capture.compiled.table, sourceKey, position, reasons, columns, lastPublishedKey, intendedKeys },
        now,
      );
    };
    // A row that comes again may have been published as it is when it came first: other rules may have judged it.
    const intendedOf = ({ lastPublishedKey, intendedKeys }: Extract<RowEffect, { kind: 'hold' }>): readonly MasterDataKey[] => {
      const below = context.transaction === null ? null : (sentBelow?.(capture.compiled.table) ?? null);
      const sent = below !== null && comparePositions(position, below) < 0 ? capture.publishedKey(relation, values) : null;
      const isKnown = [lastPublishedKey, ...intendedKeys].some((known) => known !== null && sent !== null && sameKey(known, sent));
      return sent === null || isKnown ? intendedKeys : [...intendedKeys, sent];
    };
    let keptBack: string | null = null;
    const records = effects.flatMap((effect): LogRecord[] => {
      switch (effect.kind) {
        case 'write': {
          const more: LogHeader[] =
            effect.formerKey === null ? [] : [{ key: '__debezium.oldkey', value: capture.encodeKey(effect.formerKey) }];
          if (effect.marks.length > 0) more.push(...marksHeaders(effect.marks));
          const record = capture.record(effect.key, envelope(effect.op, effect.row), position, context.committedAtMs, more);
          if (record.value !== null && record.value.length > valueBytesMax) {
            const reasons = [{ rule: 'V2', element: null, field: '', reason: 'row-too-large' }];
            keptBack = capture.sourceKey(relation, values);
            // What was published under another key is deleted already; under this key the last good version stays.
            const wasPublished = effect.op === 'u' || (effect.op === 'r' && isRepeated);
            countFindings(telemetry, capture.dataset, reasons, 'quarantined');
            const published = book.has(keptBack) ? book.lastPublishedKey(keptBack) : wasPublished ? effect.key : null;
            return [held(keptBack, reasons, effect.formerKey === null ? published : null, book.intendedKeys(keptBack), false)];
          }
          telemetry.record('truc_capture_published', 1, { dataset });
          live?.take(effect.key);
          return [record];
        }
        case 'delete': {
          const more: LogHeader[] = effect.newKey === null ? [] : [{ key: '__debezium.newkey', value: capture.encodeKey(effect.newKey) }];
          telemetry.record('truc_capture_published', 1, { dataset });
          live?.free(effect.key);
          return [
            capture.record(effect.key, envelope('d', null), position, context.committedAtMs, more),
            capture.record(effect.key, null, position, context.committedAtMs),
          ];
        }
        case 'hold':
          capture.noteHeld(relation, values);
          return [held(effect.sourceKey, effect.reasons, effect.lastPublishedKey, intendedOf(effect), true)];
        case 'release':
          // A row that turned out too large is still held, now for that.
          return effect.sourceKey === keptBack ? [] : [book.release(effect.sourceKey, position, now)];
      }
    });
    if (effects.some(({ kind }) => kind === 'hold' || kind === 'release'))
      telemetry.record('truc_capture_quarantine_rows', book.size, { dataset });
    return records;
  }
}

function tableOf({ schema, table }: SourceRelation): string {
  return `${schema}.${table}`;
}
