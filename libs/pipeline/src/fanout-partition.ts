import { hasCode, maxPosition, messageOf, TrucError, type Clock, type Position } from '@truc/kernel';
import { TRACE_HEADER } from '@truc/telemetry';
import { FanoutProgress } from './fanout-progress.js';
import { viewProgressKey, viewProgressRecord, type ViewProgress } from './fanout-state.js';
import type { FanoutView } from './fanout-view.js';
import type { LogBatch, LogRecord, LogWriter, StoredRecord } from './log.js';
import type { ReceivedEvent } from './received-event.js';
import type { Rejection } from './rejection-log.js';

/** Events written to a view by its id, and what was refused. */
export interface FanoutCount {
  readonly events: ReadonlyMap<string, number>;
  readonly rejections: readonly Rejection[];
}

export interface FanoutPartitionParts {
  readonly partition: number;
  readonly views: readonly FanoutView[];
  /** The only writer of this partition number in all of the views' topics, in the state topic and in the one of refused records. */
  readonly writer: LogWriter;
  /** By `viewProgressKey`. */
  readonly stored: ReadonlyMap<string, ViewProgress>;
  /** What `findSent` found. */
  readonly sentBefore: ReadonlyMap<string, bigint>;
  readonly stateTopic: string;
  readonly refuse: (rejection: Rejection) => Promise<LogRecord>;
  readonly clock: Clock;
}

/**
 * One partition of a dataset on its way into the same partition of its views.
 *
 * A view that is new begins at the beginning of the log while the others are further on. All are served by this one writer in one pass: a view gets the records
 * from its own offset on, so that the new one joins the others at exactly the offset where they stand, and nobody else ever writes to it.
 */
export class FanoutPartition {
  readonly #parts: FanoutPartitionParts;
  readonly #progress: readonly { readonly view: FanoutView; readonly key: string; readonly progress: FanoutProgress }[];

  constructor(parts: FanoutPartitionParts) {
    this.#parts = parts;
    this.#progress = parts.views.map((view) => {
      const key = viewProgressKey(view.policy.id, parts.partition);
      const place = `${view.policy.topic}/${parts.partition}`;
      return { view, key, progress: new FanoutProgress(place, parts.stored.get(key), parts.sentBefore.get(key) ?? 0n) };
    });
  }

  /** Where reading begins: the offset of the view that is furthest behind. */
  get from(): bigint {
    return this.#progress.map(({ progress }) => progress.next).reduce((least, next) => (next < least ? next : least));
  }

  /** Gives the batch to the writer. @throws TrucError of the writer */
  async take(batch: LogBatch, events: readonly ReceivedEvent[], traceparent: string): Promise<FanoutCount> {
    const records: LogRecord[] = [];
    const origins: StoredRecord[] = [];
    const rejections: Rejection[] = [];
    const counts = new Map<string, number>();
    let highest: Position | null = null;
    for (const [index, event] of events.entries()) {
      const record = batch.records[index] as StoredRecord;
      if (event.kind === 'refused') {
        rejections.push({ record, reasons: event.reasons });
        continue;
      }
      highest = maxPosition(highest, event.position);
      for (const { view, progress } of this.#progress) {
        const { id } = view.policy;
        if (record.offset < progress.next) continue;
        try {
          records.push(view.record(event, record));
          origins.push(record);
          if (event.kind === 'event') counts.set(id, (counts.get(id) ?? 0) + 1);
        } catch (error) {
          rejections.push(rejectionFor(view, record, error));
        }
      }
    }
    rejections.push(...(await this.#write(traced(records, traceparent), origins)));
    for (const rejection of rejections) await this.#parts.writer.write([await this.#parts.refuse(rejection)]);
    for (const { progress } of this.#progress) progress.reached(batch.nextOffset, highest, () => this.#parts.writer.endOffsets());
    return { events: counts, rejections };
  }

  /** Stores how far the views are, once that is acknowledged: data first, then state. */
  async store(): Promise<void> {
    const { writer, stateTopic, clock } = this.#parts;
    const moved = this.#progress.flatMap(({ key, progress }) => {
      const next = progress.take();
      return next === null ? [] : [{ key, progress, next }];
    });
    if (moved.length === 0) return;
    await writer.flush();
    await writer.write(moved.map(({ key, next }) => viewProgressRecord(stateTopic, key, next, clock.now())));
    await writer.flush();
    for (const { progress, next } of moved) progress.stored(next);
  }

  /** A record that no topic takes is refused by itself and blocks nothing. @returns what was refused */
  async #write(records: readonly LogRecord[], origins: readonly StoredRecord[]): Promise<Rejection[]> {
    const { writer } = this.#parts;
    try {
      await writer.write(records);
      return [];
    } catch (error) {
      if (!hasCode(error, 'LOG_RECORD_TOO_LARGE')) throw error;
    }
    const refused: Rejection[] = [];
    for (const [index, record] of records.entries()) {
      try {
        await writer.write([record]);
      } catch (error) {
        if (!hasCode(error, 'LOG_RECORD_TOO_LARGE')) throw error;
        refused.push({
          record: origins[index] as StoredRecord,
          reasons: [{ rule: 'LOG_RECORD_TOO_LARGE', field: 'value', reason: `the record is too large for ${record.topic}` }],
        });
      }
    }
    return refused;
  }
}

/** The first record of each view carries the trace, so that whoever applies the view finds where its batch came from. */
function traced(records: readonly LogRecord[], traceparent: string): LogRecord[] {
  const topics = new Set<string>();
  return records.map((record) => {
    if (topics.has(record.topic)) return record;
    topics.add(record.topic);
    return { ...record, headers: [...record.headers, { key: TRACE_HEADER, value: Buffer.from(traceparent) }] };
  });
}

function rejectionFor({ policy }: FanoutView, record: StoredRecord, error: unknown): Rejection {
  if (!(error instanceof TrucError)) throw error;
  return { record, reasons: [{ rule: error.code, field: 'value', reason: `does not fit the view ${policy.id}: ${messageOf(error)}` }] };
}
