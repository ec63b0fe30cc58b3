import { isDeepStrictEqual } from 'node:util';
import { whileHeld, type Lease } from './lease.js';
import { FlowSupervisor, type FlowState, type FlowSupervisorOptions, type StandBy } from './flow-supervisor.js';

/** A flow that should be running. */
export interface FlowPlan {
  readonly name: string;
  /** What the flow was made from: where it differs from what is running, the flow is ended and begun anew. Compared by content. */
  readonly from: unknown;
  /** Makes the flow's attempt; called at every attempt. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** The flow runs under it instead of the set's. Its owner closes it after the set. */
  readonly lease?: Lease;
  /** What else, beside the lease, says that the flow has to stand by for another process. */
  readonly standBy?: StandBy;
}

export interface FlowSetOptions extends Pick<FlowSupervisorOptions, 'retryMs' | 'retryMsMax' | 'random' | 'standByMs'> {
  /** Every flow without a lease of its own runs under it, and stands by for the process that holds it. Its owner closes it after the set. */
  readonly lease?: Lease;
  readonly onState?: (flow: string, state: FlowState) => void;
}

interface RunningFlow {
  readonly plan: FlowPlan;
  readonly supervisor: FlowSupervisor;
  readonly forgetLease: () => void;
}

/** The flows of one process, each by itself: a new plan starts, a changed one starts anew, a withdrawn one ends; the others do not notice. */
export class FlowSet {
  readonly #options: FlowSetOptions;
  readonly #flows = new Map<string, RunningFlow>();
  readonly #paused = new Set<string>();
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: FlowSetOptions = {}) {
    this.#options = options;
  }

  /** Resolves when what was withdrawn or changed has ended in order and the others are started. One call at a time, the last one counts. */
  follow(plans: readonly FlowPlan[]): Promise<void> {
    return this.#inTurn(() => this.#follow(plans));
  }

  /** Ends the flow's attempt in order. A flow of this name stays paused, one that comes later too, until it is resumed. */
  pause(name: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#paused.add(name);
      await this.#flows.get(name)?.supervisor.pause();
    });
  }

  /** Begins anew what was paused or stopped; void for a flow that runs. */
  resume(name: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#paused.delete(name);
      await this.#flows.get(name)?.supervisor.resume();
    });
  }

  states(): Record<string, FlowState> {
    return Object.fromEntries([...this.#flows].map(([name, { supervisor }]) => [name, supervisor.state]));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
    await Promise.all([...this.#flows.values()].map((flow) => this.#end(flow)));
  }

  async #end({ supervisor, forgetLease }: RunningFlow): Promise<void> {
    forgetLease();
    await supervisor.close();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #follow(plans: readonly FlowPlan[]): Promise<void> {
    if (this.#isClosed) return;
    const wanted = new Map(plans.map((plan) => [plan.name, plan]));
    const ended = [...this.#flows].filter(([name, { plan }]) => !isDeepStrictEqual(plan.from, wanted.get(name)?.from));
    await Promise.all(
      ended.map(async ([name, flow]) => {
        await this.#end(flow);
        this.#flows.delete(name);
      }),
    );
    if (this.#isClosed) return;
    for (const plan of wanted.values()) {
      if (this.#flows.has(plan.name)) continue;
      const { name } = plan;
      const supervisor = new FlowSupervisor(this.#supervision(plan));
      this.#flows.set(name, { plan, supervisor, forgetLease: this.#retryWithLease(plan, supervisor) });
      if (this.#paused.has(name)) await supervisor.pause();
      else await supervisor.resume();
    }
  }

  /**
   * What this process stopped at before another held the lease may have been mended there since, so it is looked at anew when the lease comes back. Where it is lost, the
   * same makes a stopped flow stand by: what needs a person is then told by the process that holds it.
   */
  #retryWithLease({ lease = this.#options.lease }: FlowPlan, supervisor: FlowSupervisor): () => void {
    return lease?.onChange(() => void supervisor.retry()) ?? (() => {});
  }

  #supervision({ name, run, standBy, lease = this.#options.lease }: FlowPlan): FlowSupervisorOptions {
    const { lease: _, onState, ...times } = this.#options;
    const shared = { ...times, onState: (state: FlowState) => onState?.(name, state) };
    if (lease === undefined) return standBy === undefined ? { ...shared, run } : { ...shared, run, standBy };
    return {
      ...shared,
      run: (signal) => whileHeld(lease, signal, run),
      standBy: async (signal) => (await standBy?.(signal)) ?? lease.standBy(),
    };
  }
}
