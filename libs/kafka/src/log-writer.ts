import { systemClock, TrucError, type Clock } from '@truc/kernel';
import type { LogRecord, LogWriter } from '@truc/pipeline';
import { Attempts, pauseAfter } from './attempt.js';
import { BrokerConnections, isConnectionLoss } from './broker-connections.js';
import { ClusterMetadata, partitionKey, type Broker, type TopicPartition } from './cluster-metadata.js';
import type { BrokerAddress, KafkaConnection } from './kafka-connection.js';
import { PartitionQueue, recordBytesLimitOf, type SealedBatch } from './partition-queue.js';
import { produce, type ProduceResult } from './produce-request.js';
import { produceOutcome, recordTooLarge, writeFailed } from './produce-outcome.js';
import { recordBytesMax, type ProducerIdentity } from './record-batch.js';
import { TransactionalId } from './transactional-id.js';

export interface LogWriterLimits {
  /** Bytes of a batch; a larger record gets a batch of its own. */
  readonly batchBytesMax: number;
  /** Bytes of the largest batch that the brokers take (`message.max.bytes`); a record that needs more is refused by `write`. */
  readonly brokerBatchBytesMax: number;
  /** Bytes of the batches in one request. */
  readonly requestBytesMax: number;
  /** Bytes that are queued or in flight; `write` waits while there are more. */
  readonly bufferedBytesMax: number;
  /** Time in which a batch must be acknowledged, all repetitions included; then the writer fails. */
  readonly deliveryMs: number;
  /** Time in which a broker must answer one request. */
  readonly requestMs: number;
}

export const defaultLogWriterLimits: LogWriterLimits = {
  batchBytesMax: 512 * 1024,
  brokerBatchBytesMax: 1_048_588,
  requestBytesMax: 4 * 1024 * 1024,
  bufferedBytesMax: 32 * 1024 * 1024,
  deliveryMs: 120_000,
  requestMs: 30_000,
};

/** 6 hours: a quarter of the brokers' default producer.id.expiration.ms (24 h), the shorter of the two expirations. */
export const RENEW_MS = 6 * 3_600_000;

export interface LogWriterOptions {
  readonly connection: KafkaConnection;
  /** Stable name of this writer: one for each slot, source partition or refill. */
  readonly transactionalId: string;
  /** Every partition that this writer may write to; its former owner is fenced on all of them. */
  readonly partitions: readonly TopicPartition[];
  /** Gives up at once, while opening or later; what is not acknowledged then is unknown. */
  readonly signal?: AbortSignal | undefined;
  /** How often the name is renewed: less than half of the shorter of transactional.id.expiration.ms and producer.id.expiration.ms. */
  readonly renewMs?: number | undefined;
  readonly limits?: Partial<LogWriterLimits> | undefined;
  readonly clock?: Clock | undefined;
  /** Where an advertised broker address is reached from here, when that differs. */
  readonly route?: ((advertised: BrokerAddress) => BrokerAddress) | undefined;
}

/** Requests that a broker gets at once, however small; beyond them only what is worth a request, so that small records gather while answers are under way. */
const EAGER_REQUESTS = 2;
const WORTHWHILE_BYTES = 128 * 1024;
/** Together with one batch per partition and request, what an idempotent producer may have in flight. */
const IN_FLIGHT_REQUESTS_MAX = 5;
const CLOSE_MS = 10_000;

/**
 * Takes the name and fences its former owner on every partition, then writes.
 *
 * ACLs that the user needs: WRITE on the transactional id (which implies DESCRIBE) and WRITE on each topic (which implies DESCRIBE). Nothing on the cluster:
 * IDEMPOTENT_WRITE is asked of idempotent producers without a transactional id only.
 * @throws TrucError LOG_FENCED, LOG_NOT_AUTHORIZED, LOG_AUTHENTICATION_FAILED, LOG_WRITER_NOT_OPENED (retry), LOG_UNREACHABLE (retry)
 */
