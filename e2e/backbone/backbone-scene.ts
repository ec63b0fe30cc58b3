import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ViewPolicy } from '@truc/contracts';
import type { KafkaConnection } from '@truc/kafka';
import {
  checkoutRoot,
  freePorts,
  reconcile,
  removeBackbone,
  startBackbone,
  untilDrained,
  type Backbone,
  type BackbonePorts,
  type Reconciliation,
} from '@truc/local-stack';
import { uniqueTestName } from '@truc/testing';
import pg from 'pg';
import { SpanCollector } from '../span-collector.js';

const limitMs = 400_000;

/** One backbone that the tests of all subjects share, one after the other: to start it takes most of a minute. */
export class BackboneScene {
  readonly directory = join(checkoutRoot, '.truc', 'test', `e2e-${uniqueTestName()}`);
  #opened: { readonly ports: BackbonePorts; readonly collector: SpanCollector; readonly signal: AbortSignal; backbone: Backbone } | null =
    null;

  async open(): Promise<void> {
    const [ports, collector] = [await freePorts(), await SpanCollector.listen()];
    const signal = AbortSignal.timeout(limitMs);
    try {
      this.#opened = { ports, collector, signal, backbone: await this.#start(ports, collector) };
    } catch (error) {
      await collector.close();
      throw error;
    }
  }

  /** The running one. */
  get backbone(): Backbone {
    return this.#there.backbone;
  }

  get collector(): SpanCollector {
    return this.#there.collector;
  }

  get signal(): AbortSignal {
    return this.#there.signal;
  }

  async startAgain(): Promise<void> {
    const there = this.#there;
    await there.backbone.stop();
    there.backbone = await this.#start(there.ports, there.collector);
  }

  #start(ports: BackbonePorts, collector: SpanCollector): Promise<Backbone> {
    const reference = join(checkoutRoot, '..', 'shared', 'reference');
    return startBackbone({
      directory: this.directory,
      ports,
      residents: 1_200,
      seed: 11,
      otlpEndpoint: collector.url,
      ...(existsSync(join(reference, 'administrative-units')) ? { referenceDir: reference } : {}),
    });
  }

  async close(): Promise<void> {
    await this.#opened?.backbone.stop();
    await this.#opened?.collector.close();
    removeBackbone(this.directory);
  }

  get #there() {
    if (this.#opened === null) throw new Error('the backbone was not started');
    return this.#opened;
  }

  superUser(): KafkaConnection {
    return { ...this.backbone.kafka, brokers: [...this.backbone.kafka.brokers] };
  }

  /** Waits until what is committed has arrived everywhere. */
  async drained(): Promise<void> {
    const { databases } = this.backbone;
    await untilDrained({
      policy: await this.backbone.policy(),
      kafka: this.superUser(),
      serverUrl: databases.population,
      generalDatabaseUrl: databases.generalDatabase,
      targets: { social_insurance: databases.socialInsurance },
      signal: this.signal,
    });
  }

  /** What has arrived, against what is in the sources. */
  async reconciled(): Promise<Reconciliation> {
    await this.drained();
    const { databases } = this.backbone;
    return reconcile({
      policy: await this.backbone.policy(),
      sources: { population: databases.population, administrative: databases.administrative },
      generalDatabaseUrl: databases.generalDatabase,
      targets: { social_insurance: databases.socialInsurance },
      viewSecret: readFileSync(join(this.directory, 'secrets', 'view-secret'), 'utf8').trim(),
    });
  }

  async view(): Promise<ViewPolicy> {
    const found = (await this.backbone.policy()).find((entry) => entry.kind === 'view');
    if (found?.kind !== 'view') throw new Error('there is no view');
    return found;
  }

  /** The command line, as the administrator of this backbone. */
  truc(...args: string[]): Promise<{ code: number; told: string }> {
    const context = join(this.directory, 'truc-context.json');
    const { platform: platformUrl, 'schema-registry': registryUrl } = this.backbone.urls;
    const contexts = { local: { platformUrl, registryUrl, token: this.backbone.administratorToken } };
    writeFileSync(context, JSON.stringify({ current: 'local', contexts }), { mode: 0o600 });
    const program = [join(checkoutRoot, 'apps', 'truc', 'dist', 'main.js'), ...args];
    return new Promise((resolve) => {
      const child = execFile(process.execPath, program, { env: { ...process.env, TRUC_CONTEXT: context } }, (_, out, err) =>
        resolve({ code: child.exitCode ?? -1, told: out + err }),
      );
    });
  }
}

export async function query<R extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
