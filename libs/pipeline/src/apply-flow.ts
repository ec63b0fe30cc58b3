import { compileCodec, type AvroCodec } from '@truc/avro';
import { TrucError, type Clock } from '@truc/kernel';
import { TRACE_HEADER, type Telemetry } from '@truc/telemetry';
import type { ChangeTarget, RejectedChange, TargetTable } from './change-target.js';
import { deliveriesOf } from './delivery-receipt.js';
import { EventReader, type ReleaseLookup } from './event-reader.js';
import { RowDoor, type DictionaryLookup, type DoorCodes } from './row-door.js';
import { gatherBatches, type GatherLimits } from './gathered-batches.js';
import type { LogBatch, LogReader } from './log.js';
import { asPassing } from './passing-failure.js';
import type { ReceiptLog } from './receipt-log.js';
import type { TopicExpectation } from './received-event.js';
import type { Rejection, RejectionLog } from './rejection-log.js';
import type { SchemaLookup } from './schema-lookup.js';
import { targetBatchesOf, type PreparedBatch } from './target-batches.js';
import { targetTableOf, type TableNaming } from './target-table.js';

/** One topic whose changes are kept in one table. */
export interface ApplySubscription {
  readonly topic: string;
  readonly partitions: number;
  /** Label of metrics: the dataset's name. */
  readonly dataset: string;
  readonly table: TableNaming;
  readonly scheme: string;
  /** Field of the row that repeats the key's code; null where a view masks the code. */
  readonly codeField: string | null;
  /** See `TopicExpectation.otherCodes`. */
  readonly otherCodes?: TopicExpectation['otherCodes'];
  /** Value schema by policy: the shape of the table until records show another. */
  readonly valueSchema: string;
}

/** Changes of one transaction that the target refused: at or below the position that it holds. Sent again after a failure, or by somebody who means harm. */
export interface RefusedChanges {
  readonly consumer: string;
  readonly dataset: string;
  readonly topic: string;
  readonly changes: number;
}

export interface ApplyParts {
  /** Label of metrics: `general-database`, or the agency's slug. */
  readonly consumer: string;
  readonly reader: LogReader;
  readonly target: ChangeTarget;
  readonly schemas: SchemaLookup;
  /** Null where the events name no release, as in views. */
  readonly isReleased: ReleaseLookup | null;
  /** By which rows are judged once more at this door; left out where the events name no release. */
  readonly dictionaryOf?: DictionaryLookup | undefined;
  readonly rejections: RejectionLog;
  /** Told of what the target refused, for the audit; what it rejected is in `rejections`. */
  readonly onRefused?: ((refused: RefusedChanges) => void) | undefined;
  /** Of the target's database; left out where nobody wants receipts. Whoever makes it keeps it running. */
  readonly receipts?: ReceiptLog | undefined;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly limits?: Partial<GatherLimits>;
}

/** 20,000 rows a transaction is where the target is fastest; bytes bound the memory. */
const defaultLimits: GatherLimits = { records: 20_000, bytes: 8 * 1024 * 1024, idleMs: 5_000 };

interface OpenSubscription extends ApplySubscription {
  readonly events: EventReader;
  readonly usual: TargetTable;
  readonly tables: WeakMap<AvroCodec, TargetTable>;
  /** Records between the stored offset and the end, by partition. */
  readonly behind: Map<number, bigint>;
}

/** Offsets of a partition that moved over nothing but control batches: stored with the next batch, or when it is quiet. */
interface Carried {
  readonly subscription: OpenSubscription;
  readonly batch: LogBatch;
}

/**
 * Applies the changes of some topics to a database: what a person's general database and a subscriber's own one have in common.
 *
 * One attempt: (1) the partitions are taken, which fences a former process and tells the stored offsets; (2) batches are read from there; (3) every record is
 * decoded and judged, and what is refused is told to `rejected.<consumer>`, acknowledged; (4) rows, positions, offsets and receipts are written in one transaction. An
 * attempt that fails is begun again from (1) by whoever supervises it: a replay changes nothing, because the target compares positions.
 */
export class ApplyFlow {
  readonly #parts: ApplyParts;
  readonly #limits: GatherLimits;
  readonly #subscriptions: ReadonlyMap<string, OpenSubscription>;
  #carried = new Map<string, Carried>();

