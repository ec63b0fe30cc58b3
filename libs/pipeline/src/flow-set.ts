import { isDeepStrictEqual } from 'node:util';
import { FlowSupervisor, type FlowState, type FlowSupervisorOptions } from './flow-supervisor.js';

/** A flow that should be running. */
export interface FlowPlan {
  readonly name: string;
  /** What the flow was made from: where it differs from what is running, the flow is ended and begun anew. Compared by content. */
  readonly from: unknown;
  /** Makes the flow's attempt; called at every attempt. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface FlowSetOptions extends Pick<FlowSupervisorOptions, 'retryMs' | 'retryMsMax' | 'random'> {
  readonly onState?: (flow: string, state: FlowState) => void;
}

interface RunningFlow {
  readonly plan: FlowPlan;
  readonly supervisor: FlowSupervisor;
}

/** The flows of one process, each by itself: a new plan starts, a changed one starts anew, a withdrawn one ends; the others do not notice. */
export class FlowSet {
  readonly #options: FlowSetOptions;
  readonly #flows = new Map<string, RunningFlow>();
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: FlowSetOptions = {}) {
    this.#options = options;
  }

  /** Resolves when what was withdrawn or changed has ended in order and the others are started. One call at a time, the last one counts. */
  follow(plans: readonly FlowPlan[]): Promise<void> {
    const done = this.#turn.then(() => this.#follow(plans));
    this.#turn = done.catch(() => {});
    return done;
  }

  states(): Record<string, FlowState> {
    return Object.fromEntries([...this.#flows].map(([name, { supervisor }]) => [name, supervisor.state]));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
    await Promise.all([...this.#flows.values()].map(({ supervisor }) => supervisor.close()));
  }

  async #follow(plans: readonly FlowPlan[]): Promise<void> {
    if (this.#isClosed) return;
    const wanted = new Map(plans.map((plan) => [plan.name, plan]));
    const ended = [...this.#flows].filter(([name, { plan }]) => !isDeepStrictEqual(plan.from, wanted.get(name)?.from));
    await Promise.all(
      ended.map(async ([name, { supervisor }]) => {
        await supervisor.close();
        this.#flows.delete(name);
      }),
    );
    if (this.#isClosed) return;
    for (const plan of wanted.values()) {
      if (this.#flows.has(plan.name)) continue;
      const { onState, ...times } = this.#options;
      const supervisor = new FlowSupervisor({ ...times, run: plan.run, onState: (state) => onState?.(plan.name, state) });
      this.#flows.set(plan.name, { plan, supervisor });
      await supervisor.resume();
    }
  }
}
