import { TrucError, type Clock } from '@truc/kernel';
import type { LogBatch, StoredRecord } from '@truc/pipeline';
import { Attempts, pauseAfter } from './attempt.js';
import { isConnectionLoss, type BrokerConnections } from './broker-connections.js';
import { partitionKey, type Broker, type ClusterMetadata, type TopicPartition } from './cluster-metadata.js';
import { fetchBatches, type FetchedSection, type FetchLimits } from './fetch-request.js';
import { BEGINNING, offsetsUnknown, type PartitionOffsets } from './partition-offsets.js';
import { isNotAuthorized, isTransient, notAuthorized, protocolCode } from './protocol-error.js';
import { recordsOf, storedBatches, type StoredBatch } from './stored-batch.js';

export interface FetchSessionOptions {
  readonly from: readonly (TopicPartition & { readonly offset: bigint })[];
  /** Owned by the session and closed with it. */
  readonly connections: BrokerConnections;
  readonly metadata: ClusterMetadata;
  readonly offsets: PartitionOffsets;
  readonly limits: FetchLimits;
  readonly inflatedBytesLimit: number;
  readonly unreachableMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** One partition that is read. `stray` has no leader that answers, `settled` has one. */
interface FetchPosition extends TopicPartition {
  state: 'stray' | 'settled';
  /** Offset to fetch next. */
  next: bigint;
  /** What the next batch calls `fetchedFrom`: `next`, or -2n as long as the beginning was asked for and nothing has been read. */
  asked: bigint;
  /** Since when it gives no answer, though it may have had a leader at times; null after an answer. */
  troubledSinceMs: number | null;
  lastCode: number;
}

/** Batches of one partition out of one answer, waiting for the consumer. */
interface ReadySection {
  readonly position: FetchPosition;
  readonly fetchedFrom: bigint;
  readonly startAt: bigint;
  readonly endOffset: bigint;
  readonly batches: readonly StoredBatch[];
  /** Called when the consumer has finished with it. */
  readonly consumed: () => void;
}

/** Fetching from one broker. `held` counts answers that wait for the consumer or are being consumed. */
interface Lane {
  broker: Broker;
  positions: FetchPosition[];
  inFlight: boolean;
  held: number;
}

/** A topic that is being made appears within moments; a wrong name should be told soon. */
const UNKNOWN_TOPIC_MS = 15_000;
/** Records of compressed batches are handed on after so many bytes, so that a well compressed section is not inflated as a whole. */
const INFLATED_SLICE_BYTES = 8 * 1024 * 1024;

/**
 * One reading of some partitions. Every broker has one request under way while its last answer is being consumed, and none beyond that: the consumer's pace is the backpressure.
 * Answers are consumed in the order of their arrival; a partition is in one request at a time, therefore its batches come in order, across a change of its leader too.
 */
export class FetchSession {
  readonly #options: FetchSessionOptions;
  readonly #positions: FetchPosition[];
  readonly #lanes = new Map<number, Lane>();
  readonly #ready: ReadySection[] = [];
  #settling: Promise<void> | null = null;
  #failure: unknown = null;
  #stopped = false;
  #wake: (() => void) | null = null;

