import type { PolicyEntry } from '@truc/coordination';
import { readMetrics } from '@truc/local-stack';
import type { Language } from '@truc/kernel';
import { datasetPipelines, isSnapshotDone, type DatasetPipeline } from './dataset-pipeline.js';
import { headLine, liveLines, plainLine, type LiveView as Shown } from './live-lines.js';
import type { Phase } from './live-text.js';
import { SnapshotPace } from './snapshot-pace.js';
import { TerminalScreen, type Terminal } from './terminal-screen.js';

export interface LiveViewOptions {
  /** Where the processes tell their metrics. */
  readonly urls: readonly string[];
  readonly policy: readonly PolicyEntry[];
  readonly language: Language;
  readonly output: Terminal & { readonly isTTY?: boolean };
}

const lookMs = 500;
const plainMs = 5_000;

/** Shows what the processes tell of themselves: drawn in place on a terminal, plain lines elsewhere. */
export class LiveView {
  readonly #options: LiveViewOptions;
  readonly #screen: TerminalScreen | null;
  readonly #pace = new SnapshotPace();
  readonly #startedAtMs = performance.now();
  readonly #snapshotDone = Promise.withResolvers<void>();
  #pipelines: readonly DatasetPipeline[] = [];
  #phase: Phase = 'snapshot';
  #events = 0;
  #plainAtMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#screen = options.output.isTTY === true ? new TerminalScreen(options.output) : null;
  }

  /** Resolves when every dataset has told that its initial snapshot is complete. */
  get snapshotDone(): Promise<void> {
    return this.#snapshotDone.promise;
  }

  start(): void {
    const look = (): void => {
      this.#looking = this.#look().finally(() => {
        if (this.#timer !== null) this.#timer = setTimeout(look, lookMs);
      });
    };
    this.#timer = setTimeout(look, 0);
  }

  set phase(phase: Phase) {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#show(performance.now(), true);
  }

  countEvent(): void {
    this.#events += 1;
  }

  get events(): number {
    return this.#events;
  }

  /** A line that stays. */
  print(line: string): void {
    if (this.#screen === null) this.#options.output.write(`${line}\n`);
    else this.#screen.print(line);
  }

  /** Shows what is true now for the last time. */
  async end(): Promise<void> {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    await this.#looking;
    this.#screen?.end();
  }

  async #look(): Promise<void> {
    const samples = await readMetrics(this.#options.urls);
    this.#pipelines = datasetPipelines(samples, this.#options.policy);
    if (isSnapshotDone(this.#pipelines)) this.#snapshotDone.resolve();
    this.#show(performance.now(), false);
  }

  #show(nowMs: number, isForced: boolean): void {
    const { language, output } = this.#options;
    const shown: Shown = {
      phase: this.#phase,
      elapsedMs: nowMs - this.#startedAtMs,
      events: this.#events,
      pipelines: this.#pipelines,
      snapshot: this.#pace.look(this.#pipelines, nowMs),
    };
    if (this.#screen !== null) {
      this.#screen.draw(['', ...liveLines(shown, this.#screen.width, language)]);
      return;
    }
    if (!isForced && (this.#pipelines.length === 0 || nowMs - this.#plainAtMs < plainMs)) return;
    this.#plainAtMs = nowMs;
    const lines = [headLine(shown, language), ...this.#pipelines.map((pipeline) => `  ${plainLine(pipeline, language)}`)];
    output.write(`${lines.join('\n')}\n`);
  }
}
