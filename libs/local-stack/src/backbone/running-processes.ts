import type { TrucError } from '@truc/kernel';
import type { StackProcess } from '../stack-process.js';

/** Something started that can be stopped: a server or an app. */
export interface RunningPart {
  readonly pid: number;
  readonly process: StackProcess;
  stop(): Promise<void>;
}

interface KnownPart {
  /** Starts it, the first time and again. */
  readonly begin: (signal: AbortSignal) => Promise<RunningPart>;
  /** The last one that was started. */
  part: RunningPart | null;
  /** Whether its end is a fault: not while somebody has said that it may end. */
  mayEnd: boolean;
  /** Name of the part in whose turn it is stopped. */
  readonly turn: string;
}

/**
 * Every child of one backbone. An end that nobody asked for is told once to whoever listens; from the moment that stopping began nothing new stays.
 */
export class RunningProcesses {
  readonly #known = new Map<string, KnownPart>();
  readonly #listeners = new Set<(error: TrucError) => void>();
  /** Rejects when a child ends that nobody asked to; starting races with it. */
  readonly #died = Promise.withResolvers<never>();
  #death: TrucError | null = null;
  /** Those that are on their way; a stop gives them up and waits for that, so that nothing is left running. */
  readonly #starting = new Set<Promise<unknown>>();
  readonly #giveUp = new AbortController();
  #isStopping = false;

  /** @param signal gives up what is being waited for */
  constructor(signal?: AbortSignal) {
    this.#died.promise.catch(() => undefined);
    signal?.addEventListener('abort', () => {
      this.#died.reject(signal.reason as Error);
      this.#giveUp.abort(signal.reason);
    });
  }

  /** Those that run now. */
  get parts(): readonly { readonly name: string; readonly pid: number }[] {
    return [...this.#known].flatMap(([name, { part }]) => (part?.process.running === true ? [{ name, pid: part.pid }] : []));
  }

  /** The last one that was started under this name, or null. */
  part(name: string): RunningPart | null {
    return this.#known.get(name)?.part ?? null;
  }

  has(name: string): boolean {
    return this.#known.has(name);
  }

  /** @param listener called at once when a child has died already */
  onExit(listener: (error: TrucError) => void): void {
    if (this.#death !== null) listener(this.#death);
    else this.#listeners.add(listener);
  }

  /** Waits for a part to start, but not longer than the others live. @param turn with whom it is stopped */
  async start<P extends RunningPart>(name: string, begin: (signal: AbortSignal) => Promise<P>, turn = name): Promise<P> {
    const known: KnownPart = { begin, part: null, mayEnd: false, turn };
    this.#known.set(name, known);
    return this.#run(known, begin);
  }

  /** Starts a part again that has ended, as it was started before. */
  async startAgain(name: string): Promise<void> {
    const known = this.#known.get(name);
    if (known === undefined || known.part?.process.running === true) return;
    await this.#run(known, known.begin);
    known.mayEnd = false;
  }

  /** From now on its end is no fault, until it is started again. */
  expectEnd(name: string): void {
    const known = this.#known.get(name);
    if (known !== undefined) known.mayEnd = true;
  }

  /** Waits for work that needs the children, but not longer than they live. */
  during<T>(work: Promise<T>): Promise<T> {
    work.catch(() => undefined);
    return Promise.race([work, this.#died.promise]);
  }

  /** Stops the parts of these names one after the other; each group of names side by side. */
  async stop(groups: readonly (readonly string[])[]): Promise<void> {
    this.#isStopping = true;
    this.#giveUp.abort();
    await Promise.allSettled(this.#starting);
    for (const names of groups) {
      await Promise.all([...this.#known.values()].filter(({ turn }) => names.includes(turn)).map(({ part }) => part?.stop()));
    }
  }

  async #run<P extends RunningPart>(known: KnownPart, begin: (signal: AbortSignal) => Promise<P>): Promise<P> {
    const added = begin(this.#giveUp.signal).then((part) => this.#add(known, part));
    this.#starting.add(added);
    added.catch(() => undefined).finally(() => this.#starting.delete(added));
    return Promise.race([added, this.#died.promise]);
  }

  async #add<P extends RunningPart>(known: KnownPart, part: P): Promise<P> {
    if (this.#isStopping) {
      await part.stop();
      return part;
    }
    const { process } = part;
    known.part = part;
    process.once('exit', (exit) => {
      if (exit.wanted || known.mayEnd || this.#isStopping || this.#death !== null) return;
      this.#death = process.exitError(exit);
      this.#died.reject(this.#death);
      for (const listener of this.#listeners) listener(this.#death);
    });
    return part;
  }
}
