import type { Backbone } from '@truc/local-stack';

export type Compression = 'none' | 'lz4';

export interface WorkerFacts {
  readonly kafka: Backbone['kafka'];
  readonly port: number;
  readonly offsetsFile: string;
  readonly schemaIdsUrl: string;
  readonly compression: Compression;
}

/**
 * Properties of a standalone worker of Kafka Connect. The producer is as durable as ours is (all replicas, idempotent), and has the batches with which it was fastest when
 * several were tried.
 */
export function workerProperties({ kafka, port, offsetsFile, schemaIdsUrl, compression }: WorkerFacts): string {
  const login = {
    'security.protocol': 'SASL_PLAINTEXT',
    'sasl.mechanism': kafka.mechanism,
    'sasl.jaas.config': `org.apache.kafka.common.security.scram.ScramLoginModule required username="${kafka.username}" password="${kafka.password}";`,
  };
  const converter = {
    '': 'io.apicurio.registry.utils.converter.AvroConverter',
    '.apicurio.registry.url': `${schemaIdsUrl}/apis/registry/v2`,
    '.apicurio.registry.auto-register': true,
    '.apicurio.registry.find-latest': true,
    '.apicurio.registry.as-confluent': true,
    '.apicurio.registry.use-id': 'contentId',
    '.apicurio.registry.headers.enabled': false,
  };
  return lines({
    'bootstrap.servers': kafka.brokers.join(','),
    listeners: `http://127.0.0.1:${port}`,
    'offset.storage.file.filename': offsetsFile,
    'offset.flush.interval.ms': 5_000,
    // A connector that is stopped has to be given the time to store how far it was, or it brings the same again.
    'task.shutdown.graceful.timeout.ms': 60_000,
    ...login,
    ...prefixed('producer.', {
      ...login,
      acks: 'all',
      'enable.idempotence': true,
      'linger.ms': 10,
      'batch.size': 512 * 1024,
      'buffer.memory': 128 * 1024 * 1024,
      'max.request.size': 4 * 1024 * 1024,
      'compression.type': compression,
    }),
    ...prefixed('key.converter', converter),
    ...prefixed('value.converter', converter),
  });
}

export interface ConnectorFacts {
  /** Of a role that may replicate and read the table. */
  readonly databaseUrl: string;
  readonly topicPrefix: string;
  readonly slot: string;
  readonly publication: string;
  /** `schema.table`. */
  readonly table: string;
}

/** Configuration of the connector: the stream alone, by a publication that is there, with queues that it does not wait for. */
export function connectorConfiguration({ databaseUrl, topicPrefix, slot, publication, table }: ConnectorFacts): Record<string, string> {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'tasks.max': '1',
    'plugin.name': 'pgoutput',
    'database.hostname': hostname,
    'database.port': port,
    'database.user': decodeURIComponent(username),
    'database.password': decodeURIComponent(password),
    'database.dbname': pathname.slice(1),
    'topic.prefix': topicPrefix,
    'snapshot.mode': 'no_data',
    'slot.name': slot,
    'publication.name': publication,
    'publication.autocreate.mode': 'disabled',
    'table.include.list': table,
    'max.batch.size': '8192',
    'max.queue.size': '32768',
    'poll.interval.ms': '10',
    'slot.drop.on.stop': 'false',
    'heartbeat.interval.ms': '0',
    // Messages in the log that are of no table would go to a topic of their own, which is not there, and hold up all others.
    'message.prefix.exclude.list': '.*',
  };
}

function prefixed(prefix: string, values: Readonly<Record<string, string | number | boolean>>): Record<string, string | number | boolean> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
}

function lines(values: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
