/** A second door for clients: whoever comes in by `port` is told that the broker is to be found at `advertisedPort`, where something stands in between. */
export interface KafkaLine {
  readonly port: number;
  readonly advertisedPort: number;
}

/** What one broker of a local stack is told; every value of it ends in server.properties. */
export interface KafkaConfiguration {
  readonly port: number;
  readonly controllerPort: number;
  readonly dataDirectory: string;
  /** Of the super user, whom clients authenticate as by SCRAM-SHA-512. */
  readonly username: string;
  readonly password: string;
  /** Of the controller's own listener. */
  readonly controllerPassword: string;
  readonly line: KafkaLine | null;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

/** Values are ours or Base64url, so nothing in them needs escaping in a JAAS string. */
function plainLogin(username: string, password: string): string {
  return `org.apache.kafka.common.security.plain.PlainLoginModule required username="${username}" password="${password}" user_${username}="${password}";`;
}

function scramLogin(username: string, password: string): string {
  return `org.apache.kafka.common.security.scram.ScramLoginModule required username="${username}" password="${password}";`;
}

/**
 * server.properties of a single KRaft node, broker and controller in one. Nobody gets in without a password, and nobody but the super users may do anything without an ACL.
 */
export function serverProperties(configuration: KafkaConfiguration): string {
  const { port, controllerPort, dataDirectory, username, password, controllerPassword, line, settings } = configuration;
  const properties: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${line === null ? '' : `,LINE://127.0.0.1:${line.port}`}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${port}${line === null ? '' : `,LINE://127.0.0.1:${line.advertisedPort}`}`,
    'listener.security.protocol.map': 'CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT,LINE:SASL_PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'CLIENT',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.client.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.client.scram-sha-512.sasl.jaas.config': scramLogin(username, password),
    'listener.name.line.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.line.scram-sha-512.sasl.jaas.config': scramLogin(username, password),
    'listener.name.controller.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.controller.plain.sasl.jaas.config': plainLogin('controller', controllerPassword),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    'super.users': `User:${username};User:controller`,
    'auto.create.topics.enable': false,
    'log.dirs': dataDirectory,
    'message.max.bytes': MESSAGE_BYTES_MAX,
    'replica.fetch.max.bytes': MESSAGE_BYTES_MAX,
    'num.partitions': 1,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    // A broker that was killed may come back when its old session has timed out: no need for a person to wait the default of 9 s.
    'broker.session.timeout.ms': 5_000,
    'broker.heartbeat.interval.ms': 1_000,
    'log.cleaner.enable': true,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    // A local topic is small; the default of 1 GiB segments preallocates 10 MiB of index for each partition.
    'log.index.size.max.bytes': 1024 * 1024,
    ...settings,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
