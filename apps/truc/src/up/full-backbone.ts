import type { PolicyEntry } from '@truc/coordination';
import type { Merged } from '@truc/demo';
import { type Language, TrucError } from '@truc/kernel';
import {
  readViewSecret,
  reconcile,
  startBackbone,
  untilDrained,
  type Backbone,
  type BackboneOptions,
  type Reconciliation,
} from '@truc/local-stack';
import { saveContext } from '../context-file.js';
import { exitCode, type ExitCode } from '../exit-code.js';
import { LiveView } from '../live/live-view.js';
import { demoLife } from './demo-life.js';
import { placeLines } from './place-lines.js';
import { leaveAtOnce } from './leave-at-once.js';
import { StopRequest } from './stop-request.js';
import { verdictLines } from './verdict-lines.js';

export interface FullBackboneOptions {
  readonly backbone: Omit<BackboneOptions, 'only' | 'progress' | 'signal'>;
  readonly contextFile: string;
  readonly once: boolean;
  /** Events of the life of `once`. */
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly json: boolean;
  readonly language: Language;
  readonly output: NodeJS.WriteStream;
}

/** Seconds of each step. */
type Timings = Record<string, number>;

type Ending = { readonly kind: 'done' } | { readonly kind: 'stopped' } | { readonly kind: 'died'; readonly error: TrucError };

/**
 * Everything, live, until Ctrl-C or (with `once`) until the demo's life is over; then all that was committed is given the time to arrive, every child is stopped,
 * and source, general database and subscriber are compared.
 * @throws TrucError
 */
export async function fullBackbone(options: FullBackboneOptions): Promise<ExitCode> {
  const { output, json } = options;
  const stop = new StopRequest(leaveAtOnce);
  const timings: Timings = {};
  let markedAt = performance.now();
  const mark = (step: string): void => {
    const now = performance.now();
    timings[step] = Math.round(now - markedAt) / 1000;
    markedAt = now;
  };
  const say = (line: string): void => void output.write(`${line}\n`);
  const backbone = await startBackbone({ ...options.backbone, progress: (sentence) => say(`${sentence} ...`), signal: stop.wanted });
  try {
    mark('start');
    const { platform: platformUrl = '', 'schema-registry': registryUrl = '' } = backbone.urls;
    const token = options.backbone.open === true ? null : backbone.administratorToken;
    // The one that is saved last is the current one.
    const authority = { platformUrl, registryUrl, token: token === null ? null : backbone.dictionaryAuthorityToken };
    saveContext(options.contextFile, 'local-dictionary', authority);
    saveContext(options.contextFile, 'local', { platformUrl, registryUrl, token });
    placeLines(backbone, options.contextFile).forEach(say);
    const run = new Run(backbone, await backbone.policy(), options, stop, mark);
    const outcome = await run.untilVerdict();
    await backbone.stop();
    mark('stop');
    if (!json && outcome.reconciliation !== null) verdictLines(outcome.reconciliation).forEach(say);
    if (!json && outcome.reconciliation === null)
      say('Stopped at once, without a comparison. Nothing is lost: the next start goes on from here.');
    if (json)
      say(JSON.stringify({ verdict: 'unfinished', ...outcome.reconciliation, events: outcome.events, merged: outcome.merged, timings }));
    return outcome.reconciliation?.verdict === 'equal' ? exitCode.ok : exitCode.failed;
  } finally {
    await backbone.stop();
    stop.end();
  }
}

interface Outcome {
  /** null where it was stopped before everything had arrived. */
  readonly reconciliation: Reconciliation | null;
  readonly events: number;
  readonly merged: Merged | null;
}

/** One run from the moment that everything is started. */
class Run {
  readonly #backbone: Backbone;
  readonly #policy: readonly PolicyEntry[];
  readonly #options: FullBackboneOptions;
  readonly #stop: StopRequest;
  readonly #mark: (step: string) => void;
  readonly #view: LiveView;
  readonly #died = Promise.withResolvers<Ending>();
  #merged: Merged | null = null;