export async function openLogWriter(options: LogWriterOptions): Promise<FencedLogWriter> {
  const writer = new FencedLogWriter(options);
  try {
    await writer.open();
    return writer;
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

interface Flush {
  waiting: { queue: PartitionQueue; until: number }[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Shipment {
  readonly queue: PartitionQueue;
  readonly batch: SealedBatch;
}

/**
 * States: *opening*, *writing*, *draining* (a renewal lets in-flight batches finish and seals none), *closed* or *failed*. A failure is final and is thrown by every later call.
 */
export class FencedLogWriter implements LogWriter {
  readonly #transactionalId: string;
  readonly #limits: LogWriterLimits;
  readonly #clock: Clock;
  readonly #renewMs: number;
  readonly #connections: BrokerConnections;
  readonly #metadata: ClusterMetadata;
  readonly #name: TransactionalId;
  readonly #queues = new Map<string, PartitionQueue>();
  /** Queues that may have something to send, the longest waiting first. */
  readonly #pending = new Set<PartitionQueue>();
  readonly #inFlightRequests = new Map<number, number>();
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  #identity: ProducerIdentity = { producerId: -1n, producerEpoch: -1 };
  #renewedAtMs = 0;
  #renewTimer: NodeJS.Timeout | null = null;
  #draining = false;
  #recovery: Promise<void> | null = null;
  #troubledSinceMs: number | null = null;
  #lastTrouble: unknown = null;
  #buffered = 0;
  #pumpQueued = false;
  #failure: unknown = null;
  /** One caller of `write` after the other, in the order of their calls. */
  #turn: Promise<void> = Promise.resolve();
  /** One use of the transactional id after the other. */
  #nameUse: Promise<void> = Promise.resolve();
  #roomWaiters: (() => void)[] = [];
  #drainWaiters: (() => void)[] = [];
  #flushes: Flush[] = [];

  constructor({
    connection,
    transactionalId,
    partitions,
    signal,
    renewMs = RENEW_MS,
    limits,
    clock = systemClock,
    route,
  }: LogWriterOptions) {
    this.#transactionalId = transactionalId;
    this.#limits = { ...defaultLogWriterLimits, ...limits };
    this.#clock = clock;
    this.#renewMs = renewMs;
    this.#connections = new BrokerConnections(connection, { requestTimeoutMs: this.#limits.requestMs, route });
    this.#metadata = new ClusterMetadata(this.#connections);
    this.#signal = signal ? AbortSignal.any([signal, this.#abort.signal]) : this.#abort.signal;
    this.#name = new TransactionalId({
      name: transactionalId,
      connections: this.#connections,
      clock,
      stepMs: this.#limits.requestMs,
      signal: this.#signal,
    });
    this.#addQueues(partitions);
    this.#signal.addEventListener('abort', () => this.#fail(this.#failure ?? closed(transactionalId)), { once: true });
  }

  /** @throws TrucError as `openLogWriter` */
  async open(): Promise<void> {
    this.#identity = await this.#name.take([...this.#queues.values()]);
    await this.#knowLeaders([...this.#queues.values()]);
    this.#renewed();
  }

  /** Adds partitions to this writer, fencing the former owner of the name on them too. @throws TrucError as `openLogWriter` */
  async extend(partitions: readonly TopicPartition[]): Promise<void> {
    const added = partitions.filter((partition) => !this.#queues.has(partitionKey(partition)));
    if (added.length === 0) return;
    await this.#useName(async () => {
      this.#throwIfClosed();
      try {
        await this.#name.mark(this.#identity, added);
      } catch (error) {
        // Refused as a whole before anything began; any other failure may leave a transaction open, which would end by fencing this writer.
        if (!(error instanceof TrucError && error.code === 'LOG_NOT_AUTHORIZED')) this.#fail(error);
        throw error;
      }
      await this.#knowLeaders(added);
      this.#addQueues(added);
    });
  }

  /**
   * @throws TrucError LOG_RECORD_TOO_LARGE, LOG_PARTITION_NOT_OPENED: nothing of this call was queued and the writer goes on;
   * any other is the failure that closed the writer
   */
  write(records: readonly LogRecord[]): Promise<void> {
    const limit = recordBytesLimitOf(this.#limits.brokerBatchBytesMax);
    for (const record of records) {
      if (recordBytesMax(record) > limit) return Promise.reject(recordTooLarge(record, recordBytesMax(record), limit));
      if (!this.#queues.has(partitionKey(record))) return Promise.reject(notOpened(this.#transactionalId, record));
    }
    const added = this.#turn.then(() => this.#add(records));
    this.#turn = added.catch(() => {});
    return added;
  }

  async flush(): Promise<void> {
    await this.#turn;
    this.#throwIfClosed();
    const waiting = [...this.#queues.values()]
      .filter((queue) => queue.acknowledged < queue.appended)
      .map((queue) => ({ queue, until: queue.appended }));
    if (waiting.length === 0) return;
    await new Promise<void>((resolve, reject) => this.#flushes.push({ waiting, resolve, reject }));
  }

  endOffsets(): ReadonlyMap<string, bigint> {
    const ends = new Map<string, bigint>();
    for (const [key, { endOffset }] of this.#queues) if (endOffset !== null) ends.set(key, endOffset);
    return ends;
  }

  /** Flushes for at most 10 seconds, then lets go. The name stays taken until a successor takes it. @throws TrucError of a failure that no call has reported yet */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | null = null;
    try {
      if (this.#failure === null) {
        const late = new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(writeFailed(`not everything was acknowledged within ${CLOSE_MS} ms of closing`)), CLOSE_MS);
        });
        await Promise.race([this.flush(), late]);
      }
    } finally {
      if (timer !== null) clearTimeout(timer);
      await this.abandon();
    }
  }

  /** Lets go at once: what is not acknowledged is unknown. */
  async abandon(): Promise<void> {
    this.#fail(this.#failure ?? closed(this.#transactionalId));
    await this.#connections.close();
  }

  async #add(records: readonly LogRecord[]): Promise<void> {
    for (const record of records) {
      if (this.#buffered >= this.#limits.bufferedBytesMax) await this.#room();
      this.#throwIfClosed();
      const queue = this.#queues.get(partitionKey(record))!;
      this.#buffered += queue.add(record);
      this.#pending.add(queue);
    }
    this.#pumpSoon();
    if (this.#buffered >= this.#limits.bufferedBytesMax) await this.#room();
    this.#throwIfClosed();
  }

  async #room(): Promise<void> {
    this.#pumpSoon();
    while (this.#failure === null && this.#buffered >= this.#limits.bufferedBytesMax) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
    }
  }

  /** Once after everything that is written in this turn of the event loop, so that it travels together. */
  #pumpSoon(): void {
    if (this.#pumpQueued) return;
    this.#pumpQueued = true;
    setImmediate(() => {
      this.#pumpQueued = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#failure !== null) return;
    const nowMs = this.#clock.now();
    // A process that was stopped for long continues here before its timers run: it must not seal under an epoch that may have expired.
    if (!this.#draining && nowMs - this.#renewedAtMs >= this.#renewMs) this.#renew();
    const groups = new Map<number, { broker: Broker; queues: PartitionQueue[]; bytes: number }>();
    for (const queue of this.#pending) {
      const bytes = queue.sendableBytes(!this.#draining);
      if (bytes === 0) {
        if (!queue.recovering && !this.#draining && queue.unacknowledgedBatches === 0) this.#pending.delete(queue);
        continue;
      }
      const broker = this.#metadata.leaderOf(queue);
      if (broker === null) {
        queue.hold();
        this.#recover(new TrucError('LOG_UNREACHABLE', `${partitionKey(queue)} has no leader`, { retry: true }));
        continue;
      }
      const group = groups.get(broker.nodeId);
      if (group) {
        group.queues.push(queue);
        group.bytes += bytes;
      } else groups.set(broker.nodeId, { broker, queues: [queue], bytes });
    }
    for (const { broker, queues, bytes } of groups.values()) this.#ship(broker, queues, bytes, nowMs);
  }

  #ship(broker: Broker, queues: PartitionQueue[], sendableBytes: number, nowMs: number): void {
    let bytes = sendableBytes;
    for (;;) {
      const inFlight = this.#inFlightRequests.get(broker.nodeId) ?? 0;
      if (inFlight >= IN_FLIGHT_REQUESTS_MAX || (inFlight >= EAGER_REQUESTS && bytes < WORTHWHILE_BYTES)) return;
      const shipments: Shipment[] = [];
      let requestBytes = 0;
      for (const queue of queues) {
        if (requestBytes >= this.#limits.requestBytesMax) break;
        const batch = queue.next(this.#identity, nowMs, !this.#draining);
        if (batch === null) continue;
        shipments.push({ queue, batch });
        requestBytes += batch.bytes.length;
        // To the end of the line: with many busy partitions none starves.
        this.#pending.delete(queue);
        this.#pending.add(queue);
      }
      if (shipments.length === 0) return;
      if (shipments.some(({ batch }) => nowMs - batch.sealedAtMs > this.#limits.deliveryMs)) return this.#fail(this.#overdue());
      bytes -= requestBytes;
      void this.#send(broker, shipments);
    }
  }

  async #send(broker: Broker, shipments: readonly Shipment[]): Promise<void> {
    this.#inFlightRequests.set(broker.nodeId, (this.#inFlightRequests.get(broker.nodeId) ?? 0) + 1);
    let results: ProduceResult[] = [];
    let trouble: unknown = null;
    try {
      const connection = await this.#connections.get(broker);
      const entries = shipments.map(({ queue, batch }) => ({ topic: queue.topic, partition: queue.partition, batch: batch.bytes }));
      results = await produce.async(connection, entries, Math.ceil(this.#limits.requestMs * 0.8));
    } catch (error) {
      trouble = error;
    }
    this.#inFlightRequests.set(broker.nodeId, this.#inFlightRequests.get(broker.nodeId)! - 1);
    if (this.#failure !== null) return;
    if (trouble !== null && !isConnectionLoss(trouble)) return this.#fail(trouble);
    const byPartition = new Map(results.map((result) => [partitionKey(result), result]));
    for (const shipment of shipments) trouble = this.#settle(shipment, byPartition.get(partitionKey(shipment.queue))) ?? trouble;
    if (this.#failure !== null) return;
    if (trouble !== null) this.#recover(trouble);
    this.#afterAnswers();
    this.#pump();
  }

  /** @returns what makes the batch go out again, or null */
  #settle({ queue, batch }: Shipment, result: ProduceResult | undefined): unknown {
    if (!result) {
      queue.sendAgain(batch);
      return null;
    }
    const outcome = produceOutcome(result, {
      overtaken: queue.isOvertaken(batch),
      batchBytes: batch.bytes.length,
      transactionalId: this.#transactionalId,
      username: this.#connections.username,
    });
    switch (outcome.kind) {
      case 'acknowledged':
        this.#buffered -= queue.acknowledge(batch, outcome.baseOffset);
        this.#troubledSinceMs = null;
        return null;
      case 'again':
        queue.sendAgain(batch);
        return outcome.because;
      case 'fatal':
        this.#fail(outcome.error);
        return null;
    }
  }

  #afterAnswers(): void {
    if (this.#buffered < this.#limits.bufferedBytesMax) for (const wake of this.#roomWaiters.splice(0)) wake();
    for (const flush of this.#flushes) flush.waiting = flush.waiting.filter(({ queue, until }) => queue.acknowledged < until);
    for (const flush of this.#flushes.filter(({ waiting }) => waiting.length === 0)) flush.resolve();
    this.#flushes = this.#flushes.filter(({ waiting }) => waiting.length > 0);
    if (this.#drainWaiters.length > 0 && this.#isDrained()) for (const wake of this.#drainWaiters.splice(0)) wake();
  }

  #recover(trouble: unknown): void {
    this.#lastTrouble = trouble;
    this.#troubledSinceMs ??= this.#clock.now();
    this.#recovery ??= this.#recoverAll()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#recovery = null;
        // One may have been held after the last look.
        if (this.#failure === null && [...this.#queues.values()].some(({ recovering }) => recovering)) this.#recover(this.#lastTrouble);
      });
  }

  /** Learns the leaders anew until every held partition has one and its outstanding answers are in; then what is unacknowledged goes out again in order. */
  async #recoverAll(): Promise<void> {
    const troubledMs = this.#clock.now() - (this.#troubledSinceMs ?? this.#clock.now());
    const attempts = new Attempts(this.#clock, { limitMs: this.#limits.deliveryMs, firstMs: pauseAfter(troubledMs), signal: this.#signal });
    for (;;) {
      await attempts.pause();
      const nowMs = this.#clock.now();
      const recovering = [...this.#queues.values()].filter((queue) => queue.recovering);
      const oldestMs = Math.min(...recovering.map(({ oldest }) => oldest?.sealedAtMs ?? nowMs));
      if (nowMs - Math.min(oldestMs, this.#troubledSinceMs ?? nowMs) > this.#limits.deliveryMs) throw this.#overdue();
      try {
        await this.#metadata.refresh(recovering.map(({ topic }) => topic));
      } catch (error) {
        if (!isConnectionLoss(error)) throw error;
        this.#lastTrouble = error;
        continue;
      }
      const held = recovering.filter((queue) => this.#metadata.leaderOf(queue) === null || !queue.resume());
      this.#pump();
      if (held.length === 0) return;
    }
  }

  #renew(): void {
    this.#draining = true;
    void this.#useName(async () => {
      while (this.#failure === null && !this.#isDrained()) await new Promise<void>((resolve) => this.#drainWaiters.push(resolve));
      if (this.#failure !== null) return;
      this.#identity = await this.#name.take([...this.#queues.values()], this.#identity);
      for (const queue of this.#queues.values()) queue.restartSequence();
      this.#draining = false;
      this.#renewed();
      this.#pump();
    }).catch((error: unknown) => this.#fail(error));
  }

  #renewed(): void {
    this.#renewedAtMs = this.#clock.now();
    if (this.#renewTimer !== null) clearTimeout(this.#renewTimer);
    this.#renewTimer = setTimeout(() => this.#pump(), this.#renewMs + 1);
    this.#renewTimer.unref();
  }

  #isDrained(): boolean {
    for (const queue of this.#queues.values()) if (queue.unacknowledgedBatches > 0) return false;
    return true;
  }

  #useName(use: () => Promise<void>): Promise<void> {
    const used = this.#nameUse.then(use);
    this.#nameUse = used.catch(() => {});
    return used;
  }

  /** The coordinator has just accepted these partitions, so they exist; a leader that is not known yet is learnt when it is needed. */
  async #knowLeaders(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length > 0) await this.#metadata.refresh(partitions.map(({ topic }) => topic));
  }

  #addQueues(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#queues.set(partitionKey(partition), new PartitionQueue(partition, this.#limits.batchBytesMax));
    }
  }

  #overdue(): TrucError {
    return writeFailed(`a batch was not acknowledged within ${this.#limits.deliveryMs} ms`, this.#lastTrouble);
  }

  #throwIfClosed(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    if (this.#renewTimer !== null) clearTimeout(this.#renewTimer);
    this.#pending.clear();
    this.#abort.abort();
    for (const wake of [...this.#roomWaiters.splice(0), ...this.#drainWaiters.splice(0)]) wake();
    for (const flush of this.#flushes.splice(0)) flush.reject(error);
    void this.#connections.close();
  }
}

function closed(transactionalId: string): TrucError {
  return new TrucError('LOG_CLOSED', `the log writer ${transactionalId} was closed; open a new one`);
}

function notOpened(transactionalId: string, place: TopicPartition): TrucError {
  return new TrucError(
    'LOG_PARTITION_NOT_OPENED',
    `${partitionKey(place)} was not given to the log writer ${transactionalId}: nobody is fenced there yet. Name it when opening, or extend the writer.`,
  );
}
