import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compactedTopic, openLogAdmin } from '@truc/kafka';
import { messageOf, TrucError } from '@truc/kernel';
import { checkoutRoot, findJava, freePort, mavenJars, StackProcess, type Backbone, type PinnedJars } from '@truc/local-stack';
import { awaited } from '../harness/awaited.js';
import type { Contestant } from '../harness/contestant.js';
import type { BenchTopic } from '../harness/topic-ends.js';
import { connectorConfiguration, workerProperties, type Compression } from './connect-configuration.js';
import { SchemaIds } from './schema-ids.js';

const jars: PinnedJars = {
  name: 'Debezium',
  pom: join(checkoutRoot, 'bench', 'debezium', 'pom.xml'),
  artifact: 'debezium-connector-postgres',
  sizeMebibytes: 42,
};
const connector = 'bench';
const slot = 'debezium_bench';
const topicPrefix = 'debezium';
const heapMebibytes = 2_048;

export interface DebeziumOptions {
  readonly backbone: Backbone;
  readonly databaseUrl: string;
  readonly publication: string;
  readonly table: string;
  readonly partitions: number;
  readonly compression: Compression;
  /** The walsender of a slot of the source, null where nobody reads it. */
  readonly readerOf: (slot: string) => Promise<number | null>;
  readonly progress: (sentence: string) => void;
  readonly onDeath: (error: TrucError) => void;
  readonly signal: AbortSignal;
}

/** Debezium's PostgreSQL connector in a standalone worker of Kafka Connect. */
export class DebeziumContestant implements Contestant {
  readonly name = 'Debezium';
  readonly slot = slot;
  readonly marksMax = 0;
  readonly profiler = null;
  readonly topic: BenchTopic;
  readonly #options: DebeziumOptions;
  readonly #process: StackProcess;
  readonly #schemaIds: SchemaIds;
  readonly #url: string;

  private constructor(options: DebeziumOptions, topic: BenchTopic, process: StackProcess, schemaIds: SchemaIds, url: string) {
    this.topic = topic;
    this.#options = options;
    this.#process = process;
    this.#schemaIds = schemaIds;
    this.#url = url;
  }

  /** Returns when its slot stands. @throws TrucError STACK_JAVA_MISSING, STACK_MAVEN_FAILED and others of a start, BENCH_CONNECTOR */
  static async start(options: DebeziumOptions): Promise<DebeziumContestant> {
    const { backbone, table, partitions, progress, signal } = options;
    const java = findJava(process.env);
    const lib = await mavenJars(jars, join(checkoutRoot, '.truc'), process.env, progress, signal);
    const topic = { name: `${topicPrefix}.${table}`, partitions };
    await createTopic(backbone, topic);
    const schemaIds = await SchemaIds.listen();
    try {
      const port = await freePort();
      const worker = await startWorker(options, java, lib, port, schemaIds.url);
      const contestant = new DebeziumContestant(options, topic, worker, schemaIds, `http://127.0.0.1:${port}`);
      try {
        await contestant.#connect();
        return contestant;
      } catch (error) {
        await worker.stop();
        throw error;
      }
    } catch (error) {
      await schemaIds.close();
      throw error;
    }
  }

  get pid(): number {
    return this.#process.pid;
  }

  async pause(): Promise<void> {
    await this.#ask('PUT', `/connectors/${connector}/stop`);
    const { readerOf, signal } = this.#options;
    await awaited('Debezium did not let go of its slot', async () => (await readerOf(slot)) === null, signal);
  }

  async resume(): Promise<void> {
    await this.#ask('PUT', `/connectors/${connector}/resume`);
  }

  /** What it sent it knows by its own offsets, which it stores when it is stopped. */
  settle(): Promise<void> {
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    await this.#schemaIds.close();
  }

  async #connect(): Promise<void> {
    const { databaseUrl, publication, table, readerOf, signal } = this.#options;
    const configuration = connectorConfiguration({ databaseUrl, topicPrefix, slot, publication, table });
    await this.#ask('PUT', `/connectors/${connector}/config`, configuration);
    await awaited(
      `Debezium did not begin to capture (${this.#process.logFile} says why)`,
      async () => (await readerOf(slot)) !== null,
      signal,
    );
  }

  async #ask(method: 'PUT', path: string, body?: object): Promise<void> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      redirect: 'error',
      signal: AbortSignal.any([this.#options.signal, AbortSignal.timeout(60_000)]),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new TrucError('BENCH_CONNECTOR', `Kafka Connect does not answer (${messageOf(cause)}): its log is ${this.#process.logFile}`, {
        cause,
      });
    });
    const text = await response.text();
    if (!response.ok) throw new TrucError('BENCH_CONNECTOR', `Kafka Connect answered ${response.status} to ${path}: ${text.slice(0, 300)}`);
  }
}

async function createTopic({ kafka }: Backbone, topic: BenchTopic): Promise<void> {
  const admin = openLogAdmin({ connection: { ...kafka, brokers: [...kafka.brokers] } });
  try {
    await admin.ensureTopics([{ ...topic, config: compactedTopic() }]);
  } finally {
    await admin.close();
  }
}

async function startWorker(
  { backbone, compression, onDeath, signal }: DebeziumOptions,
  java: string,
  lib: string,
  port: number,
  schemaIdsUrl: string,
): Promise<StackProcess> {
  const directory = join(backbone.directory, 'debezium');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const properties = join(directory, 'worker.properties');
  const facts = { kafka: backbone.kafka, port, offsetsFile: join(directory, 'offsets'), schemaIdsUrl, compression };
  writeFileSync(properties, workerProperties(facts), { mode: 0o600 });
  const worker = await StackProcess.start({
    name: 'Kafka Connect',
    command: java,
    args: [
      ...[`-Xms${heapMebibytes}m`, `-Xmx${heapMebibytes}m`, '-XX:+UseG1GC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'],
      ...['-cp', join(lib, '*'), 'org.apache.kafka.connect.cli.ConnectStandalone', properties],
    ],
    environment: process.env,
    logFile: join(backbone.directory, 'logs', 'debezium.log'),
    pidFile: join(directory, 'worker.pid'),
    isReady: async () => (await fetch(`http://127.0.0.1:${port}/connectors`, { signal: AbortSignal.timeout(2_000) })).ok,
    readyTimeoutMs: 120_000,
    signal,
  });
  worker.once('exit', (exit) => void (exit.wanted || onDeath(worker.exitError(exit))));
  return worker;
}
