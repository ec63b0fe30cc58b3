import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, TrucError } from '@truc/kernel';
import { asPassing, isFenced } from './passing-failure.js';

/**
 * The life of a flow:
 *
 *   waiting ──▶ running ──▶ retrying ──▶ waiting …     a failure that may pass by itself
 *      ▲           │  └───▶ stopped                    a failure that needs a person; `resume` and `retry` try again
 *      └─ resume ─ paused ◀─ pause
 *
 * It waits before every attempt for as long as another process runs the flow. `closed` is final.
 */
export type FlowState =
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'running' }
  | { readonly kind: 'retrying'; readonly code: string; readonly reason: string; readonly attempt: number }
  | { readonly kind: 'stopped'; readonly code: string; readonly reason: string }
  | { readonly kind: 'paused' }
  | { readonly kind: 'closed' };

/** For people: why a flow has to wait for another process, e.g. `the slot "truc_x" is in use by pid 42; standing by`; null when it may run. */
export type StandBy = (signal: AbortSignal) => Promise<string | null>;

export interface FlowSupervisorOptions {
  /** One attempt; resolves when `signal` aborts. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /**
   * Asked before every attempt: why the flow has to stand by for another process that runs it, or null. Where it is given, having been fenced is no matter for a
   * person: the flow stands by, and goes on when the other process has left.
   */
  readonly standBy?: StandBy;
  /** How often that is asked while the flow stands by, in milliseconds. */
  readonly standByMs?: number;
  readonly onState?: (state: FlowState) => void;
  /** First pause before another attempt in milliseconds; doubles up to `retryMsMax`. */
  readonly retryMs?: number;
  readonly retryMsMax?: number;
  /** 0 to 1, for the jitter. */
  readonly random?: () => number;
}

/** An attempt that lasted this long counts as a success, and the pauses begin anew. */
const steadyMs = 60_000;

/** Keeps one flow running: tries again what may pass, stops at what needs a person, pauses and resumes on command. */
export class FlowSupervisor {
  readonly #options: FlowSupervisorOptions;
  #state: FlowState = { kind: 'waiting', reason: 'not started' };
  #attempt: AbortController | null = null;
  #loop: Promise<void> | null = null;
  #wanted: 'run' | 'pause' | 'close' = 'pause';

  constructor(options: FlowSupervisorOptions) {
    this.#options = options;
  }

  get state(): FlowState {
    return this.#state;
  }

  /** Starts, or starts again after a pause or a stop. Void while it runs. */
  async resume(): Promise<void> {
    if (this.#wanted === 'close') return;
    if (this.#loop !== null && (this.#wanted === 'pause' || this.#state.kind === 'stopped')) {
      await this.#loop;
      // It may have been closed meanwhile, and a flow that nobody owns would run beside its successor.
      if (this.#isClosed()) return;
    }
    this.#wanted = 'run';
    // Whoever looks right after it was resumed is not told that it is paused.
    if (this.#loop === null && this.#state.kind !== 'waiting') this.#become({ kind: 'waiting', reason: 'starting' });
    this.#loop ??= this.#keepRunning().finally(() => {
      this.#loop = null;
    });
  }

  /** Tries again what stopped, and nothing else: what a person paused stays so. */
  async retry(): Promise<void> {
    if (this.#state.kind === 'stopped') await this.resume();
  }

  /** Ends the attempt in order and stays paused. */
  async pause(): Promise<void> {
    if (this.#wanted === 'close') return;
    this.#wanted = 'pause';
    this.#attempt?.abort();
    await this.#loop;
    this.#become({ kind: 'paused' });
  }

  async close(): Promise<void> {
    this.#wanted = 'close';
    this.#attempt?.abort();
    await this.#loop;
    this.#become({ kind: 'closed' });
  }

  #isClosed(): boolean {
    return this.#wanted === 'close';
  }

  #become(state: FlowState): void {
    if (state.kind === 'waiting' && this.#state.kind === 'waiting' && state.reason === this.#state.reason) return;
    this.#state = state;
    this.#options.onState?.(state);
  }

  /** Resolves when no other process runs the flow, or `signal` aborts. */
  async #standBy(signal: AbortSignal): Promise<void> {
    const { standBy, standByMs = 1_000 } = this.#options;
    while (standBy !== undefined && !signal.aborted) {
      // Whom it asks may refuse a password that is being changed, as whom the flow asks may.
      const reason = await standBy(signal).catch((error: unknown) => {
        throw asPassing(error);
      });
      if (reason === null || signal.aborted) return;
      this.#become({ kind: 'waiting', reason });
      await sleep(standByMs, undefined, { signal }).catch(() => {});
    }
  }

  #needsPerson(error: unknown): error is TrucError {
    if (!(error instanceof TrucError) || error.retry) return false;
    return this.#options.standBy === undefined || !isFenced(error);
  }

  async #keepRunning(): Promise<void> {
    const { retryMs = 500, retryMsMax = 15_000, random = Math.random } = this.#options;
    let failures = 0;
    while (this.#wanted === 'run') {
      const attempt = new AbortController();
      this.#attempt = attempt;
      let started = performance.now();
      try {
        await this.#standBy(attempt.signal);
        if (attempt.signal.aborted) continue;
        started = performance.now();
        this.#become({ kind: 'running' });
        await this.#options.run(attempt.signal);
        if (!attempt.signal.aborted) throw new TrucError('FLOW_ENDED', 'the flow ended by itself', { retry: true });
      } catch (error) {
        if (attempt.signal.aborted) continue;
        const code = error instanceof TrucError ? error.code : 'FLOW_FAILED';
        if (this.#needsPerson(error)) {
          this.#become({ kind: 'stopped', code, reason: reasonOf(error) });
          return;
        }
        failures = performance.now() - started > steadyMs ? 1 : failures + 1;
        this.#become({ kind: 'retrying', code, reason: reasonOf(error), attempt: failures });
        const pauseMs = Math.min(retryMsMax, retryMs * 2 ** (failures - 1)) * (0.5 + random() / 2);
        await sleep(pauseMs, undefined, { signal: attempt.signal }).catch(() => {});
      }
    }
  }
}
