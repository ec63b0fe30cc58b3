import { brokerAcls, wantedAccess } from '@truc/access';
import {
  compilePolicy,
  diffPolicy,
  documentOf,
  policyKey,
  releaseOf,
  releaseToEntries,
  topicNames,
  topicsOf,
  type DictionaryContent,
  type Document,
  type DocumentKind,
  type PolicyEntry,
  type PrincipalPolicy,
} from '@truc/coordination';
import type { CoordinationStore, DictionaryReleaseRow, DocumentRow, PrincipalRow, TokenKeyFile } from '@truc/coordination-store';
import { PolicyReader, publishPolicy } from '@truc/policy';
import type { Logger, Telemetry } from '@truc/telemetry';
import type { Broker } from './broker.js';
import type { SchemaRegistration } from './schema-registration.js';

/** What one publication did. */
export interface PublicationReport {
  readonly topicsCreated: readonly string[];
  /** Policy entries by topic; topics where nothing changed are left out. */
  readonly published: readonly { readonly topic: string; readonly set: number; readonly removed: number }[];
}

export function documentOfRow({ kind, body }: DocumentRow): Document {
  return documentOf(kind as DocumentKind, body);
}

export function storedReleaseOf({ number, content }: DictionaryReleaseRow): { number: number; content: DictionaryContent } {
  return { number, content: content as DictionaryContent };
}

export function principalPolicyOf({ name, agency, role, createdAt }: PrincipalRow): PrincipalPolicy {
  return { kind: 'principal', name, agency, role, sinceSeconds: Math.floor(createdAt.getTime() / 1000) };
}

/**
 * Makes the brokers agree with what is stored: topics, permissions, policy; then the registry is brought to what the policy calls for, without waiting for it. The same steps at the start, after an apply and now and then; each does only what is
 * missing, so that a publication that was cut short is finished by the next one.
 */
export class Publication {
  readonly #store: CoordinationStore;
  readonly #broker: Broker;
  readonly #key: TokenKeyFile;
  readonly #schemas: SchemaRegistration;
  readonly #policy: PolicyReader;
  readonly #log: Logger;
  #turn: Promise<unknown> = Promise.resolve();
  #entries: readonly PolicyEntry[] = [];

  constructor(store: CoordinationStore, broker: Broker, key: TokenKeyFile, schemas: SchemaRegistration, log: Logger, telemetry: Telemetry) {
    this.#store = store;
    this.#broker = broker;
    this.#key = key;
    this.#schemas = schemas;
    this.#log = log;
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

  async #publish(): Promise<PublicationReport> {
    const byTopic = await this.#wantedPolicy();
    const entries = [...byTopic.values()].flat();
    const principals = await this.#store.principals();
    byTopic.set(topicNames.policyPrincipals, principals.map(principalPolicyOf));
    const topicsCreated = await this.#broker.ensureTopics(topicsOf(entries));
    if (topicsCreated.length > 0) this.#log.info({ topics: topicsCreated.length }, 'topics were made');
    await this.#reconcilePermissions(entries, principals);

    for (const topic of byTopic.keys()) this.#policy.addTopic(topic);
    this.#policy.start();
    await this.#policy.untilRead(undefined, AbortSignal.timeout(30_000));
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
    return { topicsCreated, published };
  }

  /** An entry that cannot be read counts as absent: a wanted one is written again, another one withdrawn. */
  #difference(topic: string, next: readonly PolicyEntry[]): { set: PolicyEntry[]; remove: string[] } {
    const { created, changed, removed } = diffPolicy(this.#policy.entriesOfTopic(topic), next);
    const wanted = new Set(next.map(policyKey));
    const unreadable = this.#policy.problems().filter((problem) => problem.topic === topic && !wanted.has(problem.key));
    return { set: [...created, ...changed], remove: [...removed, ...unreadable.map(({ key }) => key)] };
  }

  /** By topic, the common one first: what agencies' entries refer to stands there. */
  async #wantedPolicy(): Promise<Map<string, PolicyEntry[]>> {
    const documents = (await this.#store.documents()).map(documentOfRow);
    const releases = (await this.#store.releases()).map((row) => releaseOf(storedReleaseOf(row)));
    const { common, byAgency } = compilePolicy(documents, releases.at(-1) ?? null);
    const { keyId, publicJwk } = this.#key;
    const tokenKey: PolicyEntry = { kind: 'token-key', keyId, jwk: publicJwk };
    // Events name the release that they were judged by: earlier ones stay.
    const earlier = releases.slice(0, -1).flatMap(releaseToEntries);
    return new Map([
      [topicNames.policyCommon, [tokenKey, ...earlier, ...common]],
      ...[...byAgency].map(([agency, entries]): [string, PolicyEntry[]] => [topicNames.policy(agency), [...entries]]),
    ]);
  }

  /** Those who were made have what their role says; those who were not, or are no longer, have nothing. */
  async #reconcilePermissions(entries: readonly PolicyEntry[], principals: readonly PrincipalRow[]): Promise<void> {
    const nowMs = Date.now();
    const vouched: PolicyEntry[] = [...entries, ...principals.map(principalPolicyOf), { kind: 'heartbeat', atMs: nowMs }];
    const asUser = <P extends { readonly principal: string }>(permission: P): P => ({
      ...permission,
      principal: `User:${permission.principal}`,
    });
    const wanted = wantedAccess(vouched, { nowMs, policyAgeMsMax: 0 }).permissions.map(asUser);
    const managedPrincipals = [...new Set(brokerAcls(entries, () => true).map((permission) => asUser(permission).principal))];
    const { created, deleted } = await this.#broker.admin.reconcileAcls(wanted, { managedPrincipals });
    if (created.length + deleted.length > 0)
      this.#log.info({ granted: created.length, withdrawn: deleted.length }, 'permissions at the brokers changed');
  }
}
