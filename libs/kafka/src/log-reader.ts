import { systemClock, type Clock } from '@truc/kernel';
import type { LogBatch, LogReader } from '@truc/pipeline';
import { BrokerConnections, type BrokerConnectionsOptions } from './broker-connections.js';
import { ClusterMetadata } from './cluster-metadata.js';
import { FetchSession } from './fetch-session.js';
import type { BrokerAddress, KafkaConnection } from './kafka-connection.js';
import { PartitionOffsets } from './partition-offsets.js';
import { protocolCode } from './protocol-error.js';

export interface LogReaderOptions {
  readonly connection: KafkaConnection;
  /** Bytes of one answer of one broker; two answers a broker are held at most, the one being consumed and the next. */
  readonly fetchMaxBytes?: number | undefined;
  /** Bytes of one partition in an answer. A single batch that is larger is given all the same. */
  readonly partitionMaxBytes?: number | undefined;
  /** How long a broker may hold back an answer while there is nothing to read. */
  readonly fetchWaitMs?: number | undefined;
  /** Bytes of a compressed batch once decompressed. */
  readonly inflatedBytesLimit?: number | undefined;
  /** How long a partition may stay without a leader that answers before reading fails. */
  readonly unreachableMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Where an advertised broker address is reached from here, when that differs. */
  readonly route?: ((advertised: BrokerAddress) => BrokerAddress) | undefined;
}

/** Opens a reader; it connects when it is first asked. The user needs READ on each topic (which implies DESCRIBE), and no group. */
export function openLogReader(options: LogReaderOptions): LogReader {
  return new KafkaLogReader(options);
}

class KafkaLogReader implements LogReader {
  readonly #options: LogReaderOptions;
  readonly #connectionsOptions: BrokerConnectionsOptions;
  readonly #connections: BrokerConnections;
  readonly #metadata: ClusterMetadata;
  readonly #offsets: PartitionOffsets;
  readonly #clock: Clock;
  readonly #unreachableMs: number;
  readonly #closing = new AbortController();

  constructor(options: LogReaderOptions) {
    const { connection, fetchWaitMs = 500, unreachableMs = 120_000, clock = systemClock, route } = options;
    this.#options = options;
    this.#connectionsOptions = { requestTimeoutMs: fetchWaitMs + 30_000, route };
    // Questions about offsets and leaders have connections of their own: behind a waiting fetch they would wait with it.
    this.#connections = new BrokerConnections(connection, this.#connectionsOptions);
    this.#metadata = new ClusterMetadata(this.#connections);
    this.#clock = clock;
    this.#unreachableMs = unreachableMs;
    this.#offsets = new PartitionOffsets(this.#connections, this.#metadata, clock, Math.min(unreachableMs, 30_000));
  }

  /**
   * Decoded keys and values are views of the answer they came in: copy what is kept for long.
   * The first batch of a partition that is read from -2n has `fetchedFrom` -2n, since that is what was asked for and what a target has stored.
   * @throws TrucError LOG_OFFSET_GONE, LOG_TOPIC_UNKNOWN, LOG_NOT_AUTHORIZED, LOG_AUTHENTICATION_FAILED, LOG_UNREACHABLE (retry),
   * LOG_BATCH_CORRUPT, LOG_BATCH_TOO_LARGE, LOG_BATCH_FORMAT_UNSUPPORTED, LOG_CODEC_UNSUPPORTED
   */
  async *read(from: readonly { topic: string; partition: number; offset: bigint }[], signal: AbortSignal): AsyncGenerator<LogBatch> {
    const session = new FetchSession({
      from,
      connections: new BrokerConnections(this.#options.connection, this.#connectionsOptions),
      metadata: this.#metadata,
      offsets: this.#offsets,
      limits: {
        maxWaitMs: this.#options.fetchWaitMs ?? 500,
        maxBytes: this.#options.fetchMaxBytes ?? 8 * 1024 * 1024,
        partitionMaxBytes: this.#options.partitionMaxBytes ?? 1024 * 1024,
      },
      inflatedBytesLimit: this.#options.inflatedBytesLimit ?? 64 * 1024 * 1024,
      unreachableMs: this.#unreachableMs,
      clock: this.#clock,
      signal: AbortSignal.any([signal, this.#closing.signal]),
    });
    try {
      yield* session.batches();
    } finally {
      await session.stop();
    }
  }

  bounds(topic: string, partition: number): Promise<{ start: bigint; end: bigint }> {
    return this.#offsets.bounds({ topic, partition }, this.#closing.signal);
  }

  async partitions(topic: string): Promise<number | null> {
    await this.#metadata.refresh([topic]);
    return this.#metadata.errorOf(topic) === protocolCode.none ? this.#metadata.partitionsOf(topic) : null;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#connections.close();
  }
}
