import {
  AclOperations,
  AclPermissionTypes,
  alterUserScramCredentialsV0,
  ConfigResourceTypes,
  createAclsV3,
  createTopicsV7,
  deleteAclsV3,
  deleteTopicsV6,
  describeAclsV3,
  describeConfigsV4,
  IncrementalAlterConfigOperationTypes,
  incrementalAlterConfigsV1,
  ResourcePatternTypes,
  ResourceTypes,
  ScramMechanisms,
  type Connection,
} from '@platformatic/kafka';
import { systemClock, TrucError, type Clock } from '@truc/kernel';
import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { Attempts } from './attempt.js';
import { aclNumbers, aclOfListed, aclText, type BrokerAcl, type ForeignAcl } from './broker-acl.js';
import { BrokerConnections, isConnectionLoss } from './broker-connections.js';
import { ClusterMetadata } from './cluster-metadata.js';
import type { BrokerAddress, KafkaConnection } from './kafka-connection.js';
import { answerOf, isNotAuthorized, isTransient, notAuthorized, protocolCode, protocolCodeName } from './protocol-error.js';
import type { TopicConfig } from './topic-preset.js';

export interface WantedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly config: TopicConfig;
  /** Absent: the brokers' default. */
  readonly replicas?: number | undefined;
}

export interface LogAdmin {
  /**
   * Creates what is missing and sets the named configurations that differ; others stay as they are. Returns when every topic has its leaders.
   * @throws TrucError LOG_TOPIC_PARTITIONS_DIFFER before anything is changed; others as stated on `openLogAdmin`
   */
  ensureTopics(wanted: readonly WantedTopic[]): Promise<{ created: string[]; altered: string[] }>;
  /** Names of all topics but the brokers' own. */
  listTopics(): Promise<string[]>;
  /** Returns when they are gone; a topic that is not there is no error. */
  deleteTopics(names: readonly string[]): Promise<void>;
  /** Creates the user or changes its password. The password itself is not sent: the brokers get its salted hash. */
  upsertScramUser(username: string, password: string): Promise<void>;
  /** A user who is not there is no error. Connections that are open stay open. */
  deleteScramUser(username: string): Promise<void>;
  /** Every entry: those in our words, in their order, and those that are not of ours. */
  listAcls(): Promise<{ acls: BrokerAcl[]; foreign: ForeignAcl[] }>;
  /** An entry that is there already is no error. */
  createAcls(acls: readonly BrokerAcl[]): Promise<void>;
  /** An entry that is not there is no error. */
  deleteAcls(acls: readonly (BrokerAcl | ForeignAcl)[]): Promise<void>;
  close(): Promise<void>;
}

export interface LogAdminOptions {
  readonly connection: KafkaConnection;
  /** Longest time of one operation with all its repetitions. */
  readonly limitMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly route?: ((advertised: BrokerAddress) => BrokerAddress) | undefined;
}

/** Its methods throw TrucError LOG_NOT_AUTHORIZED, LOG_AUTHENTICATION_FAILED, LOG_UNREACHABLE (retry), LOG_ADMIN_FAILED. */
export function openLogAdmin(options: LogAdminOptions): LogAdmin {
  return new KafkaLogAdmin(options);
}

/** More than the 4,096 of RFC 7677; the brokers take up to 16,384. */
const SCRAM_ITERATIONS = 8192;
const SHA_512_BYTES = 64;
const REPLICAS_BY_BROKER_DEFAULT = -1;
const hash = promisify(pbkdf2);

interface Refusal {
  readonly code: number;
  readonly what: string;
  readonly message: string | null;
}

class KafkaLogAdmin implements LogAdmin {
  readonly #connections: BrokerConnections;
  readonly #metadata: ClusterMetadata;
  readonly #clock: Clock;
  readonly #limitMs: number;