  constructor(options: FetchSessionOptions) {
    this.#options = options;
    const nowMs = options.clock.now();
    this.#positions = options.from.map(({ topic, partition, offset }) => ({
      topic,
      partition,
      state: 'stray',
      next: offset,
      asked: offset,
      troubledSinceMs: nowMs,
      lastCode: protocolCode.leaderNotAvailable,
    }));
  }

  async *batches(): AsyncGenerator<LogBatch> {
    const { signal } = this.#options;
    // A consumer that has left the loop without finishing it is not there to be told: fetching ends by itself.
    const onAbort = () => {
      void this.stop();
      this.#wakeUp();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.#settle();
      while (!signal.aborted) {
        const section = this.#ready.shift();
        if (section) {
          for (const batch of this.#take(section)) {
            if (signal.aborted) return;
            yield batch;
          }
          section.consumed();
        } else if (this.#failure !== null) {
          throw this.#failure;
        } else {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ready.length = 0;
    await this.#options.connections.close();
  }

  *#take({ position, fetchedFrom, startAt, endOffset, batches }: ReadySection): Generator<LogBatch> {
    const { topic, partition } = position;
    let from = fetchedFrom;
    let records: StoredRecord[] = [];
    let inflatedBytes = 0;
    for (const [index, batch] of batches.entries()) {
      const found = recordsOf(batch, position, startAt, this.#options.inflatedBytesLimit);
      if (records.length === 0) records = found;
      else for (const record of found) records.push(record);
      const storedBytes = batch.bytes.length;
      inflatedBytes += Math.max(
        storedBytes,
        found.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0),
      );
      const last = index === batches.length - 1;
      if (!last && inflatedBytes < INFLATED_SLICE_BYTES) continue;
      const nextOffset = batch.lastOffset + 1n;
      yield { topic, partition, fetchedFrom: from, nextOffset, endOffset, records };
      from = nextOffset;
      records = [];
      inflatedBytes = 0;
    }
  }

  /** Starts a request to every broker that has none under way and whose last answer is in the consumer's hands at most. */
  #fetchAll(): void {
    for (const lane of this.#lanes.values()) {
      if (this.#stopped || this.#failure !== null || lane.inFlight || lane.held > 1 || lane.positions.length === 0) continue;
      lane.inFlight = true;
      void this.#fetch(lane)
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          lane.inFlight = false;
          this.#fetchAll();
        });
    }
  }

  async #fetch(lane: Lane): Promise<void> {
    const positions = lane.positions;
    // Whoever was first goes to the end of the next request: the answer's limit cuts another partition each time.
    lane.positions = [...positions.slice(1), ...positions.slice(0, 1)];
    let sections: FetchedSection[];
    try {
      const connection = await this.#options.connections.get(lane.broker);
      const entries = positions.map(({ topic, partition, next }) => ({ topic, partition, offset: next }));
      sections = await fetchBatches.async(connection, entries, this.#options.limits);
    } catch (error) {
      if (this.#stopped) return;
      if (!isConnectionLoss(error)) throw error;
      for (const position of positions) this.#stray(position, protocolCode.networkException);
      return;
    }
    if (this.#stopped) return;
    const byPartition = new Map(sections.map((section) => [partitionKey(section), section]));
    const found: Omit<ReadySection, 'consumed'>[] = [];
    for (const position of positions) {
      const section = byPartition.get(partitionKey(position));
      if (!section) continue;
      if (section.errorCode === protocolCode.none) {
        position.troubledSinceMs = null;
        const ready = this.#advance(position, section);
        if (ready) found.push(ready);
      } else {
        await this.#refused(position, section.errorCode);
      }
    }
    this.#hand(lane, found);
  }

  #advance(position: FetchPosition, section: FetchedSection): Omit<ReadySection, 'consumed'> | null {
    const batches = storedBatches(section.batches, position).filter(({ lastOffset }) => lastOffset >= position.next);
    const last = batches.at(-1);
    if (!last) {
      if (section.batches.length === 0) return null;
      throw new TrucError(
        'LOG_BATCH_TOO_LARGE',
        `the broker gave only a part of the record batch at offset ${position.next} of ${partitionKey(position)}; raise fetchMaxBytes and partitionMaxBytes of the reader`,
      );
    }
    const ready = { position, fetchedFrom: position.asked, startAt: position.next, endOffset: section.endOffset, batches };
    position.next = position.asked = last.lastOffset + 1n;
    return ready;
  }

  #hand(lane: Lane, found: readonly Omit<ReadySection, 'consumed'>[]): void {
    if (found.length === 0) return;
    lane.held++;
    let outstanding = found.length;
    const consumed = () => {
      if (--outstanding > 0) return;
      lane.held--;
      this.#fetchAll();
    };
    for (const section of found) this.#ready.push({ ...section, consumed });
    this.#wakeUp();
  }

  async #refused(position: FetchPosition, code: number): Promise<void> {
    if (isNotAuthorized(code)) throw notAuthorized(this.#options.connections.username, `topic ${position.topic}`, 'READ');
    if (code === protocolCode.offsetOutOfRange) {
      if (position.asked !== BEGINNING) throw await this.#offsetGone(position);
      // The beginning has moved on since it was looked up: it is looked up again.
      position.next = BEGINNING;
    } else if (!isTransient(code)) throw offsetsUnknown(position, code);
    this.#stray(position, code);
  }

  async #offsetGone(position: FetchPosition): Promise<TrucError> {
    const { start, end } = await this.#options.offsets.bounds(position, this.#options.signal);
    return new TrucError(
      'LOG_OFFSET_GONE',
      `offset ${position.next} of ${partitionKey(position)} is not in the log, which holds ${start} to ${end}: what was there has been deleted, or the log was made anew. Read again from the beginning as a new load.`,
    );
  }

  #stray(position: FetchPosition, code: number): void {
    position.lastCode = code;
    if (position.state === 'stray') return;
    position.state = 'stray';
    position.troubledSinceMs ??= this.#options.clock.now();
    for (const lane of this.#lanes.values()) lane.positions = lane.positions.filter((other) => other !== position);
    this.#settle();
  }

  #settle(): void {
    this.#settling ??= this.#settleAll()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#settling = null;
        // One may have strayed after the last look.
        if (!this.#stopped && this.#failure === null && this.#positions.some(({ state }) => state === 'stray')) this.#settle();
      });
  }

  /** Finds a leader and, where the beginning is asked for, an offset, for every stray partition. */
  async #settleAll(): Promise<void> {
    const { metadata, clock, signal, unreachableMs } = this.#options;
    let attempts: Attempts | null = null;
    for (;;) {
      const strays = this.#positions.filter(({ state }) => state === 'stray');
      if (strays.length === 0 || this.#stopped) return;
      const troubledMs = Math.max(...strays.map(({ troubledSinceMs }) => clock.now() - (troubledSinceMs ?? clock.now())));
      // The first look is at once, unless the leader has just failed us; then, the longer the trouble lasts, the slower.
      if (attempts !== null || strays.some(({ lastCode }) => lastCode !== protocolCode.leaderNotAvailable)) {
        attempts ??= new Attempts(clock, { limitMs: unreachableMs, firstMs: pauseAfter(troubledMs), signal });
        await attempts.pause();
      }
      for (const { lastCode, ...position } of strays) {
        const limitMs = lastCode === protocolCode.unknownTopicOrPartition ? Math.min(UNKNOWN_TOPIC_MS, unreachableMs) : unreachableMs;
        if (clock.now() - (position.troubledSinceMs ?? clock.now()) > limitMs) throw offsetsUnknown(position, lastCode);
      }
      attempts ??= new Attempts(clock, { limitMs: unreachableMs, signal });
      try {
        await metadata.refresh(strays.map(({ topic }) => topic));
        for (const position of strays) await this.#settleOne(position);
      } catch (error) {
        if (!isConnectionLoss(error)) throw error;
        for (const position of strays) if (position.state === 'stray') position.lastCode = protocolCode.networkException;
      }
      this.#fetchAll();
    }
  }

  async #settleOne(position: FetchPosition): Promise<void> {
    const { metadata, offsets, connections, signal } = this.#options;
    const code = metadata.errorOf(position.topic);
    if (isNotAuthorized(code)) throw notAuthorized(connections.username, `topic ${position.topic}`, 'READ');
    const broker = metadata.leaderOf(position);
    if (broker === null) {
      const missing = code === protocolCode.none && position.partition >= metadata.partitionsOf(position.topic);
      position.lastCode = missing ? protocolCode.unknownTopicOrPartition : code || protocolCode.leaderNotAvailable;
      return;
    }
    if (position.next === BEGINNING) position.next = await offsets.start(position, signal);
    position.state = 'settled';
    const lane = this.#lanes.get(broker.nodeId);
    if (lane) {
      lane.broker = broker;
      lane.positions.push(position);
    } else this.#lanes.set(broker.nodeId, { broker, positions: [position], inFlight: false, held: 0 });
  }

  #fail(error: unknown): void {
    if (this.#stopped || this.#options.signal.aborted) return;
    this.#failure ??= error;
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
