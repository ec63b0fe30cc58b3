import { setTimeout as sleep } from 'node:timers/promises';
import type { ViewPolicy } from '@truc/contracts';
import { TrucError, type Clock } from '@truc/kernel';
import type { Telemetry } from '@truc/telemetry';
import { traceOf } from './apply-flow.js';
import { EventReader, type ReleaseLookup } from './event-reader.js';
import { RowDoor, type DictionaryLookup } from './row-door.js';
import { FanoutPartition } from './fanout-partition.js';
import { findSent } from './fanout-sent.js';
import { foldViewProgress } from './fanout-state.js';
import { openFanoutView, FanoutView } from './fanout-view.js';
import type { LogBatch, LogReader, LogWriter } from './log.js';
import { scanToEnd } from './log-scan.js';
import { asPassing } from './passing-failure.js';
import { countRejections, rejectedRecord, rejectedSchemaId } from './rejection-log.js';
import type { SchemaLookup } from './schema-lookup.js';

export interface FanoutParts {
  readonly reader: LogReader;
  /** Opens the writer of that name on these partitions: from then on no former owner of the name writes there any more. */
  readonly openWriter: (transactionalId: string, partitions: readonly { topic: string; partition: number }[]) => Promise<LogWriter>;
  readonly schemas: SchemaLookup;
  readonly isReleased: ReleaseLookup | null;
  /** By which rows are judged once more at this door; left out where the events name no release. */
  readonly dictionaryOf?: DictionaryLookup | undefined;
  /** Root secret that the secret of each view is derived from. */
  readonly secret: Buffer;
  /** `distributor`: label of metrics, and the beginning of the writers' names. */
  readonly service: string;
  readonly stateTopic: string;
  readonly rejectedTopic: string;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** Least time between two stored states in milliseconds: what a restart sends again. */
  readonly storeEveryMs?: number;
  /** How often a view that is not ready is looked at again, in milliseconds. */
  readonly readyEveryMs?: number;
}

/**
 * Carries one dataset's topic into the topics of its views.
 *
 * Start: (1) one writer for each partition is opened over that partition of every view, the state and the refused records, which fences a former distributor;
 * (2) only then the state is read, to its end, so that nothing can be added to it by another; (3) what the views were sent after it is looked for in the dataset's
 * topic; (4) each partition is read from the offset of the view that is furthest behind. Running: view records are written and acknowledged, then the state. After a
 * failure a new attempt sends again from the stored state through to what was sent before, so that at rest the last record of every key has its highest position.
 *
 * A view whose topic or schemas are not there yet keeps nobody waiting: the others run, and the flow begins anew with it when it is ready.
 */
export class FanoutFlow {
  readonly #parts: FanoutParts;
  readonly #views: readonly ViewPolicy[];
  readonly #events: EventReader;
  readonly #datasetTopic: string;
  readonly #dataset: string;
  #waiting: readonly { readonly view: string; readonly waitsFor: string }[] = [];

  /** @param views all views of one dataset topic; at least one */
  constructor(views: readonly ViewPolicy[], parts: FanoutParts) {
    const [first] = views;
    if (first === undefined || views.some(({ datasetTopic }) => datasetTopic !== first.datasetTopic)) {
      throw new TrucError('FANOUT_VIEWS_INVALID', 'a fan-out is made of one or more views of one dataset topic');
    }
    this.#parts = parts;
    this.#views = views;
    this.#datasetTopic = first.datasetTopic;
    this.#dataset = first.dataset;
    const { datasetTopic: topic, scheme, codeField, otherCodes } = first;
    const expected = { topic, scheme, codeField, otherCodes };
    const door = parts.dictionaryOf === undefined ? null : new RowDoor(expected, parts.dictionaryOf, parts.clock);
    this.#events = new EventReader(expected, parts.schemas, parts.isReleased, door);
  }

  /** Views that are left out for now, and why. */
  get waiting(): readonly { readonly view: string; readonly waitsFor: string }[] {
    return this.#waiting;
  }

