import { listOffsetsV7 } from '@platformatic/kafka';
import { TrucError, type Clock } from '@truc/kernel';
import { Attempts } from './attempt.js';
import { isConnectionLoss, type BrokerConnections } from './broker-connections.js';
import { partitionKey, type ClusterMetadata, type TopicPartition } from './cluster-metadata.js';
import { answerOf, isNotAuthorized, isTransient, notAuthorized, protocolCode, protocolCodeName } from './protocol-error.js';

/** The beginning of the log, as a next offset. */
export const BEGINNING = -2n;
const END = -1n;

/** Asks the leaders where logs begin and end. */
export class PartitionOffsets {
  readonly #connections: BrokerConnections;
  readonly #metadata: ClusterMetadata;
  readonly #clock: Clock;
  readonly #limitMs: number;

  constructor(connections: BrokerConnections, metadata: ClusterMetadata, clock: Clock, limitMs: number) {
    this.#connections = connections;
    this.#metadata = metadata;
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /** @throws TrucError LOG_TOPIC_UNKNOWN, LOG_NOT_AUTHORIZED, LOG_AUTHENTICATION_FAILED, LOG_UNREACHABLE (retry) */
  async bounds(place: TopicPartition, signal?: AbortSignal): Promise<{ start: bigint; end: bigint }> {
    const start = await this.start(place, signal);
    return { start, end: await this.#offset(place, END, signal) };
  }

  /** @throws TrucError as `bounds` */
  start(place: TopicPartition, signal?: AbortSignal): Promise<bigint> {
    return this.#offset(place, BEGINNING, signal);
  }

  async #offset(place: TopicPartition, timestamp: bigint, signal: AbortSignal | undefined): Promise<bigint> {
    const attempts = new Attempts(this.#clock, { limitMs: this.#limitMs, signal });
    for (;;) {
      const { code, offset, cause } = await this.#try(place, timestamp);
      if (code === protocolCode.none) return offset;
      if (isNotAuthorized(code)) throw notAuthorized(this.#connections.username, `topic ${place.topic}`, 'DESCRIBE');
      if (!isTransient(code) || attempts.over) throw offsetsUnknown(place, code, cause);
      await attempts.pause();
      await this.#metadata.refresh([place.topic]).catch((error: unknown) => {
        if (!isConnectionLoss(error)) throw error;
      });
    }
  }

  async #try(place: TopicPartition, timestamp: bigint): Promise<{ code: number; offset: bigint; cause?: unknown }> {
    try {
      const { topic, partition } = place;
      if (this.#metadata.leaderOf(place) === null) await this.#metadata.refresh([topic]);
      const leader = this.#metadata.leaderOf(place);
      if (leader === null) return { code: this.#metadata.errorOf(topic) || protocolCode.leaderNotAvailable, offset: END };
      const request = [{ name: topic, partitions: [{ partitionIndex: partition, currentLeaderEpoch: -1, timestamp }] }];
      const answer = await answerOf(listOffsetsV7.api.async(await this.#connections.get(leader), -1, 0, request));
      const found = answer.topics[0]?.partitions[0];
      return { code: found?.errorCode ?? protocolCode.unknownTopicOrPartition, offset: found?.offset ?? END };
    } catch (cause) {
      if (isConnectionLoss(cause)) return { code: protocolCode.networkException, offset: END, cause };
      throw cause;
    }
  }
}

/** The error of a partition that cannot be asked or read for too long. */
export function offsetsUnknown(place: TopicPartition, code: number, cause?: unknown): TrucError {
  if (code === protocolCode.unknownTopicOrPartition) {
    return new TrucError(
      'LOG_TOPIC_UNKNOWN',
      `there is no ${partitionKey(place)} in Kafka; the topic must be created before it is read, or its name is wrong`,
      { retry: true, cause },
    );
  }
  return new TrucError('LOG_UNREACHABLE', `the leader of ${partitionKey(place)} cannot be asked: ${protocolCodeName(code)}`, {
    retry: true,
    cause,
  });
}