  /** @throws TrucError APPLY_SCHEMA_UNSUPPORTED, AVRO_SCHEMA_INVALID where a subscription's value schema cannot be a table */
  constructor(subscriptions: readonly ApplySubscription[], parts: ApplyParts) {
    const repeated = subscriptions.find(({ topic }, index) => subscriptions.findIndex((other) => other.topic === topic) !== index);
    if (repeated !== undefined) {
      throw new TrucError(
        'APPLY_TOPIC_TWICE',
        `the topic ${repeated.topic} is to be kept in two tables of one database: contracts of one scope need a database each`,
      );
    }
    this.#parts = parts;
    this.#limits = { ...defaultLimits, ...parts.limits };
    this.#subscriptions = new Map(
      subscriptions.map((subscription) => [
        subscription.topic,
        {
          ...subscription,
          events: new EventReader(subscription, parts.schemas, parts.isReleased, doorOf(subscription, parts)),
          usual: targetTableOf(compileCodec(subscription.valueSchema).schema, subscription.table),
          tables: new WeakMap(),
          behind: new Map(),
        },
      ]),
    );
  }

  /**
   * Runs until `signal` aborts; what is in hand then is applied first.
   * @throws TrucError APPLY_FENCED when another process took a partition; APPLY_TOPIC_MISSING (retry) while a topic is not there or may not be seen;
   * REGISTRY_UNREACHABLE (retry); APPLY_TABLE_DIFFERS, APPLY_COLUMNS_DIFFER, APPLY_TABLE_TAKEN where the policy changed what is loaded already; those of the log and of the target, with `retry` where a new run may succeed by itself
   */
  async run(signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    this.#carried = new Map();
    try {
      const from = await this.#take();
      const batches = this.#parts.reader.read(from, AbortSignal.any([signal, stop.signal]));
      for await (const turn of gatherBatches(batches, this.#limits)) await this.#applyTurn(turn);
      await this.#applyCarried();
    } catch (error) {
      throw asPassing(error);
    } finally {
      stop.abort();
    }
  }

  async #take(): Promise<{ topic: string; partition: number; offset: bigint }[]> {
    const { reader, target } = this.#parts;
    const partitions: { topic: string; partition: number }[] = [];
    for (const subscription of this.#subscriptions.values()) {
      const { topic } = subscription;
      const found = await reader.partitions(topic);
      if (found === null || found === 0) {
        throw new TrucError('APPLY_TOPIC_MISSING', `the topic ${topic} is not there yet, or may not be read yet`, { retry: true });
      }
      if (found !== subscription.partitions) {
        throw new TrucError(
          'APPLY_PARTITIONS_DIFFER',
          `the topic ${topic} has ${found} partitions and the policy says ${subscription.partitions}: another count is a new generation of the dataset`,
        );
      }
      for (let partition = 0; partition < found; partition += 1) partitions.push({ topic, partition });
    }
    const tables = [...this.#subscriptions.values()].map(({ topic, usual }) => ({ topic, table: usual }));
    const taken = await target.take(partitions, tables);
    for (const { topic, partition, offset } of taken) {
      const { start, end } = await reader.bounds(topic, partition);
      this.#subscriptions.get(topic)?.behind.set(partition, end - (offset < start ? start : offset));
    }
    for (const subscription of this.#subscriptions.values()) this.#showBehind(subscription);
    return taken;
  }

  /** One transaction for each topic: its partitions are joined. Batches without records wait until something is written anyway. */
  async #applyTurn(turn: readonly LogBatch[]): Promise<void> {
    const byTopic = new Map<OpenSubscription, LogBatch[]>();
    for (const batch of turn) {
      const subscription = this.#subscriptions.get(batch.topic);
      if (subscription === undefined) continue;
      const place = `${batch.topic}/${batch.partition}`;
      const carried = this.#carried.get(place);
      const whole = carried === undefined ? batch : { ...batch, fetchedFrom: carried.batch.fetchedFrom };
      if (batch.records.length === 0) {
        this.#carried.set(place, { subscription, batch: whole });
        this.#passed(subscription, [batch]);
        continue;
      }
      this.#carried.delete(place);
      const batches = byTopic.get(subscription) ?? [];
      byTopic.set(subscription, [...batches, whole]);
    }
    for (const [subscription, batches] of byTopic) await this.#apply(subscription, batches);
    if (turn.length === 0) await this.#applyCarried();
  }

  async #applyCarried(): Promise<void> {
    const carried = [...this.#carried.values()];
    this.#carried = new Map();
    for (const subscription of new Set(carried.map((one) => one.subscription))) {
      await this.#apply(
        subscription,
        carried.filter((one) => one.subscription === subscription).map(({ batch }) => batch),
      );
    }
  }

  async #apply(subscription: OpenSubscription, batches: readonly LogBatch[]): Promise<void> {
    const { telemetry, rejections, receipts, consumer, clock, target } = this.#parts;
    const { dataset } = subscription;
    const cameFrom = traceOf(batches);
    const records = batches.reduce((sum, batch) => sum + batch.records.length, 0);
    const decoded = await this.#measured('process', { consumer, dataset, records }, cameFrom, () => this.#decode(subscription, batches));
    await rejections.write(decoded.rejections);
    const announce = (rejected: readonly RejectedChange[]): Promise<void> =>
      rejections.write(rejected.map((change) => rejectionOf(change, decoded.prepared)));
    const result = await this.#measured('apply', { consumer, dataset, records }, cameFrom, () =>
      target.apply(
        decoded.prepared.map(({ batch }) => batch),
        announce,
        receipts === undefined ? [] : deliveriesOf(batches, receipts.recipient),
      ),
    );
    receipts?.nudge();
    if (result.applied > 0) telemetry.record('truc_apply_changes', result.applied, { consumer, dataset });
    if (result.refused > 0) {
      telemetry.record('truc_apply_refused', result.refused, { consumer, dataset });
      this.#parts.onRefused?.({ consumer, dataset, topic: subscription.topic, changes: result.refused });
    }
    if (decoded.newestMs !== null) {
      telemetry.record('truc_apply_lag', Math.max(0, clock.now() - decoded.newestMs) / 1000, { consumer, dataset });
    }
    this.#passed(subscription, batches);
  }

  #passed(subscription: OpenSubscription, batches: readonly LogBatch[]): void {
    for (const { partition, endOffset, nextOffset } of batches) subscription.behind.set(partition, endOffset - nextOffset);
    this.#showBehind(subscription);
  }

  async #decode(
    subscription: OpenSubscription,
    batches: readonly LogBatch[],
  ): Promise<{ prepared: PreparedBatch[]; rejections: Rejection[]; newestMs: number | null }> {
    const prepared: PreparedBatch[] = [];
    const rejections: Rejection[] = [];
    let newestMs: number | null = null;
    for (const batch of batches) {
      const events = await subscription.events.read(batch.records);
      const changes = targetBatchesOf(batch, events, (codec) => tableOf(subscription, codec), subscription.usual);
      prepared.push(...changes.prepared);
      rejections.push(...changes.rejections);
      if (changes.newestMs !== null) newestMs = Math.max(newestMs ?? 0, changes.newestMs);
    }
    return { prepared, rejections, newestMs };
  }

  #showBehind({ dataset, behind }: OpenSubscription): void {
    const records = [...behind.values()].reduce((sum, one) => sum + (one > 0n ? one : 0n), 0n);
    this.#parts.telemetry.record('truc_apply_behind', Number(records), { consumer: this.#parts.consumer, dataset });
  }

  async #measured<T>(
    stage: 'process' | 'apply',
    attributes: Record<string, string | number>,
    cameFrom: string | null,
    work: () => Promise<T>,
  ): Promise<T> {
    const { telemetry } = this.#parts;
    const started = performance.now();
    const span = telemetry.startBatch(stage, attributes, cameFrom);
    let failure: { code: string } | null = null;
    try {
      return await work();
    } catch (error) {
      failure = { code: error instanceof TrucError ? error.code : 'FLOW_FAILED' };
      throw error;
    } finally {
      telemetry.endBatch(span, stage, (performance.now() - started) / 1000, failure);
    }
  }
}

function doorOf(codes: DoorCodes, { dictionaryOf, clock }: ApplyParts): RowDoor | null {
  return dictionaryOf === undefined ? null : new RowDoor(codes, dictionaryOf, clock);
}

function tableOf({ table, tables }: OpenSubscription, codec: AvroCodec): TargetTable {
  const known = tables.get(codec);
  if (known !== undefined) return known;
  const made = targetTableOf(codec.schema, table);
  tables.set(codec, made);
  return made;
}

function rejectionOf({ batch, change, reason }: RejectedChange, prepared: readonly PreparedBatch[]): Rejection {
  const record = prepared[batch]?.origins[change];
  if (record === undefined)
    throw new TrucError('APPLY_RESULT_INVALID', `the target rejected a change that it was not given (${batch}/${change})`);
  const [field = 'value'] = reason.split(':', 1);
  return { record, reasons: [{ rule: 'APPLY_REJECTED', field, reason }] };
}

/** The span that the batch's first record with a trace came from. */
export function traceOf(batches: readonly LogBatch[]): string | null {
  for (const { records } of batches) {
    for (const { headers } of records) {
      for (const header of headers) if (header.key === TRACE_HEADER) return header.value.toString('latin1');
    }
  }
  return null;
}
