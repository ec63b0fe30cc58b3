import { TrucError, type Clock } from '@truc/kernel';
import type { LogRecord } from '@truc/pipeline';
import { Attempts, pauseAfter } from './attempt.js';
import { isConnectionLoss, type BrokerConnections } from './broker-connections.js';
import { ClusterMetadata, partitionKey, type Broker, type TopicPartition } from './cluster-metadata.js';
import type { LogWriterLimits } from './log-writer-limits.js';
import { PartitionQueue, type SealedBatch } from './partition-queue.js';
import { produce, type ProduceResult } from './produce-request.js';
import { produceOutcome, writeFailed } from './produce-outcome.js';
import type { ProducerIdentity } from './record-batch.js';

/** Requests that a broker gets at once, however small; beyond them only what is worth a request, so that small records gather while answers are under way. */
const EAGER_REQUESTS = 2;
const WORTHWHILE_BYTES = 128 * 1024;
/** Together with one batch per partition and request, what an idempotent producer may have in flight. */
const IN_FLIGHT_REQUESTS_MAX = 5;

/** Whose records are delivered. Every call is made at once, where it happens. */
export interface DeliveryOwner {
  /** Batches are about to be sealed under the present identity; `stopSealing` may be called here. */
  beforeSealing(nowMs: number): void;
  /** So many bytes are buffered no more. */
  acknowledged(bytes: number): void;
  /** The answers of one request are in, and every queue knows what is acknowledged. */
  answered(): void;
  /** Nothing can be delivered any more; `stop` is to be called. */
  failed(error: unknown): void;
}

export interface BatchDeliveryOptions {
  readonly connections: BrokerConnections;
  readonly transactionalId: string;
  readonly limits: LogWriterLimits;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly owner: DeliveryOwner;
}

interface Shipment {
  readonly queue: PartitionQueue;
  readonly batch: SealedBatch;
}

/**
 * Brings what is queued to the leaders of its partitions, in order, and sends again what has to be, until it is acknowledged or the time for it is over.
 *
 * States: *sealing*, *draining* (what is sealed goes out, nothing is sealed) and *stopped*, which is final.
 */
export class BatchDelivery {
  readonly #connections: BrokerConnections;
  readonly #transactionalId: string;
  readonly #limits: LogWriterLimits;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #owner: DeliveryOwner;
  readonly #metadata: ClusterMetadata;
  readonly #queues = new Map<string, PartitionQueue>();
  /** Queues that may have something to send, the longest waiting first. */
  readonly #pending = new Set<PartitionQueue>();
  readonly #inFlightRequests = new Map<number, number>();
  #identity: ProducerIdentity = { producerId: -1n, producerEpoch: -1 };
  #draining = false;
  #stopped = false;
  #pumpQueued = false;
  #drainWaiters: (() => void)[] = [];
  #recovery: Promise<void> | null = null;
  #troubledSinceMs: number | null = null;
  #lastTrouble: unknown = null;

  constructor({ connections, transactionalId, limits, clock, signal, owner }: BatchDeliveryOptions) {
    this.#connections = connections;
    this.#transactionalId = transactionalId;
    this.#limits = limits;
    this.#clock = clock;
    this.#signal = signal;
    this.#owner = owner;
    this.#metadata = new ClusterMetadata(connections);
  }

  /** Every partition's queue by `topic-partition`. */
  get queues(): ReadonlyMap<string, PartitionQueue> {
    return this.#queues;
  }

  get identity(): ProducerIdentity {
    return this.#identity;
  }

  addQueues(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#queues.set(partitionKey(partition), new PartitionQueue(partition, this.#limits.batchBytesMax));
    }
  }

  /** The coordinator has just accepted these partitions, so they exist; a leader that is not known yet is learnt when it is needed. */
  async learnLeaders(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length > 0) await this.#metadata.refresh(partitions.map(({ topic }) => topic));
  }

  /** @param record of a partition that has a queue. @returns bytes by which the buffered data grew */
  add(record: LogRecord): number {
    const queue = this.#queues.get(partitionKey(record))!;
    const bytes = queue.add(record);
    this.#pending.add(queue);
    return bytes;
  }

  /** From here on batches are sealed under this identity, each partition counting from 0. Only when nothing is unacknowledged. */
  sealAs(identity: ProducerIdentity): void {
    this.#identity = identity;
    for (const queue of this.#queues.values()) queue.restartSequence();
    this.#draining = false;
  }

  stopSealing(): void {
    this.#draining = true;
  }

  /** Resolves as soon as nothing that was sealed is unacknowledged, and when delivery has stopped. */
  async drained(): Promise<void> {
    while (!this.#stopped && !this.#isDrained()) await new Promise<void>((resolve) => this.#drainWaiters.push(resolve));
  }

  /** Sends nothing more. What is not acknowledged is unknown. */
  stop(): void {
    this.#stopped = true;
    this.#pending.clear();
    for (const wake of this.#drainWaiters.splice(0)) wake();
  }

  /** Once after everything that is written in this turn of the event loop, so that it travels together. */
  pumpSoon(): void {
    if (this.#pumpQueued) return;
    this.#pumpQueued = true;
    setImmediate(() => {
      this.#pumpQueued = false;
      this.pump();
    });
  }

  pump(): void {
    if (this.#stopped) return;
    const nowMs = this.#clock.now();
    if (!this.#draining) this.#owner.beforeSealing(nowMs);
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
      if (shipments.some(({ batch }) => nowMs - batch.sealedAtMs > this.#limits.deliveryMs)) return this.#owner.failed(this.#overdue());
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
    if (this.#stopped) return;
    if (trouble !== null && !isConnectionLoss(trouble)) return this.#owner.failed(trouble);
    const byPartition = new Map(results.map((result) => [partitionKey(result), result]));
    for (const shipment of shipments) trouble = this.#settle(shipment, byPartition.get(partitionKey(shipment.queue))) ?? trouble;
    if (this.#stopped) return;
    if (trouble !== null) this.#recover(trouble);
    this.#owner.answered();
    if (this.#drainWaiters.length > 0 && this.#isDrained()) for (const wake of this.#drainWaiters.splice(0)) wake();
    this.pump();
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
        this.#owner.acknowledged(queue.acknowledge(batch, outcome.baseOffset));
        this.#troubledSinceMs = null;
        return null;
      case 'again':
        queue.sendAgain(batch);
        return outcome.because;
      case 'fatal':
        this.#owner.failed(outcome.error);
        return null;
    }
  }

  #recover(trouble: unknown): void {
    this.#lastTrouble = trouble;
    this.#troubledSinceMs ??= this.#clock.now();
    this.#recovery ??= this.#recoverAll()
      .catch((error: unknown) => this.#owner.failed(error))
      .finally(() => {
        this.#recovery = null;
        // One may have been held after the last look.
        if (!this.#stopped && [...this.#queues.values()].some(({ recovering }) => recovering)) this.#recover(this.#lastTrouble);
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
      this.pump();
      if (held.length === 0) return;
    }
  }

  #isDrained(): boolean {
    for (const queue of this.#queues.values()) if (queue.unacknowledgedBatches > 0) return false;
    return true;
  }

  #overdue(): TrucError {
    return writeFailed(`a batch was not acknowledged within ${this.#limits.deliveryMs} ms`, this.#lastTrouble);
  }
}