  /**
   * Runs until `signal` aborts; what is in hand then is written and stored first.
   * @throws TrucError LOG_FENCED when another distributor took a partition; FANOUT_WAITS (retry) while no view is ready; REGISTRY_UNREACHABLE (retry);
   * FANOUT_STATE_INVALID, FANOUT_DATASET_SHORT; those of the log, with `retry` where a new run may succeed by itself
   */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) await this.#session(await this.#openViews(), signal);
    } catch (error) {
      throw asPassing(error);
    }
  }

  async #openViews(): Promise<FanoutView[]> {
    const { secret } = this.#parts;
    const ready: FanoutView[] = [];
    const waiting: { view: string; waitsFor: string }[] = [];
    for (const policy of this.#views) {
      const opened = await openFanoutView(policy, secret, this.#parts);
      if (opened instanceof FanoutView) ready.push(opened);
      else waiting.push({ view: policy.id, waitsFor: opened.waitsFor });
    }
    this.#waiting = waiting;
    const sourcePartitions = await this.#parts.reader.partitions(this.#datasetTopic);
    if (sourcePartitions === null || sourcePartitions === 0) throw waits(`the topic ${this.#datasetTopic} is not there yet`);
    if (ready.length === 0) throw waits(waiting.map(({ waitsFor }) => waitsFor).join('; '));
    const differing = ready.find(({ policy }) => policy.partitions !== sourcePartitions);
    if (differing !== undefined) {
      throw new TrucError(
        'FANOUT_PARTITIONS_DIFFER',
        `${this.#datasetTopic} has ${sourcePartitions} partitions and its view ${differing.policy.id} has ${differing.policy.partitions}: the number is carried over and must be the same`,
      );
    }
    return ready;
  }

  async #session(views: readonly FanoutView[], signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const running = AbortSignal.any([signal, stop.signal]);
    const writers: LogWriter[] = [];
    try {
      const partitions = await this.#openPartitions(views, writers, running);
      const background = [this.#storeLoop(partitions, running), this.#untilAnotherIsReady(running).finally(() => stop.abort())];
      for (const task of background) task.catch(() => stop.abort());
      const from = partitions.map((one, partition) => ({ topic: this.#datasetTopic, partition, offset: one.from }));
      try {
        for await (const batch of this.#parts.reader.read(from, running)) await this.#take(batch, partitions);
      } finally {
        stop.abort();
        await Promise.all(background);
      }
      await Promise.all(partitions.map((partition) => partition.store()));
    } finally {
      stop.abort();
      await Promise.all(writers.map((writer) => writer.close().catch(() => {})));
    }
  }

  async #openPartitions(views: readonly FanoutView[], writers: LogWriter[], signal: AbortSignal): Promise<FanoutPartition[]> {
    const { openWriter, service, stateTopic, rejectedTopic, reader, clock } = this.#parts;
    const count = views[0]?.policy.partitions ?? 0;
    for (let partition = 0; partition < count; partition += 1) {
      const shared = [stateTopic, rejectedTopic].map((topic) => ({ topic, partition: 0 }));
      const places = [...views.map(({ policy }) => ({ topic: policy.topic, partition })), ...shared];
      writers.push(await openWriter(`${service}.${this.#datasetTopic}.${partition}`, places));
    }
    const stored = await foldViewProgress(scanToEnd(reader, stateTopic, 0, -2n, signal));
    const scope = { datasetTopic: this.#datasetTopic, views: views.map(({ policy }) => policy), stored };
    const sentBefore = await findSent(scope, reader, signal);
    const refuse = async (rejection: Parameters<typeof rejectedRecord>[2]) =>
      rejectedRecord(rejectedTopic, await rejectedSchemaId(this.#parts.schemas, rejectedTopic), rejection, clock.now());
    return writers.map(
      (writer, partition) => new FanoutPartition({ partition, views, writer, stored, sentBefore, stateTopic, refuse, clock }),
    );
  }

  async #take(batch: LogBatch, partitions: readonly FanoutPartition[]): Promise<void> {
    const { telemetry, service } = this.#parts;
    const target = partitions[batch.partition];
    if (target === undefined) return;
    const started = performance.now();
    const span = telemetry.startBatch('process', { dataset: this.#dataset, records: batch.records.length }, traceOf([batch]));
    let failure: { code: string } | null = null;
    try {
      const events = await this.#events.read(batch.records);
      const { events: written, rejections } = await target.take(batch, events, telemetry.traceparent(span));
      for (const [view, count] of written) telemetry.record('truc_fanout_events', count, { view, dataset: this.#dataset });
      countRejections(telemetry, service, rejections);
    } catch (error) {
      failure = { code: error instanceof TrucError ? error.code : 'FLOW_FAILED' };
      throw error;
    } finally {
      telemetry.endBatch(span, 'process', (performance.now() - started) / 1000, failure);
    }
  }

  async #storeLoop(partitions: readonly FanoutPartition[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await Promise.all(partitions.map((partition) => partition.store()));
      await sleep(this.#parts.storeEveryMs ?? 1_000, undefined, { signal }).catch(() => {});
    }
  }

  /** Resolves when a view that was left out is ready, or `signal` aborts. What cannot be asked now is asked again. */
  async #untilAnotherIsReady(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#parts.readyEveryMs ?? 2_000, undefined, { signal }).catch(() => {});
      for (const { view } of this.#waiting) {
        const policy = this.#views.find(({ id }) => id === view);
        if (policy === undefined || signal.aborted) continue;
        const opened = await openFanoutView(policy, this.#parts.secret, this.#parts).catch(() => null);
        if (opened instanceof FanoutView) return;
      }
    }
  }
}

function waits(reason: string): TrucError {
  return new TrucError('FANOUT_WAITS', reason, { retry: true });
}
