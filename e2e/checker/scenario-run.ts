import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicyEntry } from '@truc/coordination';
import { messageOf, TrucError } from '@truc/kernel';
import { untilDrained, type Backbone } from '@truc/local-stack';
import type { BackboneAccess } from './backbone-access.js';
import { givenUpAt, storedEpoch } from './checked-slot.js';
import { endOf } from './position.js';
import { GapWatch } from './gap-watch.js';
import { HistoryFile, type Tell } from './history-file.js';
import { readLogEnds, type LogEnds } from './log-ends.js';
import { recoverySeconds } from './invariants/recovery.js';
import { judge } from './judgement.js';
import { prepareOplog } from './oplog.js';
import { sampleProgress } from './progress-sampling.js';
import { seededRandom } from '@truc/demo';
import { writeReport } from './report.js';
import { runningProcess } from './running-process.js';
import { requiredInvariants, type ExpectedGap, type Scenario } from './scenario.js';
import { untilReceiptsSent } from './receipt-outbox.js';
import { readSourceScene } from './source-scene.js';
import type { Stage, StageProxies } from './stage.js';
import { installAudit, removeAudit, type Target } from './target-audit.js';
import type { Verdict } from './verdict.js';
import { makeVerdict } from './verdict-making.js';
import { WriterSet } from './writer-set.js';

export interface ScenarioRunOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly quick: boolean;
  readonly plant: string | null;
  readonly backbone: BackboneAccess;
  /** Null where it belongs to somebody else. */
  readonly own: Backbone | null;
  readonly proxies: StageProxies | null;
  /** The command that does the same again. */
  readonly repeat: string;
  /** Where history and report are written. */
  readonly directory: string;
  /** What of the log an earlier run on the same backbone has judged, up to its rest; nothing by default. */
  readonly judged?: LogEnds;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

/** How long the writers write before the first fault, and how long everything may take to arrive after the last one. */
const warmUpMs = 3_000;
const arrivalMs = 180_000;
const gapLookMs = 2_000;
/** How long a gap may take to be named, resolved and captured past. */
const gapMs = 90_000;

/** Runs a scenario against a running backbone and judges it. @throws TrucError where it cannot begin or cannot be judged */
export async function runScenario(options: ScenarioRunOptions): Promise<Verdict> {
  const directory = join(options.directory, `${options.scenario.name}-${options.seed}${options.plant === null ? '' : `-${options.plant}`}`);
  mkdirSync(directory, { recursive: true });
  const history = new HistoryFile(join(directory, 'history.ndjson'), options.tell);
  const run = new ScenarioRun(options, history);
  try {
    const verdict = await run.verdict(join(directory, 'report.html'));
    writeReport(directory, { verdict, describes: options.scenario.describes, events: history.events, repeat: options.repeat });
    return verdict;
  } finally {
    await run.close();
    history.close();
  }
}

class ScenarioRun {
  readonly #options: ScenarioRunOptions;
  readonly #history: HistoryFile;
  readonly #targets: { readonly general: Target; readonly subscriber: Target };
  readonly #shortcomings: string[] = [];
  #policy: readonly PolicyEntry[] = [];

  constructor(options: ScenarioRunOptions, history: HistoryFile) {
    const { generalDatabase, socialInsurance } = options.backbone.databases;
    this.#options = options;
    this.#history = history;
    options.own?.onExit((error) => this.#shortcomings.push(error.message));
    this.#targets = {
      general: { name: 'the general database', url: generalDatabase, consumer: 'general-database' },
      subscriber: { name: 'the subscriber social_insurance', url: socialInsurance, consumer: 'g12-34' },
    };
  }

