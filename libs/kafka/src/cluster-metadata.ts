import { metadataV12 } from '@platformatic/kafka';
import type { BrokerConnections } from './broker-connections.js';
import type { BrokerAddress } from './kafka-connection.js';
import { answerOf, protocolCode } from './protocol-error.js';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface Broker extends BrokerAddress {
  readonly nodeId: number;
}

interface Topic {
  readonly errorCode: number;
  /** Leader's node id by partition; -1 while there is none. */
  readonly leaders: readonly number[];
}

export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** Partitions by topic, in the order in which they came. */
export function groupByTopic(partitions: Iterable<TopicPartition>): Map<string, number[]> {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const list = topics.get(topic);
    if (list) list.push(partition);
    else topics.set(topic, [partition]);
  }
  return topics;
}

/** What the cluster last told about its brokers and about the topics that were asked for. It never creates a topic. */
export class ClusterMetadata {
  readonly #connections: BrokerConnections;
  readonly #topics = new Map<string, Topic>();
  #brokers = new Map<number, Broker>();
  #controllerId = -1;

  constructor(connections: BrokerConnections) {
    this.#connections = connections;
  }

  /** Asks for these topics anew; null asks for all that this user may see. @returns every topic of the answer */
  async refresh(topics: readonly string[] | null): Promise<string[]> {
    const connection = await this.#connections.any();
    const answer = await answerOf(metadataV12.api.async(connection, topics === null ? null : [...new Set(topics)], false, false));
    this.#brokers = new Map(answer.brokers.map((broker) => [broker.nodeId, broker]));
    this.#controllerId = answer.controllerId;
    const names: string[] = [];
    for (const { name, errorCode, partitions } of answer.topics) {
      if (name === null || name === undefined) continue;
      names.push(name);
      const leaders: number[] = [];
      for (const { partitionIndex, leaderId } of partitions) leaders[partitionIndex] = leaderId;
      this.#topics.set(name, { errorCode, leaders });
    }
    return names;
  }

  leaderOf({ topic, partition }: TopicPartition): Broker | null {
    const nodeId = this.#topics.get(topic)?.leaders[partition];
    return nodeId === undefined ? null : (this.#brokers.get(nodeId) ?? null);
  }

  /** The broker that takes administrative requests. */
  controller(): Broker | null {
    return this.#brokers.get(this.#controllerId) ?? null;
  }

  /** Error code with which the topic was answered last; UNKNOWN_TOPIC_OR_PARTITION before it was asked for. */
  errorOf(topic: string): number {
    return this.#topics.get(topic)?.errorCode ?? protocolCode.unknownTopicOrPartition;
  }

  /** Number of partitions; 0 where the topic is not there or may not be seen. */
  partitionsOf(topic: string): number {
    return this.#topics.get(topic)?.leaders.length ?? 0;
  }
}
