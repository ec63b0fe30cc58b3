import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetPolicy } from '@truc/coordination';
import { TrucError } from '@truc/kernel';
import { freePort, readMetrics, startNodeApp, type Backbone, type MetricSamples, type NodeApp } from '@truc/local-stack';
import { awaited } from '../harness/awaited.js';
import type { Contestant } from '../harness/contestant.js';
import type { ProcessProfiler } from '../harness/process-profiler.js';
import { benchAgency, datasetOfSource } from './resident-documents.js';
import { benchPublication, lsnBytes, type AgentLogin, type SourceDatabase } from './source-database.js';

export interface AgentOptions {
  /** As tables and messages call it. */
  readonly name: string;
  /** Name of its source in the policy; it and the slot are this agent's alone. */
  readonly source: string;
  readonly backbone: Backbone;
  readonly database: SourceDatabase;
  readonly login: AgentLogin;
  /** Folder whose apps are run. */
  readonly checkout: string;
  readonly profiler: ProcessProfiler | null;
  /** Told when the process ends though nobody asked it to. */
  readonly onDeath: (error: TrucError) => void;
  readonly signal: AbortSignal;
}

/** The product's agent: its own process, with the agency's own credentials, told what to do through the platform. */
export class AgentContestant implements Contestant {
  readonly name: string;
  readonly topic;
  readonly slot: string;
  /** A writer that opens marks every partition once. */
  readonly marksMax: number;
  readonly profiler: ProcessProfiler | null;
  readonly #options: AgentOptions;
  readonly #dataset: string;
  readonly #app: NodeApp;
  #published = 0;

  private constructor(options: AgentOptions, dataset: DatasetPolicy, app: NodeApp) {
    this.name = options.name;
    this.topic = { name: dataset.topic, partitions: dataset.partitions };
    this.marksMax = dataset.partitions;
    this.profiler = options.profiler;
    this.slot = slotOf(options.source);
    this.#options = options;
    this.#dataset = dataset.name;
    this.#app = app;
  }

  /** Returns when its slot stands and its snapshot, of an empty table, is done. */
  static async start(options: AgentOptions): Promise<AgentContestant> {
    const { backbone, source, checkout, profiler, signal } = options;
    const nodeFlags = profiler?.nodeFlags ?? [];
    const dataset = (await backbone.policy()).find((entry) => entry.kind === 'dataset' && entry.name === datasetOfSource(source));
    if (dataset?.kind !== 'dataset') throw new TrucError('BENCH_POLICY', `the published policy has no dataset ${datasetOfSource(source)}`);
    const port = await freePort();
    const label = `agent-${source}`;
    const configFile = writeConfiguration(options, label, port);
    const logFile = join(backbone.directory, 'logs', `${label}.log`);
    const app = await startNodeApp({ name: 'agent-node', label, configFile, port, logFile, checkout, nodeFlags, signal });
    app.process.once('exit', (exit) => void (exit.wanted || options.onDeath(app.process.exitError(exit))));
    const agent = new AgentContestant(options, dataset, app);
    try {
      await awaited(
        `${options.name} did not begin to capture (${logFile} says why)`,
        async () => (await agent.#metrics()).sum('truc_snapshot_done', { dataset: dataset.name }) === 1,
        signal,
      );
      // The state that tells of the snapshot is stored before the slot moves: else the next start would take the snapshot again, of a full table.
      await agent.#confirmed(await options.database.position());
      return agent;
    } catch (error) {
      await app.stop();
      throw error;
    }
  }

  get pid(): number {
    return this.#app.pid;
  }

  async pause(): Promise<void> {
    await this.#command('pause');
    const { database, signal } = this.#options;
    await awaited(`${this.name} did not let go of its slot`, async () => (await database.slot(this.slot)).pid === null, signal);
  }

  async resume(): Promise<void> {
    await this.#command('resume');
  }

  async settle(lsn: string, rows: number): Promise<void> {
    await this.#confirmed(lsn);
    const metrics = await this.#metrics();
    const dataset = this.#dataset;
    const published = metrics.sum('truc_capture_published', { dataset }) ?? 0;
    const held = metrics.sum('truc_capture_quarantined', { dataset }) ?? 0;
    if (published - this.#published !== rows || held > 0)
      throw new TrucError(
        'BENCH_ROWS_MISSING',
        `${this.name} published ${published - this.#published} of ${rows} rows, and ${held} are in quarantine: nothing can be concluded from its speed`,
      );
    this.#published = published;
  }

  async #confirmed(lsn: string): Promise<void> {
    const { database, signal } = this.#options;
    const isConfirmed = async (): Promise<boolean> => {
      await database.tick();
      return (await database.slot(this.slot)).confirmed >= lsnBytes(lsn);
    };
    await awaited(`${this.name} did not confirm its slot up to ${lsn}`, isConfirmed, signal);
  }

  async stop(): Promise<void> {
    this.profiler?.close();
    await this.#app.stop();
  }

  #metrics(): Promise<MetricSamples> {
    return readMetrics([this.#app.url]);
  }

  async #command(command: 'pause' | 'resume'): Promise<void> {
    const { backbone, source } = this.#options;
    const { ok, message } = await backbone.platform.command(benchAgency, command, source);
    if (!ok) throw new TrucError('BENCH_COMMAND', `${this.name} does not ${command}: ${message}`);
  }
}

function slotOf(source: string): string {
  return `truc_${source.replaceAll('-', '_')}`;
}

/** The configuration that the agency's agent has in this backbone, with the bench's source in the place of its own. */
function writeConfiguration({ backbone, database, login, source }: AgentOptions, label: string, port: number): string {
  const directory = join(backbone.directory, 'bench');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const url = join(directory, 'source.url');
  writeFileSync(url, database.urlFor(login), { mode: 0o600 });
  const own = JSON.parse(readFileSync(join(backbone.directory, 'config', 'agent-g01.json'), 'utf8')) as { seats: object[] };
  const sources = { [source]: { url: { file: url }, slot: slotOf(source), publication: benchPublication } };
  const configuration = { ...own, port, seats: own.seats.map((seat) => ({ ...seat, sources })) };
  const path = join(directory, `${label}.json`);
  writeFileSync(path, JSON.stringify(configuration));
  return path;
}
