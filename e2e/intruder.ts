import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLogReader, type KafkaConnection } from '@truc/kafka';
import { agencySlug } from '@truc/kernel';
import { MetricSamples, type Backbone, type BackboneApp } from '@truc/local-stack';
import type { MetricLabels, MetricName } from '@truc/telemetry';
import { eventually } from '@truc/testing';
import { Kafka, logLevel } from 'kafkajs';

/** A request over HTTP that is not to succeed, and what is to become of it. */
export interface HttpAttempt {
  readonly told: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly status: number;
  /** Of the registry a number, of the platform a name. */
  readonly code: number | string;
  /** Rules that have to be among those that it breaks. */
  readonly rules?: readonly string[];
}

/** Who makes it. */
export interface HttpCaller {
  readonly name: string;
  readonly role: string;
  readonly token: string;
}

type Line = Record<string, unknown>;

/** What an agency has that means harm: its credentials at a running backbone, and nothing else. What becomes of its attempts is looked for where an operator would: answers, metrics, audit. */
export class Intruder {
  readonly #backbone: Backbone;

  constructor(backbone: Backbone) {
    this.#backbone = backbone;
  }

  secret(name: string): string {
    return readFileSync(join(this.#backbone.directory, 'secrets', name), 'utf8').trim();
  }

  /** A user of the brokers, by its name. */
  user(username: string): KafkaConnection {
    const { kafka } = this.#backbone;
    return { ...kafka, brokers: [...kafka.brokers], username, password: this.secret(`${username}.kafka-password`) };
  }

  as(agency: string): KafkaConnection {
    return this.user(`agent.${agencySlug(agency)}`);
  }

  agent(agency: string): HttpCaller {
    const name = `agent.${agencySlug(agency)}`;
    return { name, role: 'agent', token: this.secret(`${name}.token`) };
  }

  /** A client of another make, which holds itself to nothing of ours. @param username of the brokers */
  kafkajs(username: string): Kafka {
    const password = this.secret(`${username}.kafka-password`);
    const sasl = { mechanism: 'scram-sha-512', username, password } as const;
    return new Kafka({ brokers: [...this.#backbone.kafka.brokers], sasl, logLevel: logLevel.NOTHING, retry: { retries: 0 } });
  }

  url(app: BackboneApp): string {
    return this.#backbone.urls[app] ?? '';
  }

  /** A counter of one app, summed over what else it is told by. */
  async counted<N extends MetricName>(app: BackboneApp, name: N, labels: Partial<MetricLabels<N>>): Promise<number> {
    return new MetricSamples([await (await fetch(`${this.url(app)}/metrics`)).text()]).sum(name, labels) ?? 0;
  }

  /** Lines of an app's audit. */
  audit(app: BackboneApp): Line[] {
    const lines = readFileSync(join(this.#backbone.directory, 'logs', `${app}.log`), 'utf8').split('\n');
    return lines.flatMap((line) => (line.includes('"audit"') ? [JSON.parse(line) as Line] : []));
  }

  async reading(agency: string, topic: string): Promise<void> {
    const reader = openLogReader({ connection: this.as(agency), unreachableMs: 5_000 });
    const notAllowed = { code: expect.stringMatching(/^LOG_(NOT_AUTHORIZED|TOPIC_UNKNOWN)$/) as unknown };
    try {
      const batches = reader.read([{ topic, partition: 0, offset: 0n }], AbortSignal.timeout(5_000))[Symbol.asyncIterator]();
      await expect(batches.next()).rejects.toMatchObject(notAllowed);
    } finally {
      await reader.close();
    }
  }

  /** Writes outside of a transaction. */
  async writing(agency: string, topic: string): Promise<void> {
    const producer = this.kafkajs(`agent.${agencySlug(agency)}`).producer({ allowAutoTopicCreation: false, retry: { retries: 0 } });
    try {
      await producer.connect();
      await expect(producer.send({ topic, messages: [{ key: 'x', value: '{}', partition: 0 }] })).rejects.toThrow(
        /not authorized|does not host this topic/i,
      );
    } finally {
      await producer.disconnect();
    }
  }

  /** The brokers refuse what is attempted, count it, and it stands in the audit. */
  async isDenied(
    principal: string,
    [operation, resource, name]: readonly [operation: string, resource: string, name: string],
    attempt: () => Promise<unknown>,
  ): Promise<void> {
    const count = () => this.counted('broker-access', 'truc_broker_denied', { principal, operation, resource });
    const before = await count();
    await attempt();
    const line = { audit: 'broker.denied', principal, operation, resourceType: resource, resource: name };
    await eventually(() => expect(this.audit('broker-access')).toContainEqual(expect.objectContaining(line)));
    await eventually(async () => expect(await count()).toBeGreaterThan(before));
  }

  /** Asks as nobody else would see it: the answer alone. */
  async ask(app: BackboneApp, { method, path, body }: Pick<HttpAttempt, 'method' | 'path' | 'body'>, { token }: Pick<HttpCaller, 'token'>) {
    const response = await fetch(`${this.url(app)}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Line };
  }

  /** The registry or the platform refuses it with its code and rules, counts it, and it stands in the audit with who it was. */
  async isRefused(app: 'platform' | 'schema-registry', attempt: HttpAttempt, caller: HttpCaller): Promise<void> {
    const { told, status, code, rules = [], method } = attempt;
    const isDenied = status === 401 || status === 403;
    const { role } = caller;
    const count = () =>
      isDenied
        ? this.counted(app, 'truc_access_denied', { role: status === 401 ? 'unknown' : role })
        : this.counted(app, 'truc_http_requests', { status: String(status) });
    const line = { audit: isDenied ? 'access.denied' : 'request.refused', method, ...(status === 401 ? {} : { principal: caller.name }) };
    const lines = () => this.audit(app).filter((one) => Object.entries(line).every(([name, value]) => one[name] === value));
    const before = { count: await count(), lines: lines().length };
    const answer = await this.ask(app, attempt, caller);
    const broken = ((answer.body['violations'] ?? []) as { rule: string }[]).map(({ rule }) => rule);
    const missing = rules.filter((rule) => !broken.includes(rule));
    const found = { told, status: answer.status, code: answer.body['error_code'] ?? answer.body['code'], missing };
    expect(found).toEqual({ told, status, code, missing: [] });
    expect({ told, counted: (await count()) - before.count }).toEqual({ told, counted: 1 });
    await eventually(() => expect({ told, lines: lines().length }).toEqual({ told, lines: before.lines + 1 }));
    expect(lines().at(-1)?.['rules'] ?? []).toEqual(expect.arrayContaining([...rules]));
  }
}
