/** The log as the flows see it: what is written, what is acknowledged, what is read. libs/kafka implements it. */

export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer;
  /** null is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: readonly LogHeader[];
  readonly timestampMs: number;
}

export interface LogHeader {
  readonly key: string;
  readonly value: Buffer;
}

export interface StoredRecord extends LogRecord {
  readonly offset: bigint;
}

/**
 * A writer that is the only one of its name: taking the name fences the former holder on every partition that was given to `open`.
 * Records keep their order per partition. After an error nothing more is accepted: open a new writer and send again from the stored position.
 */
export interface LogWriter {
  /** Queues records; resolves once there is room for more (bounded in bytes), not when they are durable. @throws TrucError of the failure that closed the writer */
  write(records: readonly LogRecord[]): Promise<void>;
  /** Resolves when everything that was written before the call is acknowledged by all in-sync replicas. @throws TrucError LOG_FENCED, LOG_WRITE_FAILED */
  flush(): Promise<void>;
  /** Next offset of every partition that this writer has written to, by `topic/partition`, of acknowledged records. */
  endOffsets(): ReadonlyMap<string, bigint>;
  close(): Promise<void>;
}

export interface LogBatch {
  readonly topic: string;
  readonly partition: number;
  /** The offset that this fetch started from: what a target must have stored for the batch to be applied. */
  readonly fetchedFrom: bigint;
  /** The offset to fetch from next. */
  readonly nextOffset: bigint;
  /** End of the partition as the broker told with this fetch (high watermark). */
  readonly endOffset: bigint;
  readonly records: readonly StoredRecord[];
}

export interface LogReader {
  /** Reads the given partitions from the given next offsets (-2n is the beginning of the log) until `signal` aborts. Batches of one partition come in order; the consumer's pace is the backpressure. */
  read(from: readonly { topic: string; partition: number; offset: bigint }[], signal: AbortSignal): AsyncIterable<LogBatch>;
  /** First and end offset of a partition. */
  bounds(topic: string, partition: number): Promise<{ start: bigint; end: bigint }>;
  /** Number of partitions, null when there is no such topic (or it may not be seen). */
  partitions(topic: string): Promise<number | null>;
  close(): Promise<void>;
}
