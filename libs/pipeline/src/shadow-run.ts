import {
  choiceOf,
  compileValueRules,
  isoDateOfDays,
  vietnamDayOfMicros,
  vietnamToday,
  type DictionaryRelease,
  type JudgedDataset,
  type ValueRules,
  type ValueViolation,
} from '@truc/dictionary';
import type { SourceBlock } from '@truc/change-event';
import { TrucError, type Clock, type Row } from '@truc/kernel';
import { EventReader } from './event-reader.js';
import { scanPartitionsToEnd } from './log-scan.js';
import type { LogReader, StoredRecord } from './log.js';
import type { SchemaLookup } from './schema-lookup.js';

/** A dataset whose log is read again; a dataset policy with where its codes' dates are. */
export interface ShadowDataset extends JudgedDataset {
  readonly name: string;
  readonly agency: string;
  readonly topic: string;
  readonly scheme: string;
  /** What tells the day that a row's codes apply to: a field; `commit`, which every event tells; `unpublished`, where it stays at the source and the commit's day stands in. */
  readonly referenceDate: { readonly field: string } | 'commit' | 'unpublished';
}

/** Violations of one rule on one element. No values. */
export interface ShadowCount {
  readonly rule: string;
  readonly element: string;
  readonly reason: string;
  /** Rows that the other release would hold for it. */
  readonly rows: number;
  /** Those for which the release of now has nothing of the kind against the row. */
  readonly newRows: number;
}

export interface ShadowReport {
  readonly dataset: string;
  readonly agency: string;
  readonly topic: string;
  /** Of the log, as far as it was read. */
  readonly records: number;
  /** Versions of rows among them; tombstones and deletes hold none. */
  readonly rows: number;
  /** Records that no consumer takes; they are not judged. */
  readonly refused: number;
  readonly held: number;
  /** Those that the release of now would pass. */
  readonly newlyHeld: number;
  readonly counts: readonly ShadowCount[];
  /** True where codes were judged by the day of the commit, since the day that they apply to is not in the log. */
  readonly approximateDays: boolean;
}

export interface ShadowRunOptions {
  readonly reader: LogReader;
  readonly schemas: SchemaLookup;
  readonly releases: { readonly now: DictionaryRelease; readonly next: DictionaryRelease };
  readonly clock: Clock;
  /** Called after every batch, with offsets of the log rather than records: compaction leaves holes. */
  readonly onProgress?: (dataset: string, read: number, of: number) => void;
}

/** Records that are decoded at once. */
const batchRecords = 500;
/** Rule, element and reason are few; what is beyond a mistake of ours must not grow without end. */
const countsMax = 10_000;

/**
 * Judges the retained log of a dataset, protected fields with all others as capture does, by another release, and by the release of now where that one refuses: what would go to quarantine, and what of it is new. Reads without
 * a group, writes nothing, and holds a batch at a time. Every version that the log still holds counts: compaction has not removed all that were overwritten.
 *
 * V9 is not judged: it is about two rows. @throws TrucError LOG_..., REGISTRY_UNREACHABLE, and the signal's reason
 */
export async function shadowRun(dataset: ShadowDataset, options: ShadowRunOptions, signal: AbortSignal): Promise<ShadowReport> {
  const { reader, schemas, releases, onProgress } = options;
  const { topic, scheme, codeField, otherCodes, name, agency } = dataset;
  const partitions = await reader.partitions(topic);
  if (partitions === null)
    throw new TrucError('LOG_TOPIC_UNKNOWN', `there is no topic ${topic}, or it may not be read with these credentials`);
  const events = new EventReader({ topic, scheme, codeField, otherCodes }, schemas, null);
  const judge = new ShadowJudge(dataset, releases, options.clock);
  const from = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: -2n }));
  let of = 0;
  for (const { partition } of from) {
    const { start, end } = await reader.bounds(topic, partition);
    of += Number(end - start);
  }
  const [counted, batch] = [{ records: 0, refused: 0 }, [] as StoredRecord[]];
  const next = new Map<number, { first: bigint; next: bigint }>();
  const judgeBatch = async (): Promise<void> => {
    signal.throwIfAborted();
    for (const event of await events.read(batch)) {
      counted.records += 1;
      if (event.kind === 'refused') counted.refused += 1;
      if (event.kind === 'event' && event.envelope.after !== null) {
        judge.judge(event.envelope.after, event.envelope.source as SourceBlock);
      }
    }
    batch.length = 0;
    onProgress?.(
      name,
      [...next.values()].reduce((sum, place) => sum + Number(place.next - place.first), 0),
      of,
    );
    // A long run leaves room for a signal to arrive.
    await new Promise((resolve) => setImmediate(resolve));
  };
  for await (const record of scanPartitionsToEnd(reader, from, signal)) {
    const place = next.get(record.partition);
    next.set(record.partition, { first: place?.first ?? record.offset, next: record.offset + 1n });
    batch.push(record);
    if (batch.length >= batchRecords) await judgeBatch();
  }
  await judgeBatch();
  return { dataset: name, agency, topic, ...counted, ...judge.result() };
}