  constructor(
    backbone: Backbone,
    policy: readonly PolicyEntry[],
    options: FullBackboneOptions,
    stop: StopRequest,
    mark: (step: string) => void,
  ) {
    this.#backbone = backbone;
    this.#policy = policy;
    this.#options = options;
    this.#stop = stop;
    this.#mark = mark;
    this.#view = new LiveView({ urls: dataPlanes(backbone), policy, language: options.language, output: options.output });
    backbone.onExit((error) => this.#died.resolve({ kind: 'died', error }));
  }

  /** @throws TrucError of a child that died, BACKBONE_NOT_DRAINED */
  async untilVerdict(): Promise<Outcome> {
    const view = this.#view;
    view.start();
    try {
      this.#stop.hasMoreToGiveUp = true;
      await this.#live();
      view.phase = 'draining';
      const hasDrained = await this.#drain();
      this.#stop.hasMoreToGiveUp = false;
      this.#mark('drain');
      await view.end();
      if (!hasDrained) return this.#outcome(null);
      view.print('stopping the apps and Kafka, then comparing by hash ...');
      await this.#backbone.stopApps();
      this.#mark('stopApps');
      const reconciliation = await this.#reconcile();
      this.#mark('reconcile');
      return this.#outcome(reconciliation);
    } finally {
      await view.end();
    }
  }

  #outcome(reconciliation: Reconciliation | null): Outcome {
    return { reconciliation, events: this.#view.events, merged: this.#merged };
  }

  /** The demo's life until it is over or somebody wants it to end. */
  async #live(): Promise<void> {
    const { once, events, eventsPerSecond } = this.#options;
    const over = new AbortController();
    const view = this.#view;
    void view.snapshotDone.then(() => this.#mark('snapshot'));
    const life = demoLife({
      backbone: this.#backbone,
      snapshotDone: view.snapshotDone,
      events: once ? events : null,
      eventsPerSecond,
      signal: AbortSignal.any([this.#stop.wanted, over.signal]),
      onPhase: (phase) => (view.phase = phase),
      onEvent: () => view.countEvent(),
      onMerged: (merged) => this.#tellMerger(merged),
    }).then((): Ending => ({ kind: 'done' }));
    // A child that dies takes life's connection with it: its own sentence says more.
    const lived = life.catch(async (error: unknown): Promise<Ending> => {
      const died = await Promise.race([this.#died.promise, new Promise<null>((resolve) => setTimeout(resolve, 1_000, null))]);
      if (died !== null) return died;
      throw error;
    });
    const ending = await Promise.race([lived, this.#died.promise]);
    over.abort();
    if (ending.kind === 'died') throw ending.error;
    this.#mark('life');
  }

  async #drain(): Promise<boolean> {
    const { databases, kafka } = this.#backbone;
    const drained = untilDrained({
      policy: this.#policy,
      kafka: { ...kafka, brokers: [...kafka.brokers] },
      serverUrl: databases.population,
      generalDatabaseUrl: databases.generalDatabase,
      targets: { social_insurance: databases.socialInsurance },
      signal: this.#stop.atOnce,
    }).then((): Ending => ({ kind: 'done' }));
    const ending = await Promise.race([
      drained.catch((error: unknown): Ending => {
        if (this.#stop.atOnce.aborted) return { kind: 'stopped' };
        throw error;
      }),
      this.#died.promise,
    ]);
    if (ending.kind === 'died') throw ending.error;
    return ending.kind === 'done';
  }

  #reconcile(): Promise<Reconciliation> {
    const { databases, directory } = this.#backbone;
    return reconcile({
      policy: this.#policy,
      sources: { population: databases.population, administrative: databases.administrative },
      generalDatabaseUrl: databases.generalDatabase,
      targets: { social_insurance: databases.socialInsurance },
      viewSecret: readViewSecret(directory),
    });
  }

  #tellMerger(merged: Merged): void {
    this.#merged = merged;
    const { population, administrative } = merged;
    const count = (value: number): string => value.toLocaleString('en-US');
    this.#view.print(
      `communes merged: ${count(administrative.communesClosed)} closed, ${count(population.residents)} residents in one transaction, ${count(population.residentsRekeyed)} of them with another key`,
    );
  }
}

function dataPlanes({ urls }: Backbone): string[] {
  return (['agent-g01', 'agent-g12', 'distributor', 'general-database'] as const).flatMap((app) => urls[app] ?? []);
}
