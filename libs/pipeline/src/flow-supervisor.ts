import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, TrucError } from '@truc/kernel';

/**
 * The life of a flow:
 *
 *   waiting ──▶ running ──▶ retrying ──▶ running …     a failure that may pass by itself
 *      ▲           │  └───▶ stopped                    a failure that needs a person; `resume` tries again
 *      └─ resume ─ paused ◀─ pause
 *
 * `closed` is final.
 */
export type FlowState =
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'running' }
  | { readonly kind: 'retrying'; readonly code: string; readonly reason: string; readonly attempt: number }
  | { readonly kind: 'stopped'; readonly code: string; readonly reason: string }
  | { readonly kind: 'paused' }
  | { readonly kind: 'closed' };

export interface FlowSupervisorOptions {
  /** One attempt; resolves when `signal` aborts. */
  readonly run: (signal: AbortSignal) => Promise<void>;
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
    if (this.#loop !== null && this.#wanted === 'pause') {
      await this.#loop;
      // It may have been closed meanwhile, and a flow that nobody owns would run beside its successor.
      if (this.#isClosed()) return;
    }
    this.#wanted = 'run';
    this.#loop ??= this.#keepRunning().finally(() => {
      this.#loop = null;
    });
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
    this.#state = state;
    this.#options.onState?.(state);
  }

  async #keepRunning(): Promise<void> {
    const { retryMs = 500, retryMsMax = 15_000, random = Math.random } = this.#options;
    let failures = 0;
    while (this.#wanted === 'run') {
      const attempt = new AbortController();
      this.#attempt = attempt;
      const started = performance.now();
      try {
        this.#become({ kind: 'running' });
        await this.#options.run(attempt.signal);
        if (!attempt.signal.aborted) throw new TrucError('FLOW_ENDED', 'the flow ended by itself', { retry: true });
      } catch (error) {
        if (attempt.signal.aborted) continue;
        const code = error instanceof TrucError ? error.code : 'FLOW_FAILED';
        if (error instanceof TrucError && !error.retry) {
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
