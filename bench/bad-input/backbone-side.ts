import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLogReader } from '@truc/kafka';
import { MetricSamples, type Backbone, type BackboneApp } from '@truc/local-stack';
import type { MetricLabels, MetricName } from '@truc/telemetry';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { awaited } from '../harness/awaited.js';

/** A record as it is in a topic, copied out of its batch. */
export interface CopiedRecord {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly partition: number;
  readonly headers: Readonly<Record<string, Buffer>>;
}

export interface SentRecord {
  readonly key: Buffer;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer>>;
}

/** Both sides of a backbone as somebody sees them who may do everything: topics to write into, and what processes tell of what became of it. */
export class BackboneSide {
  readonly #backbone: Backbone;
  readonly #kafka: Kafka;

  constructor(backbone: Backbone) {
    this.#backbone = backbone;
    const { brokers, username, password } = backbone.kafka;
    const sasl = { mechanism: 'scram-sha-512', username, password } as const;
    this.#kafka = new Kafka({ brokers: [...brokers], sasl, logLevel: logLevel.NOTHING });
  }

  async send(topic: string, messages: readonly SentRecord[], partition = 0): Promise<void> {
    const producer = this.#kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    try {
      await producer.send({
        topic,
        messages: messages.map(({ headers = {}, ...message }) => ({ ...message, headers: { ...headers }, partition })),
      });
    } finally {
      await producer.disconnect();
    }
  }

  /** The first record with a value that is of the wanted kind. */
  async firstOf(topic: string, isWanted: (key: string) => boolean = () => true): Promise<CopiedRecord> {
    const { kafka } = this.#backbone;
    const reader = openLogReader({ connection: { ...kafka, brokers: [...kafka.brokers] } });
    try {
      const count = (await reader.partitions(topic)) ?? 0;
      const from = Array.from({ length: count }, (_, partition) => ({ topic, partition, offset: -2n }));
      for await (const batch of reader.read(from, AbortSignal.timeout(60_000))) {
        for (const { key, value, partition, headers } of batch.records) {
          if (value === null || !isWanted(key.toString())) continue;
          const copied = Object.fromEntries(headers.map((header) => [header.key, Buffer.from(header.value)]));
          return { key: Buffer.from(key), value: Buffer.from(value), partition, headers: copied };
        }
      }
      throw new Error(`${topic} has no such record`);
    } finally {
      await reader.close();
    }
  }

  async counted<N extends MetricName>(app: BackboneApp, name: N, labels: Partial<MetricLabels<N>>): Promise<number> {
    const text = await (await fetch(`${this.#backbone.urls[app] ?? ''}/metrics`)).text();
    return new MetricSamples([text]).sum(name, labels) ?? 0;
  }

  /** How many lines of a process hold a text. */
  lines(app: BackboneApp, text: string): number {
    const log = readFileSync(join(this.#backbone.directory, 'logs', `${app}.log`), 'utf8');
    return log.split('\n').filter((line) => line.includes(text)).length;
  }

  /** Sends a command to whoever acts for the source. @returns what is answered; null where nobody does in time */
  async command(agency: string, body: object): Promise<{ readonly ok: boolean; readonly message: string } | null> {
    const response = await fetch(`${this.#backbone.urls.platform ?? ''}/v1/agents/${agency}/commands`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#backbone.administratorToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ timeoutMs: 30_000, ...body }),
    });
    const answer = (await response.json()) as { readonly ok: boolean; readonly message: string };
    return response.status === 200 ? answer : null;
  }

  async query<R extends pg.QueryResultRow>(database: keyof Backbone['databases'], text: string, values: unknown[] = []): Promise<R[]> {
    const client = new pg.Client({ connectionString: this.#backbone.databases[database] });
    await client.connect();
    try {
      return (await client.query<R>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Changes a row at the source, and waits until the National General Database has it. @param name what the row gets, another each time */
  async rowArrives(name: string, signal: AbortSignal): Promise<void> {
    // One that is not held in quarantine, as some of the demo are.
    const [row] = await this.query<{ code: string }>(
      'generalDatabase',
      'SELECT truc_code AS code FROM g01.population_resident ORDER BY 1 DESC LIMIT 1',
    );
    await this.query('population', 'UPDATE dancu.cong_dan SET ho_ten = $2 WHERE so_dinh_danh = $1', [row?.code, name]);
    const found = 'SELECT 1 FROM g01.population_resident WHERE truc_code = $1 AND person_full_name = $2';
    await awaited(
      'a good row did not reach the general database',
      async () => (await this.query('generalDatabase', found, [row?.code, name])).length === 1,
      signal,
      60_000,
    );
  }
}
