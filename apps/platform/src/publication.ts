import { brokerAccessAcls, brokerPrincipals } from '@truc/access';
import {
  compilePolicy,
  diffPolicy,
  documentOf,
  policyKey,
  topicNames,
  topicsOf,
  type Document,
  type DocumentKind,
  type PolicyEntry,
  type PrincipalPolicy,
} from '@truc/coordination';
import type { CoordinationStore, DocumentRow, PrincipalRow, TokenKeyFile } from '@truc/coordination-store';
import { PolicyReader, publishPolicy } from '@truc/policy';
import { systemClock, type Clock } from '@truc/kernel';
import type { Logger, Telemetry } from '@truc/telemetry';
import type { Broker } from './broker.js';
import { PublishedReleases } from './published-releases.js';
import type { SchemaRegistration } from './schema-registration.js';

/** Longest wait for the policy topics to be read to their end. */
const untilReadMs = 30_000;

/** What one publication did. */
export interface PublicationReport {
  readonly topicsCreated: readonly string[];
  /** Policy entries by topic; topics where nothing changed are left out. */
  readonly published: readonly { readonly topic: string; readonly set: number; readonly removed: number }[];
}

export function documentOfRow({ kind, body }: DocumentRow): Document {
  return documentOf(kind as DocumentKind, body);
}

export function principalPolicyOf({ name, agency, role, createdAt }: PrincipalRow): PrincipalPolicy {
  return { kind: 'principal', name, agency, role, sinceSeconds: Math.floor(createdAt.getTime() / 1000) };
}

/**
 * Makes the brokers agree with what is stored: topics and policy, to which the service that keeps permissions holds itself; then the registry is brought to what the policy calls for, without waiting for it. The same steps at the start, after an apply and now and then; each does only what is
 * missing, so that a publication that was cut short is finished by the next one.
 */
export class Publication {
  readonly #store: CoordinationStore;
  readonly #broker: Broker;
  readonly #key: TokenKeyFile;
  readonly #schemas: SchemaRegistration;
  readonly #policy: PolicyReader;
  readonly #releases: PublishedReleases;
  readonly #log: Logger;
  readonly #clock: Clock;
  #turn: Promise<unknown> = Promise.resolve();
  #entries: readonly PolicyEntry[] = [];
  /** By topic, what was published last. */
  #published: ReadonlyMap<string, readonly PolicyEntry[]> = new Map();
  /** Whether what was stored at the last look is published, all of it. */
  #isCurrent = false;
  /** Whether nothing came into the topics since they were compared with what was published. */
  #isCompared = false;

