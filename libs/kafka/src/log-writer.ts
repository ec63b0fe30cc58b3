import { systemClock, TrucError, type Clock } from '@truc/kernel';
import type { LogRecord, LogWriter } from '@truc/pipeline';
import { BatchDelivery } from './batch-delivery.js';
import { BrokerConnections } from './broker-connections.js';
import { partitionKey, type TopicPartition } from './cluster-metadata.js';
import type { BrokerAddress, KafkaConnection } from './kafka-connection.js';
import { defaultLogWriterLimits, type LogWriterLimits } from './log-writer-limits.js';
import { recordBytesLimitOf, type PartitionQueue } from './partition-queue.js';
import { recordTooLarge, writeFailed } from './produce-outcome.js';
import { recordBytesMax } from './record-batch.js';
import { TransactionalId } from './transactional-id.js';

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

/**
 * States: *opening*, *writing*, *draining* (a renewal lets in-flight batches finish and seals none), *closed* or *failed*. A failure is final and is thrown by every later call.
 */
export class FencedLogWriter implements LogWriter {
  readonly #transactionalId: string;
  readonly #limits: LogWriterLimits;
  readonly #clock: Clock;
  readonly #renewMs: number;
  readonly #connections: BrokerConnections;
  readonly #delivery: BatchDelivery;
  readonly #name: TransactionalId;
  readonly #abort = new AbortController();
  #renewedAtMs = 0;
  #renewTimer: NodeJS.Timeout | null = null;
  #buffered = 0;
  #failure: unknown = null;
  /** One caller of `write` after the other, in the order of their calls. */
  #turn: Promise<void> = Promise.resolve();
  /** One use of the transactional id after the other. */
  #nameUse: Promise<void> = Promise.resolve();
  #roomWaiters: (() => void)[] = [];
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
    const signals = signal ? AbortSignal.any([signal, this.#abort.signal]) : this.#abort.signal;
    const shared = { connections: this.#connections, clock, signal: signals };
    this.#name = new TransactionalId({ ...shared, name: transactionalId, stepMs: this.#limits.requestMs });
    this.#delivery = new BatchDelivery({
      ...shared,
      transactionalId,
      limits: this.#limits,
      owner: {
        beforeSealing: (nowMs) => this.#renewIfDue(nowMs),
        acknowledged: (bytes) => (this.#buffered -= bytes),
        answered: () => this.#wakeServed(),
        failed: (error) => this.#fail(error),
      },
    });
    this.#delivery.addQueues(partitions);
    signals.addEventListener('abort', () => this.#fail(this.#failure ?? closed(transactionalId)), { once: true });
  }

  /** @throws TrucError as `openLogWriter` */
  async open(): Promise<void> {
    const partitions = this.#queues();
    this.#delivery.sealAs(await this.#name.take(partitions));
    await this.#delivery.learnLeaders(partitions);
    this.#renewed();
  }

  /** Adds partitions to this writer, fencing the former owner of the name on them too. @throws TrucError as `openLogWriter` */
  async extend(partitions: readonly TopicPartition[]): Promise<void> {
    const added = partitions.filter((partition) => !this.#delivery.queues.has(partitionKey(partition)));
    if (added.length === 0) return;
    await this.#useName(async () => {
      this.#throwIfClosed();
      try {
        await this.#name.mark(this.#delivery.identity, added);
      } catch (error) {
        // Refused as a whole before anything began; any other failure may leave a transaction open, which would end by fencing this writer.
        if (!(error instanceof TrucError && error.code === 'LOG_NOT_AUTHORIZED')) this.#fail(error);
        throw error;
      }
      await this.#delivery.learnLeaders(added);
      this.#delivery.addQueues(added);
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
      if (!this.#delivery.queues.has(partitionKey(record))) return Promise.reject(notOpened(this.#transactionalId, record));
    }
    const added = this.#turn.then(() => this.#add(records));
    this.#turn = added.catch(() => {});
    return added;
  }

  async flush(): Promise<void> {
    await this.#turn;
    this.#throwIfClosed();
    const waiting = this.#queues()
      .filter((queue) => queue.acknowledged < queue.appended)
      .map((queue) => ({ queue, until: queue.appended }));
    if (waiting.length === 0) return;
    await new Promise<void>((resolve, reject) => this.#flushes.push({ waiting, resolve, reject }));
  }

  endOffsets(): ReadonlyMap<string, bigint> {
    const ends = new Map<string, bigint>();
    for (const [key, { endOffset }] of this.#delivery.queues) if (endOffset !== null) ends.set(key, endOffset);
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
      this.#buffered += this.#delivery.add(record);
    }
    this.#delivery.pumpSoon();
    if (this.#buffered >= this.#limits.bufferedBytesMax) await this.#room();
    this.#throwIfClosed();
  }

  async #room(): Promise<void> {
    this.#delivery.pumpSoon();
    while (this.#failure === null && this.#buffered >= this.#limits.bufferedBytesMax) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
    }
  }

  /** Lets go on whoever waited for room or for acknowledgements. */
  #wakeServed(): void {
    if (this.#buffered < this.#limits.bufferedBytesMax) for (const wake of this.#roomWaiters.splice(0)) wake();
    for (const flush of this.#flushes) flush.waiting = flush.waiting.filter(({ queue, until }) => queue.acknowledged < until);
    for (const flush of this.#flushes.filter(({ waiting }) => waiting.length === 0)) flush.resolve();
    this.#flushes = this.#flushes.filter(({ waiting }) => waiting.length > 0);
  }

  /** A process that was stopped for long continues here before its timers run: it must not seal under an epoch that may have expired. */
  #renewIfDue(nowMs: number): void {
    if (nowMs - this.#renewedAtMs < this.#renewMs) return;
    this.#delivery.stopSealing();
    void this.#useName(async () => {
      await this.#delivery.drained();
      if (this.#failure !== null) return;
      this.#delivery.sealAs(await this.#name.take(this.#queues(), this.#delivery.identity));
      this.#renewed();
      this.#delivery.pump();
    }).catch((error: unknown) => this.#fail(error));
  }

  #renewed(): void {
    this.#renewedAtMs = this.#clock.now();
    if (this.#renewTimer !== null) clearTimeout(this.#renewTimer);
    this.#renewTimer = setTimeout(() => this.#delivery.pump(), this.#renewMs + 1);
    this.#renewTimer.unref();
  }

  #useName(use: () => Promise<void>): Promise<void> {
    const used = this.#nameUse.then(use);
    this.#nameUse = used.catch(() => {});
    return used;
  }

  #queues(): PartitionQueue[] {
    return [...this.#delivery.queues.values()];
  }

  #throwIfClosed(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    if (this.#renewTimer !== null) clearTimeout(this.#renewTimer);
    this.#delivery.stop();
    this.#abort.abort();
    for (const wake of this.#roomWaiters.splice(0)) wake();
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