  constructor({ connection, limitMs = 30_000, clock = systemClock, route }: LogAdminOptions) {
    this.#connections = new BrokerConnections(connection, { requestTimeoutMs: limitMs, route });
    this.#metadata = new ClusterMetadata(this.#connections);
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  async ensureTopics(wanted: readonly WantedTopic[]): Promise<{ created: string[]; altered: string[] }> {
    if (wanted.length === 0) return { created: [], altered: [] };
    await this.#refresh(wanted.map(({ name }) => name));
    const missing: WantedTopic[] = [];
    const present: WantedTopic[] = [];
    for (const topic of wanted) {
      const code = this.#metadata.errorOf(topic.name);
      if (isNotAuthorized(code)) throw notAuthorized(this.#connections.username, `topic ${topic.name}`, 'DESCRIBE');
      (code === protocolCode.unknownTopicOrPartition ? missing : present).push(topic);
    }
    for (const topic of present) this.#checkPartitions(topic);
    await this.#createTopics(missing);
    const altered = await this.#alterConfigs(present);
    await this.#untilKnown(wanted);
    // Somebody else may have created it just before us.
    for (const topic of missing) this.#checkPartitions(topic);
    return { created: missing.map(({ name }) => name), altered };
  }

  async listTopics(): Promise<string[]> {
    return (await this.#refresh(null)).filter((name) => !name.startsWith('__')).sort();
  }

  async deleteTopics(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await this.#run('deleting topics', 'DELETE', async (connection) => {
      const answer = await answerOf(
        deleteTopicsV6.api.async(
          connection,
          names.map((name) => ({ name })),
          this.#limitMs,
        ),
      );
      return answer.responses
        .filter(({ errorCode }) => errorCode !== protocolCode.unknownTopicOrPartition)
        .map(({ name, errorCode, errorMessage }) => ({ what: `topic ${name}`, code: errorCode, message: errorMessage ?? null }));
    });
    await this.#until(async () => {
      await this.#refresh(names);
      return names.every((name) => this.#metadata.errorOf(name) !== protocolCode.none);
    });
  }

