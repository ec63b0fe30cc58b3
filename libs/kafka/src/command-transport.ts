import { readFileSync } from 'node:fs';
import type { ConsumerConfig, KafkaConfig } from 'kafkajs';
import type { KafkaConnection } from './kafka-connection.js';

/** What Nest's Kafka transport (kafkajs) is given for one of our connections, at both ends of commands. */
export function commandClient({ brokers, username, password, mechanism, tls }: KafkaConnection, clientId: string): KafkaConfig {
  const text = (path: string | undefined): string | undefined => (path === undefined ? undefined : readFileSync(path, 'utf8'));
  const ssl = tls && { ca: text(tls.caFile), cert: text(tls.certFile), key: text(tls.keyFile), servername: tls.serverName };
  return {
    clientId,
    brokers: [...brokers],
    sasl: { mechanism: mechanism === 'SCRAM-SHA-512' ? 'scram-sha-512' : 'scram-sha-256', username, password },
    // kafkajs' own lines are JSON of another shape; what matters is told by what fails at the caller.
    logLevel: 0,
    ...(ssl ? { ssl } : {}),
  } as KafkaConfig;
}

/** A member that was killed holds the topic until its session ends: with kafkajs' own 30 s an agent that is back already would not answer for so long. */
export function commandConsumer(
  groupId: string,
): Required<Pick<ConsumerConfig, 'groupId' | 'allowAutoTopicCreation' | 'sessionTimeout' | 'heartbeatInterval'>> {
  return { groupId, allowAutoTopicCreation: false, sessionTimeout: 10_000, heartbeatInterval: 2_500 };
}