  constructor(
    store: CoordinationStore,
    broker: Broker,
    key: TokenKeyFile,
    schemas: SchemaRegistration,
    log: Logger,
    telemetry: Telemetry,
    clock: Clock = systemClock,
  ) {
    this.#store = store;
    this.#releases = new PublishedReleases(store);
    this.#broker = broker;
    this.#key = key;
    this.#schemas = schemas;
    this.#log = log;
    this.#clock = clock;
    this.#policy = new PolicyReader({
      reader: broker.reader,
      topics: [topicNames.policyCommon],
      retryMs: 500,
      onProblem: ({ topic, key: entry, reason }) => {
        telemetry.record('truc_policy_rejected', 1, { topic });
        log.warn({ topic, entry, reason }, 'a policy entry cannot be read; it is replaced');
      },
      onError: (error) => log.debug({ err: error }, 'the policy topics cannot be read at the moment'),
    });
    this.#policy.onChange(() => (this.#isCompared = false));
  }

  /** Everything that was published last of documents and dictionary. */
  get entries(): readonly PolicyEntry[] {
    return this.#entries;
  }

  /** One at a time, in the order of the calls. @throws TrucError what went wrong; nothing of the store is lost by it */
  publish(): Promise<PublicationReport> {
    const next = this.#turn.then(() => this.#publish());
    this.#turn = next.catch(() => {});
    return next;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#policy.close();
  }

  /**
   * Gives a sign of life where everything is published and still there, and publishes where it is not: a release of which somebody withdrew a part is nobody's until it is whole again.
   * @throws TrucError what went wrong: while the store is away or the policy cannot be written, no sign is given
   */
  vouch(): Promise<void> {
    const next = this.#turn.then(async () => {
      await this.#store.ping();
      await (this.#isCurrent && (await this.#isThere()) ? this.#giveSign() : this.#publish());
    });
    this.#turn = next.catch(() => {});
    return next;
  }

  /** Compares the topics with what was published, where anything came since the last time. */
  async #isThere(): Promise<boolean> {
    if (this.#isCompared) return true;
    this.#isCompared = true;
    await this.#policy.untilRead(undefined, AbortSignal.timeout(untilReadMs)).catch((error: unknown) => {
      this.#isCompared = false;
      throw error;
    });
    const changed = [...this.#published].flatMap(([topic, entries]) => {
      const { set, remove } = this.#difference(topic, entries);
      return set.length + remove.length === 0 ? [] : [{ topic, missing: set.length, surplus: remove.length }];
    });
    if (changed.length === 0) return true;
    this.#log.warn({ audit: 'policy.changed', changed }, 'somebody else changed what is published; it is published again');
    return false;
  }

  async #publish(): Promise<PublicationReport> {
    this.#isCurrent = false;
    const byTopic = await this.#wantedPolicy();
    const entries = [...byTopic.values()].flat();
    const principals = await this.#store.principals();
    byTopic.set(topicNames.policyPrincipals, principals.map(principalPolicyOf));
    const topicsCreated = await this.#broker.ensureTopics(topicsOf(entries));
    if (topicsCreated.length > 0) this.#log.info({ topics: topicsCreated.length }, 'topics were made');
    await this.#openDoor(principals);

    for (const topic of byTopic.keys()) this.#policy.addTopic(topic);
    this.#policy.start();
    await this.#policy.untilRead(undefined, AbortSignal.timeout(untilReadMs));
    const published: { topic: string; set: number; removed: number }[] = [];
    const topics = [...byTopic.keys()];
    for (const [topic, next] of byTopic) {
      const { set, remove } = this.#difference(topic, next);
      if (set.length + remove.length === 0) continue;
      await this.#broker.withPolicyWriter(topics, topic, (writer) => publishPolicy(writer, topic, { set, remove }));
      published.push({ topic, set: set.length, removed: remove.length });
    }
    this.#entries = entries;
    this.#schemas.want(entries);
    this.#published = byTopic;
    await this.#giveSign();
    this.#isCurrent = true;
    return { topicsCreated, published };
  }

  /** An entry that cannot be read counts as absent: a wanted one is written again, another one withdrawn. */
  #difference(topic: string, next: readonly PolicyEntry[]): { set: PolicyEntry[]; remove: string[] } {
    const published = this.#policy.entriesOfTopic(topic).filter(({ kind }) => kind !== 'heartbeat');
    const { created, changed, removed } = diffPolicy(published, next);
    const wanted = new Set(next.map(policyKey));
    const unreadable = this.#policy.problems().filter((problem) => problem.topic === topic && !wanted.has(problem.key));
    return { set: [...created, ...changed], remove: [...new Set([...removed, ...unreadable.map(({ key }) => key)])] };
  }

  /** By topic, the common one first: what agencies' entries refer to stands there. */
  async #wantedPolicy(): Promise<Map<string, PolicyEntry[]>> {
    const documents = (await this.#store.documents()).map(documentOfRow);
    const { latest, entries } = await this.#releases.read();
    const { common, byAgency } = compilePolicy(documents, latest);
    const { keyId, publicJwk } = this.#key;
    const tokenKey: PolicyEntry = { kind: 'token-key', keyId, jwk: publicJwk };
    return new Map([
      [topicNames.policyCommon, [tokenKey, ...entries, ...common]],
      ...[...byAgency].map(([agency, entries]): [string, PolicyEntry[]] => [topicNames.policy(agency), [...entries]]),
    ]);
  }

  /**
   * The one service that everybody else's permissions come from is given its own here, because nobody else could; all others are that service's. Given again each time:
   * what is there already is no matter.
   */
  async #openDoor(principals: readonly PrincipalRow[]): Promise<void> {
    const acls = brokerAccessAcls().map((permission) => ({ ...permission, principal: `User:${permission.principal}` }));
    const isMade = principals.some(({ name }) => name === brokerPrincipals.brokerAccess);
    await (isMade ? this.#broker.admin.createAcls(acls) : this.#broker.admin.deleteAcls(acls));
  }

  /** The sign of life, written after everything that it vouches for. */
  async #giveSign(): Promise<void> {
    const entry: PolicyEntry = { kind: 'heartbeat', atMs: this.#clock.now() };
    const topic = topicNames.policyCommon;
    await this.#broker.withPolicyWriter([...this.#published.keys()], topic, (writer) =>
      publishPolicy(writer, topic, { set: [entry], remove: [] }),
    );
  }
}