class ShadowJudge {
  readonly #dataset: ShadowDataset;
  readonly #next: ValueRules;
  readonly #now: ValueRules;
  readonly #counts = new Map<string, { rule: string; element: string; reason: string; rows: number; newRows: number }>();
  #rows = 0;
  #held = 0;
  #newlyHeld = 0;

  constructor(dataset: ShadowDataset, { now, next }: ShadowRunOptions['releases'], clock: Clock) {
    this.#dataset = dataset;
    const { fields, codeField, otherCodes, scope } = dataset;
    const otherCodeFields = otherCodes?.map(({ field }) => field);
    const options = { codeField, otherCodeFields, scope, today: () => vietnamToday(clock) };
    this.#next = compileValueRules(next, fields, options);
    this.#now = compileValueRules(now, fields, options);
  }

  judge(row: Row, source: SourceBlock): void {
    this.#rows += 1;
    const context = { referenceDate: this.#referenceDate(row, source) };
    const found = this.#kept(this.#next(row, context));
    if (found.length === 0) return;
    const known = new Set(this.#kept(this.#now(row, context)).map(keyOf));
    this.#held += 1;
    if (known.size === 0) this.#newlyHeld += 1;
    for (const violation of new Map(found.map((one) => [keyOf(one), one])).values()) this.#count(violation, known.has(keyOf(violation)));
  }

  result(): Pick<ShadowReport, 'rows' | 'held' | 'newlyHeld' | 'counts' | 'approximateDays'> {
    return {
      rows: this.#rows,
      held: this.#held,
      newlyHeld: this.#newlyHeld,
      counts: [...this.#counts.values()].toSorted((a, b) => b.rows - a.rows || (keyOf(a) < keyOf(b) ? -1 : 1)),
      approximateDays: this.#dataset.referenceDate === 'unpublished',
    };
  }

  /** What the dataset's choices hold a row for. */
  #kept(found: readonly ValueViolation[]): ValueViolation[] {
    return found.filter((violation) => choiceOf(violation, this.#dataset.rules ?? {}) !== 'pass');
  }

  #count(violation: ValueViolation, isKnown: boolean): void {
    const key = keyOf(violation);
    const { rule, element, reason } = violation;
    const count = this.#counts.get(key) ?? { rule, element, reason, rows: 0, newRows: 0 };
    count.rows += 1;
    if (!isKnown) count.newRows += 1;
    if (this.#counts.has(key) || this.#counts.size < countsMax) this.#counts.set(key, count);
  }

  #referenceDate(row: Row, { ts_ms: committedAtMs }: SourceBlock): string {
    const { referenceDate } = this.#dataset;
    const stated = typeof referenceDate === 'string' ? null : row[referenceDate.field];
    if (typeof stated === 'number') return isoDateOfDays(stated);
    if (typeof stated === 'bigint') return isoDateOfDays(vietnamDayOfMicros(stated));
    return isoDateOfDays(vietnamDayOfMicros(committedAtMs * 1000n));
  }
}

function keyOf({ rule, element, reason }: { readonly rule: string; readonly element: string; readonly reason: string }): string {
  return `${rule} ${element} ${reason}`;
}