  async verdict(report: string): Promise<Verdict> {
    const { scenario, seed, quick, plant, backbone, signal } = this.#options;
    const history = this.#history;
    history.add({ kind: 'run', scenario: scenario.name, seed, quick, plant });
    history.add({ kind: 'phase', name: 'waiting until the backbone is at rest' });
    this.#policy = await backbone.policy();
    await this.#untilDrained();
    const firstOp = await prepareOplog(backbone.databases.population);
    const firstEpoch = await storedEpoch(backbone, signal);
    for (const target of Object.values(this.#targets)) await installAudit(target);

    const scene = await readSourceScene(backbone.databases.population, backbone.databases.administrative);
    const sourceUrl = backbone.databases.population;
    const writers = new WriterSet({ sourceUrl, ...scene, history, workload: scenario.workload, seed, firstOp, signal });
    const gaps = new GapWatch(backbone.platform, history, async () => scenario.mends?.(backbone));
    const sampling = new AbortController();
    const samples = this.#sample(() => writers.operations, sampling.signal);
    const looking = this.#keepLooking(gaps, sampling.signal);
    try {
      await this.#act(writers, gaps);
      await this.#untilArrived();
    } finally {
      sampling.abort();
      await Promise.all([samples, looking]);
    }
    const ends = await readLogEnds(backbone.kafka, this.#policy);
    await untilReceiptsSent(Object.values(this.#targets), ends, signal);
    const { answered, silent } = await gaps.lookAtAll();
    this.#shortcomings.push(...silent.map((source) => `the source ${source} did not tell its state when everything was over`));
    history.add({ kind: 'phase', name: 'reading everything back' });
    const targets = this.#targets;
    const required = requiredInvariants(scenario, quick);
    const isNamed = history.events.some(({ kind }) => kind === 'gap');
    const apart = history.events.find((event) => event.kind === 'stands-apart');
    const knownUpTo = endOf(
      firstEpoch,
      apart === undefined ? (isNamed ? await givenUpAt(backbone, firstEpoch, signal) : null) : BigInt(apart.sequence),
    );
    const findings = await judge({
      backbone,
      policy: this.#policy,
      targets,
      history,
      firstOp,
      knownUpTo,
      required,
      expectedGaps: scenario.expectedGaps,
      sourcesAsked: answered,
      judged: this.#options.judged ?? new Map(),
      ends,
      isAlone: this.#options.own !== null,
      signal,
    });
    return makeVerdict({
      scenario: scenario.name,
      seed,
      plant,
      required,
      transactions: writers.transactions,
      operations: writers.operations,
      faults: history.faults,
      transactionsDuringFaults: scenario.pausesWriters === true ? null : history.transactionsDuringFaults,
      findings,
      shortcomings: this.#shortcomings,
      recoverySeconds: recoverySeconds(history.faults, history.events),
      report,
    });
  }

  async close(): Promise<void> {
    for (const target of Object.values(this.#targets)) await removeAudit(target).catch(() => undefined);
  }

  /** Lets the writers write and the scenario trouble them; ends with everything mended and nobody writing. */
  async #act(writers: WriterSet, gaps: GapWatch): Promise<void> {
    const { scenario, signal } = this.#options;
    this.#history.add({ kind: 'phase', name: `${scenario.name}: ${scenario.describes}` });
    writers.start();
    try {
      await sleep(warmUpMs, undefined, { signal });
      await scenario.run(this.#stage(writers, gaps));
    } catch (error) {
      signal.throwIfAborted();
      this.#shortcomings.push(`the scenario did not come to its end: ${messageOf(error)}`);
      this.#history.add({ kind: 'note', text: this.#shortcomings.at(-1) ?? '' });
    } finally {
      await writers.stop().catch((error: unknown) => {
        this.#shortcomings.push(`a writer stopped before its time: ${messageOf(error)}`);
      });
    }
    signal.throwIfAborted();
  }

  #stage(writers: WriterSet, gaps: GapWatch): Stage {
    const { backbone, own, proxies, scenario, seed, quick, signal } = this.#options;
    const foreign = (): never => {
      throw new TrucError('CHECKER_BACKBONE_FOREIGN', 'this needs a backbone that the checker started itself: leave --directory out');
    };
    return {
      backbone,
      own: () => own ?? foreign(),
      process: (name) => runningProcess(own?.process(name) ?? foreign()),
      proxies: () => proxies ?? foreign(),
      writers,
      history: this.#history,
      random: seededRandom(seed, 'scenario'),
      quick,
      untilDrained: () => this.#untilDrained(),
      untilGapsResolved: () => this.#untilResolved(gaps, scenario.expectedGaps),
      sleep: (milliseconds) => sleep(milliseconds, undefined, { signal }),
      signal,
    };
  }

  async #sample(committedOps: () => number, signal: AbortSignal): Promise<void> {
    const { backbone } = this.#options;
    const { general, subscriber } = this.#targets;
    const urls = { generalUrl: general.url, subscriberUrl: subscriber.url };
    await sampleProgress({ backbone, policy: this.#policy, history: this.#history, ...urls, committedOps, signal }).catch(
      (error: unknown) => this.#history.add({ kind: 'note', text: `progress is not sampled any more: ${messageOf(error)}` }),
    );
  }

  /** Until what was committed has arrived. Failing that is for the judges to tell. */
  async #untilArrived(): Promise<void> {
    this.#history.add({ kind: 'phase', name: 'waiting until everything has arrived' });
    const startedAt = this.#history.now();
    const deadline = AbortSignal.timeout(arrivalMs);
    for (;;) {
      try {
        await this.#untilDrained(AbortSignal.any([this.#options.signal, deadline]));
        this.#history.add({ kind: 'drained', afterMs: this.#history.now() - startedAt });
        return;
      } catch (error) {
        this.#options.signal.throwIfAborted();
        if (deadline.aborted) return;
        // Somebody may still be on the way up.
        this.#history.add({ kind: 'note', text: `not everything has arrived: ${messageOf(error)}` });
        await sleep(gapLookMs, undefined, { signal: this.#options.signal });
      }
    }
  }

  async #untilResolved(gaps: GapWatch, expected: readonly ExpectedGap[]): Promise<void> {
    const deadline = performance.now() + gapMs;
    while (!gaps.areResolved(expected)) {
      if (performance.now() > deadline)
        throw new TrucError('CHECKER_GAP_MISSING', `the gaps that must be named are not named and resolved after ${gapMs / 1_000} s`);
      await sleep(gapLookMs / 4, undefined, { signal: this.#options.signal });
    }
  }

  /** Resolves gaps as soon as they are named, as an operator would. */
  async #keepLooking(gaps: GapWatch, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await gaps.look();
      await sleep(gapLookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #untilDrained(signal = this.#options.signal): Promise<void> {
    const { backbone } = this.#options;
    await untilDrained({
      policy: this.#policy,
      kafka: backbone.kafka,
      serverUrl: backbone.databases.population,
      generalDatabaseUrl: this.#targets.general.url,
      targets: { social_insurance: this.#targets.subscriber.url },
      signal,
    });
  }
}