  async upsertScramUser(username: string, password: string): Promise<void> {
    const salt = randomBytes(32);
    const saltedPassword = await hash(Buffer.from(password.normalize('NFKC'), 'utf8'), salt, SCRAM_ITERATIONS, SHA_512_BYTES, 'sha512');
    await this.#alterScram(
      [],
      [{ name: username, mechanism: ScramMechanisms.SCRAM_SHA_512, iterations: SCRAM_ITERATIONS, salt, saltedPassword }],
    );
  }

  async deleteScramUser(username: string): Promise<void> {
    await this.#alterScram([{ name: username, mechanism: ScramMechanisms.SCRAM_SHA_512 }], []);
  }

  async listAcls(): Promise<{ acls: BrokerAcl[]; foreign: ForeignAcl[] }> {
    const acls: BrokerAcl[] = [];
    const foreign: ForeignAcl[] = [];
    await this.#run('listing ACLs', 'DESCRIBE', async (connection) => {
      const everything = {
        resourceType: ResourceTypes.ANY,
        resourceName: null,
        resourcePatternType: ResourcePatternTypes.ANY,
        principal: null,
        host: null,
        operation: AclOperations.ANY,
        permissionType: AclPermissionTypes.ANY,
      };
      const { errorCode, errorMessage, resources } = await answerOf(describeAclsV3.api.async(connection, everything));
      acls.length = 0;
      foreign.length = 0;
      for (const { resourceType, resourceName, resourcePatternType, acls: entries } of resources ?? []) {
        for (const { principal, host, operation, permissionType } of entries) {
          const numbers = { resourceType, resourcePatternType, operation };
          const denies = permissionType === AclPermissionTypes.DENY;
          const told = aclOfListed({ principal, name: resourceName, host, denies, numbers });
          if ('ours' in told) acls.push(told.ours);
          else foreign.push(told.foreign);
        }
      }
      return [{ what: 'the cluster', code: errorCode, message: errorMessage ?? null }];
    });
    return { acls: acls.sort((a, b) => (aclText(a) < aclText(b) ? -1 : 1)), foreign };
  }

  async createAcls(acls: readonly BrokerAcl[]): Promise<void> {
    if (acls.length === 0) return;
    await this.#run('creating ACLs', 'ALTER', async (connection) => {
      const { results } = await answerOf(createAclsV3.api.async(connection, acls.map(entryOf)));
      return results.map(({ errorCode, errorMessage }, i) => ({ what: aclText(acls[i]!), code: errorCode, message: errorMessage ?? null }));
    });
  }

  async deleteAcls(acls: readonly (BrokerAcl | ForeignAcl)[]): Promise<void> {
    if (acls.length === 0) return;
    await this.#run('deleting ACLs', 'ALTER', async (connection) => {
      const { filterResults } = await answerOf(deleteAclsV3.api.async(connection, acls.map(entryOf)));
      return filterResults.map(({ errorCode, errorMessage }, i) => ({
        what: aclText(acls[i]!),
        code: errorCode,
        message: errorMessage ?? null,
      }));
    });
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  #checkPartitions({ name, partitions }: WantedTopic): void {
    const there = this.#metadata.partitionsOf(name);
    if (there === partitions) return;
    throw new TrucError(
      'LOG_TOPIC_PARTITIONS_DIFFER',
      `topic ${name} has ${there} partitions, ${partitions} are wanted. The number of partitions places every code and is never changed: make a new dataset generation instead.`,
    );
  }

  async #createTopics(topics: readonly WantedTopic[]): Promise<void> {
    if (topics.length === 0) return;
    const request = topics.map(({ name, partitions, config, replicas = REPLICAS_BY_BROKER_DEFAULT }) => ({
      name,
      numPartitions: partitions,
      replicationFactor: replicas,
      assignments: [],
      configs: Object.entries(config).map(([key, value]) => ({ name: key, value })),
    }));
    await this.#run('creating topics', 'CREATE', async (connection) => {
      const answer = await answerOf(createTopicsV7.api.async(connection, request, this.#limitMs, false));
      return answer.topics
        .filter(({ errorCode }) => errorCode !== protocolCode.topicAlreadyExists)
        .map(({ name, errorCode, errorMessage }) => ({ what: `topic ${name}`, code: errorCode, message: errorMessage ?? null }));
    });
  }

  async #alterConfigs(topics: readonly WantedTopic[]): Promise<string[]> {
    const configured = topics.filter(({ config }) => Object.keys(config).length > 0);
    if (configured.length === 0) return [];
    const present = new Map<string, Map<string, string | null>>();
    await this.#run('describing topic configurations', 'DESCRIBE_CONFIGS', async (connection) => {
      const resources = configured.map(({ name, config }) => ({
        resourceType: ConfigResourceTypes.TOPIC,
        resourceName: name,
        configurationKeys: Object.keys(config),
      }));
      const { results } = await answerOf(describeConfigsV4.api.async(connection, resources, false, false));
      for (const { resourceName, configs } of results) {
        present.set(resourceName, new Map(configs.map(({ name, value }) => [name, value ?? null])));
      }
      return results.map(({ resourceName, errorCode, errorMessage }) => ({
        what: `topic ${resourceName}`,
        code: errorCode,
        message: errorMessage ?? null,
      }));
    });
    const changes = configured
      .map(({ name, config }) => ({
        resourceType: ConfigResourceTypes.TOPIC,
        resourceName: name,
        configs: Object.entries(config)
          .filter(([key, value]) => present.get(name)?.get(key) !== value)
          .map(([key, value]) => ({ name: key, configOperation: IncrementalAlterConfigOperationTypes.SET, value })),
      }))
      .filter(({ configs }) => configs.length > 0);
    if (changes.length === 0) return [];
    await this.#run('altering topic configurations', 'ALTER_CONFIGS', async (connection) => {
      const { responses } = await answerOf(incrementalAlterConfigsV1.api.async(connection, changes, false));
      return responses.map(({ resourceName, errorCode, errorMessage }) => ({
        what: `topic ${resourceName}`,
        code: errorCode,
        message: errorMessage ?? null,
      }));
    });
    return changes.map(({ resourceName }) => resourceName);
  }

  async #alterScram(
    deletions: { name: string; mechanism: number }[],
    upsertions: { name: string; mechanism: number; iterations: number; salt: Buffer; saltedPassword: Buffer }[],
  ): Promise<void> {
    await this.#run('changing a user', 'ALTER', async (connection) => {
      const { results } = await answerOf(alterUserScramCredentialsV0.api.async(connection, deletions, upsertions));
      return results
        .filter(({ errorCode }) => errorCode !== protocolCode.resourceNotFound)
        .map(({ user, errorCode, errorMessage }) => ({ what: `user ${user}`, code: errorCode, message: errorMessage ?? null }));
    });
  }

  /** Topics that were just created get their leaders within moments. */
  async #untilKnown(topics: readonly WantedTopic[]): Promise<void> {
    await this.#until(async () => {
      await this.#refresh(topics.map(({ name }) => name));
      return topics.every(({ name, partitions }) => {
        if (this.#metadata.errorOf(name) !== protocolCode.none) return false;
        const there = this.#metadata.partitionsOf(name);
        // A differing number is told by the caller; waiting would not change it.
        if (there !== partitions) return there > 0;
        return Array.from({ length: partitions }, (_, partition) => this.#metadata.leaderOf({ topic: name, partition })).every(
          (leader) => leader !== null,
        );
      });
    });
  }

  async #until(isDone: () => Promise<boolean>): Promise<void> {
    const attempts = new Attempts(this.#clock, { limitMs: this.#limitMs });
    while (!(await isDone())) {
      if (attempts.over) throw new TrucError('LOG_ADMIN_FAILED', `Kafka did not come to rest within ${this.#limitMs} ms`, { retry: true });
      await attempts.pause();
    }
  }

  async #refresh(topics: readonly string[] | null): Promise<string[]> {
    const attempts = new Attempts(this.#clock, { limitMs: this.#limitMs });
    for (;;) {
      try {
        return await this.#metadata.refresh(topics);
      } catch (error) {
        if (!isConnectionLoss(error) || attempts.over) throw error;
        await attempts.pause();
      }
    }
  }

  /** Runs one request on the broker that takes administrative ones, again while that may help. `request` returns the code of each part. */
  async #run(doing: string, need: string, request: (connection: Connection) => Promise<Refusal[]>): Promise<void> {
    const attempts = new Attempts(this.#clock, { limitMs: this.#limitMs });
    for (;;) {
      let refusal: Refusal | undefined;
      try {
        const controller = this.#metadata.controller();
        const connection = controller ? await this.#connections.get(controller) : await this.#connections.any();
        refusal = (await request(connection)).find(({ code }) => code !== protocolCode.none);
      } catch (cause) {
        if (!isConnectionLoss(cause)) throw cause;
        if (attempts.over) throw new TrucError('LOG_UNREACHABLE', `${doing}: Kafka gives no answer`, { retry: true, cause });
        refusal = { code: protocolCode.networkException, what: 'the cluster', message: null };
      }
      if (!refusal) return;
      const { code, what, message } = refusal;
      if (isNotAuthorized(code)) throw notAuthorized(this.#connections.username, what, need);
      if (!isTransient(code) || attempts.over) {
        throw new TrucError('LOG_ADMIN_FAILED', `${doing}: ${what}: ${protocolCodeName(code)}${message ? `, ${message}` : ''}`, {
          retry: isTransient(code),
        });
      }
      await attempts.pause();
      await this.#refresh([]);
    }
  }
}

function entryOf(acl: BrokerAcl | ForeignAcl) {
  const foreign = 'numbers' in acl ? acl : null;
  return {
    ...(foreign === null ? aclNumbers(acl as BrokerAcl) : foreign.numbers),
    resourceName: acl.name,
    principal: acl.principal,
    host: foreign?.host ?? '*',
    permissionType: foreign?.denies === true ? AclPermissionTypes.DENY : AclPermissionTypes.ALLOW,
  };
}
