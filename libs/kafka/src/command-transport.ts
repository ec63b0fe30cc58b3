import { reveal } from '@truc/kernel';
import type { ConsumerConfig, KafkaConfig } from 'kafkajs';
import { parseBrokerAddress, refusePlainKafka, tlsFiles, type KafkaConnection } from './kafka-connection.js';

/**
 * What Nest's Kafka transport (kafkajs) is given for one of our connections, at both ends of commands. It looks the password up at each login; the files of TLS are read once for each
 * transport.
 * @throws TrucError LOG_TLS_FILE_UNREADABLE (retry), LOG_PLAIN_TEXT
 */
export function commandClient(connection: KafkaConnection, clientId: string): KafkaConfig {
  const { brokers, username, password, mechanism, tls } = connection;
  for (const broker of brokers) refusePlainKafka(connection, parseBrokerAddress(broker));
  const ssl = tls && {
    ...tlsFiles(tls),
    minVersion: 'TLSv1.2',
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
  return {
    clientId,
    brokers: [...brokers],
    sasl: {
      mechanism: mechanism === 'SCRAM-SHA-512' ? 'scram-sha-512' : 'scram-sha-256',
      username,
      get password() {
        return reveal(password);
      },
    },
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
