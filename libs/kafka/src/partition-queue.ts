/** What one writer has to send to one partition, in order. Pure: no clock, no socket. */
import type { LogRecord } from '@truc/pipeline';
import type { TopicPartition } from './cluster-metadata.js';
import { BATCH_HEADER_BYTES, RecordBatchBuilder, recordBytesMax, type ProducerIdentity } from './record-batch.js';

/** A broker remembers the last five batches of a producer per partition; only among those it can tell that it has a batch already. */
export const UNACKNOWLEDGED_BATCHES_MAX = 5;

/** A batch whose bytes and sequence are fixed: it is sent again exactly as it is. */
export interface SealedBatch {
  readonly bytes: Buffer;
  readonly records: number;
  readonly sequence: number;
  readonly sealedAtMs: number;
  state: 'waiting' | 'in-flight' | 'acknowledged';
}

/**
 * States: *flowing*, where batches are sealed and sent one behind the other, up to five unacknowledged; and *recovering*, after a batch has to be sent
 * again: nothing is sent until everything in flight has its answer and the owner resumes. Then all that is unacknowledged goes out again in sequence order,
 * so that a batch never overtakes the one before it:
 *
 * 1. Batches 1, 2 and 3 are in flight to a broker that has just lost its leadership.
 * 2. 1 is refused. 2 and 3 will be refused too, or get "out of order" from a leader that never saw 1, or were appended where only the answer to 1 was lost.
 * 3. Sending 1 again at once could put it behind a 2 that is also under way. After all three answers it is known which are missing; those are sent in order,
 *    and what the leader has already it recognises by its sequence.
 */
export class PartitionQueue implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly #batchBytesMax: number;
  /** Full builders first; the last one takes records. */
  #building: RecordBatchBuilder[] = [];
  readonly #sealed: SealedBatch[] = [];
  #nextSequence = 0;
  #inFlight = 0;
  #recovering = false;
  #appended = 0;
  #acknowledged = 0;
  #endOffset: bigint | null = null;

  constructor({ topic, partition }: TopicPartition, batchBytesMax: number) {
    this.topic = topic;
    this.partition = partition;
    this.#batchBytesMax = batchBytesMax;
  }

  /** Number of records that were ever added; a flush waits until `acknowledged` has reached it. */
  get appended(): number {
    return this.#appended;
  }

  /** Number of records up to the first one that is not acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Next offset behind the acknowledged records; null before the first acknowledgement. */
  get endOffset(): bigint | null {
    return this.#endOffset;
  }

  get recovering(): boolean {
    return this.#recovering;
  }

  get unacknowledgedBatches(): number {
    return this.#sealed.length;
  }

  /** The oldest sealed batch that is not acknowledged. */
  get oldest(): SealedBatch | undefined {
    return this.#sealed[0];
  }

  /** Bytes that could be sent now; 0 while nothing may be sent. @param sealing false while the writer drains */
  sendableBytes(sealing: boolean): number {
    if (this.#recovering) return 0;
    let bytes = 0;
    for (const batch of this.#sealed) if (batch.state === 'waiting') bytes += batch.bytes.length;
    if (sealing && this.#sealed.length < UNACKNOWLEDGED_BATCHES_MAX) for (const builder of this.#building) bytes += builder.bytes;
    return bytes;
  }

  /** @returns bytes by which the buffered data grew */
  add(record: LogRecord): number {
    let open = this.#building.at(-1);
    if (!open || (open.count > 0 && open.bytes + recordBytesMax(record) > this.#batchBytesMax)) {
      open = new RecordBatchBuilder();
      this.#building.push(open);
    }
    const before = open.count === 0 ? 0 : open.bytes;
    open.add(record);
    this.#appended++;
    return open.bytes - before;
  }

  /** The batch to send next, now counted as in flight; null when there is none or it may not be sent yet. */
  next(identity: ProducerIdentity, nowMs: number, sealing: boolean): SealedBatch | null {
    if (this.#recovering) return null;
    let batch = this.#sealed.find(({ state }) => state === 'waiting');
    if (!batch) {
      if (!sealing || this.#sealed.length >= UNACKNOWLEDGED_BATCHES_MAX) return null;
      const builder = this.#building.shift();
      if (!builder) return null;
      const sequence = this.#nextSequence;
      this.#nextSequence = (sequence + builder.count) % 2 ** 31;
      batch = { bytes: builder.seal(identity, sequence), records: builder.count, sequence, sealedAtMs: nowMs, state: 'waiting' };
      this.#sealed.push(batch);
    }
    batch.state = 'in-flight';
    this.#inFlight++;
    return batch;
  }

  /** True where a batch before this one is not acknowledged yet: then "out of order" only means that it was overtaken. */
  isOvertaken(batch: SealedBatch): boolean {
    for (const earlier of this.#sealed) {
      if (earlier === batch) return false;
      if (earlier.state !== 'acknowledged') return true;
    }
    return false;
  }

  /** @param baseOffset -1 where the broker no longer knows it: the end offset then stays lower than it could be, never higher. @returns bytes that are buffered no more */
  acknowledge(batch: SealedBatch, baseOffset: bigint): number {
    this.#settle(batch, 'acknowledged');
    const end = baseOffset + BigInt(batch.records);
    if (baseOffset >= 0n && (this.#endOffset === null || end > this.#endOffset)) this.#endOffset = end;
    while (this.#sealed[0]?.state === 'acknowledged') this.#acknowledged += this.#sealed.shift()!.records;
    return batch.bytes.length;
  }

  /** The batch has to be sent again: its answer was an error that passes, or none came. */
  sendAgain(batch: SealedBatch): void {
    this.#settle(batch, 'waiting');
    this.#recovering = true;
  }

  /** The leader may be known again. @returns true if sending goes on; false while answers are outstanding */
  resume(): boolean {
    if (this.#inFlight === 0) this.#recovering = false;
    return !this.#recovering;
  }

  /** Nothing is sent to this partition before `resume`. */
  hold(): void {
    this.#recovering = true;
  }

  /** A new epoch counts from 0. Only when nothing is unacknowledged. */
  restartSequence(): void {
    this.#nextSequence = 0;
  }

  #settle(batch: SealedBatch, state: SealedBatch['state']): void {
    if (batch.state === 'in-flight') this.#inFlight--;
    batch.state = state;
  }
}

/** Largest record that a batch of `batchBytes` holds. */
export function recordBytesLimitOf(batchBytes: number): number {
  return batchBytes - BATCH_HEADER_BYTES;
}
