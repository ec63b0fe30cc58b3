import { hasCode, messageOf, TrucError, type Clock } from '@truc/kernel';
import { TRACE_HEADER } from '@truc/telemetry';
import { viewProgressKey, viewProgressRecord, type ViewProgress } from './fanout-state.js';
import type { FanoutView } from './fanout-view.js';
import type { LogBatch, LogRecord, LogWriter, StoredRecord } from './log.js';
import type { ReceivedEvent } from './received-event.js';
import type { Rejection } from './rejection-log.js';

const beginning = -2n;

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
  readonly stored: ReadonlyMap<string, ViewProgress>;
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
  /** Next offset of the dataset's partition for each view; everything below was given to the writer. */
  readonly #next = new Map<string, bigint>();
  readonly #stored = new Map<string, ViewProgress>();

  constructor(parts: FanoutPartitionParts) {
    this.#parts = parts;
    for (const { policy } of parts.views) {
      const stored = parts.stored.get(viewProgressKey(policy.id, parts.partition));
      if (stored !== undefined) this.#stored.set(policy.id, stored);
      this.#next.set(policy.id, stored?.nextOffset ?? beginning);
    }
  }

  /** Where reading begins: the offset of the view that is furthest behind. */
  get from(): bigint {
    return [...this.#next.values()].reduce((least, next) => (next < least ? next : least));
  }

  /** Gives the batch to the writer. @throws TrucError of the writer */
  async take(batch: LogBatch, events: readonly ReceivedEvent[], traceparent: string): Promise<FanoutCount> {
    const records: LogRecord[] = [];
    const origins: StoredRecord[] = [];
    const rejections: Rejection[] = [];
    const counts = new Map<string, number>();
    for (const [index, event] of events.entries()) {
      const record = batch.records[index] as StoredRecord;
      if (event.kind === 'refused') {
        rejections.push({ record, reasons: event.reasons });
        continue;
      }
      for (const view of this.#parts.views) {
        const { id } = view.policy;
        if (record.offset < (this.#next.get(id) ?? beginning)) continue;
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
    for (const [id, next] of this.#next) if (next < batch.nextOffset) this.#next.set(id, batch.nextOffset);
    return { events: counts, rejections };
  }

  /** Stores how far the views are, once that is acknowledged: data first, then state. */
  async store(): Promise<void> {
    const { writer, views, partition, stateTopic, clock } = this.#parts;
    const reached = new Map(this.#next);
    const moved = views.filter(({ policy }) => {
      const next = reached.get(policy.id) ?? beginning;
      return next >= 0n && next !== this.#stored.get(policy.id)?.nextOffset;
    });
    if (moved.length === 0) return;
    await writer.flush();
    const ends = writer.endOffsets();
    const progress = moved.map(({ policy }): [string, ViewProgress] => [
      policy.id,
      {
        nextOffset: reached.get(policy.id) as bigint,
        viewEndOffset: ends.get(`${policy.topic}/${partition}`) ?? this.#stored.get(policy.id)?.viewEndOffset ?? null,
      },
    ]);
    await writer.write(progress.map(([id, one]) => viewProgressRecord(stateTopic, viewProgressKey(id, partition), one, clock.now())));
    await writer.flush();
    for (const [id, one] of progress) this.#stored.set(id, one);
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
