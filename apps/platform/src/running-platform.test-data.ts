import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessChanges, wantedAccess } from '@truc/access';
import type { DocumentFile, PolicyEntry } from '@truc/coordination';
import { signAdministratorToken } from '@truc/coordination-store';
import { openLogAdmin, openLogReader, type BrokerAcl, type KafkaConnection } from '@truc/kafka';
import { platformConfiguration, type PlatformConfiguration } from './configuration.js';
import { startPlatform, type Platform } from './platform.js';

const root = new URL('../../../schemas/dictionary/', import.meta.url);
export const dictionary: DocumentFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path: `dictionary/${path}`, text: readFileSync(new URL(path, root), 'utf8') }));
export const title = '{vi: a, en: a}';
const urn = (name: string): string => `urn:vn:ddict:element:${name}`;
export const documents: DocumentFile[] = [
  {
    path: 'agencies.yaml',
    text: `agency: {code: G01, name: ${title}}\n---\nagency: {code: G12.34, name: ${title}}\n---\nagency: {code: G12, name: ${title}}\n`,
  },
  {
    path: 'population.yaml',
    text: `dataset: {name: population.resident, agency: G01, title: ${title}, partitions: 2}
---
source: {agency: G01, database: population, schema: dancu, name: ${title}}
tables:
  - table: dancu.cong_dan
    subject: resident
    publish: true
    primaryKey: [id]
    identification: {column: so_dinh_danh, element: ${urn('person.personal-id')}}
    columns:
      - {column: ho_ten, element: ${urn('person.full-name')}}
`,
  },
  {
    path: 'contract.yaml',
    text: `contract: {name: tax, consumer: G12.34, dataset: population.resident, elements: [${urn('person.full-name')}], purpose: ${title},
  legalBasis: Law, validFrom: 2025-01-01, target: {database: tax, table: resident}}\n`,
  },
];

export interface Reply {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are judged by what they hold
  readonly body: any;
}

/** What a test gives of its tools, which an app has no business with. */
export interface Servers {
  readonly startKafka: (options: { readonly directory: string; readonly heapMebibytes: number }) => Promise<{
    readonly brokers: readonly string[];
    readonly username: string;
    readonly password: string;
    readonly mechanism: KafkaConnection['mechanism'];
    stop(): Promise<void>;
  }>;
  readonly testPostgres: () => Promise<{ readonly url: string; drop(): Promise<void> }>;
}

/** A platform for the tests of one file. Its topics have fixed names, so that it has brokers to itself. */
export class RunningPlatform {
  readonly directory = mkdtempSync(join(tmpdir(), 'truc-platform-'));
  readonly tokenKeyFile = join(this.directory, 'keys', 'token.json');
  platform!: Platform;
  superUser!: KafkaConnection;
  #kafka: Awaited<ReturnType<Servers['startKafka']>> | undefined;
  #database!: Awaited<ReturnType<Servers['testPostgres']>>;
  #token = '';

  constructor({ startKafka, testPostgres }: Servers) {
    beforeAll(async () => {
      const starting = startKafka({ directory: join(this.directory, 'kafka'), heapMebibytes: 320 });
      [this.#kafka, this.#database] = await Promise.all([starting, testPostgres()]);
      const { brokers, username, password, mechanism } = this.#kafka;
      this.superUser = { brokers: [...brokers], username, password, mechanism };
      this.platform = await startPlatform(this.configuration());
      this.#token = await signAdministratorToken(this.tokenKeyFile, { expiresInSeconds: 600 });
      await this.platform.ready;
    }, 120_000);
    afterAll(async () => {
      await this.platform?.close();
      await this.#database?.drop();
      await this.#kafka?.stop();
      rmSync(this.directory, { recursive: true, force: true });
    }, 60_000);
  }

  readonly configuration = (more: object = {}): PlatformConfiguration => {
    const { superUser: kafka, tokenKeyFile } = this;
    return platformConfiguration.parse({ port: 0, databaseUrl: this.#database.url, kafka, tokenKeyFile, logLevel: 'silent', ...more });
  };

  readonly call = async (method: string, path: string, body?: unknown, as = this.#token): Promise<Reply> => {
    const headers = { 'content-type': 'application/json', ...(as === '' ? {} : { authorization: `Bearer ${as}` }) };
    const response = await fetch(`${this.platform.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  };

  /** Entries of a policy topic as a reader with these credentials sees them, but for signs of life. */
  readonly policyOf = async (topic: string, connection: KafkaConnection = this.superUser): Promise<PolicyEntry[]> =>
    (await this.everythingOf(topic, connection)).filter(({ kind }) => kind !== 'heartbeat');

  readonly everythingOf = async (topic: string, connection: KafkaConnection = this.superUser): Promise<PolicyEntry[]> => {
    const reader = openLogReader({ connection, fetchWaitMs: 50 });
    try {
      const { end } = await reader.bounds(topic, 0);
      const latest = new Map<string, Buffer | null>();
      for await (const batch of reader.read([{ topic, partition: 0, offset: -2n }], AbortSignal.timeout(10_000))) {
        for (const { key, value } of batch.records) latest.set(key.toString(), value);
        if (batch.nextOffset >= end) break;
      }
      return [...latest.values()].flatMap((value) => (value === null ? [] : [JSON.parse(value.toString()) as PolicyEntry]));
    } finally {
      await reader.close();
    }
  };

  readonly acls = (): Promise<BrokerAcl[]> => this.#withAdmin(async (admin) => (await admin.listAcls()).acls);

  /** What the service that keeps permissions does by the policy as it is published. */
  readonly keepAccess = (): Promise<void> =>
    this.#withAdmin(async (admin) => {
      const topics = (await admin.listTopics()).filter((topic) => topic.startsWith('policy.'));
      const entries = (await Promise.all(topics.map((topic) => this.everythingOf(topic)))).flat();
      const self = { kind: 'principal', name: 'broker-access', agency: null, role: 'broker-access', sinceSeconds: 0 } as const;
      const wanted = wantedAccess([...entries, self], { nowMs: Date.now(), policyAgeMsMax: 600_000 });
      const present = (await admin.listAcls()).acls.map((acl) => ({ ...acl, principal: acl.principal.slice('User:'.length) }));
      const changes = accessChanges(present, wanted, new Set());
      const grant = changes.grant.filter(({ permission }) => permission.principal !== self.name);
      const { withdraw } = changes;
      const asUser = <P extends { readonly principal: string }>(one: P): P => ({ ...one, principal: `User:${one.principal}` });
      await admin.createAcls(grant.map(({ permission }) => asUser(permission)));
      await admin.deleteAcls(withdraw.map(({ permission }) => asUser(permission)));
    });

  async #withAdmin<T>(work: (admin: ReturnType<typeof openLogAdmin>) => Promise<T>): Promise<T> {
    const admin = openLogAdmin({ connection: this.superUser });
    try {
      return await work(admin);
    } finally {
      await admin.close();
    }
  }
}
