import type { TrucError } from '@truc/kernel';
import type { StackProcess } from '../stack-process.js';

/** Something started that can be stopped: a server or an app. */
export interface RunningPart {
  readonly name: string;
  readonly pid: number;
  readonly process: StackProcess;
  stop(): Promise<void>;
}

/**
 * Every child of one backbone. An end that nobody asked for is told once to whoever listens; from the moment that stopping began nothing new stays.
 */
export class RunningProcesses {
  readonly #parts: RunningPart[] = [];
  readonly #listeners = new Set<(error: TrucError) => void>();
  /** Rejects when a child ends that nobody asked to; starting races with it. */
  readonly #died = Promise.withResolvers<never>();
  #death: TrucError | null = null;
  #isStopping = false;

  constructor() {
    this.#died.promise.catch(() => undefined);
  }

  get parts(): readonly RunningPart[] {
    return this.#parts;
  }

  /** @param listener called at once when a child has died already */
  onExit(listener: (error: TrucError) => void): void {
    if (this.#death !== null) listener(this.#death);
    else this.#listeners.add(listener);
  }

  /** Waits for a part to start, but not longer than the others live. */
  async start<P extends { readonly pid: number; readonly process: StackProcess; stop(): Promise<void> }>(starting: Promise<P>): Promise<P> {
    const added = starting.then((part) => this.#add(part));
    added.catch(() => undefined);
    return Promise.race([added, this.#died.promise]);
  }

  /** Waits for work that needs the children, but not longer than they live. */
  during<T>(work: Promise<T>): Promise<T> {
    work.catch(() => undefined);
    return Promise.race([work, this.#died.promise]);
  }

  /** Stops the parts of these names one after the other; each group of names side by side. */
  async stop(groups: readonly (readonly string[])[]): Promise<void> {
    this.#isStopping = true;
    for (const names of groups) {
      await Promise.all(this.#parts.filter(({ name }) => names.includes(name)).map((part) => part.stop()));
    }
  }

  async #add<P extends { readonly pid: number; readonly process: StackProcess; stop(): Promise<void> }>(part: P): Promise<P> {
    if (this.#isStopping) {
      await part.stop();
      return part;
    }
    const { process } = part;
    this.#parts.push({ name: process.name, pid: part.pid, process, stop: () => part.stop() });
    process.once('exit', (exit) => {
      if (exit.wanted || this.#isStopping || this.#death !== null) return;
      this.#death = process.exitError(exit);
      this.#died.reject(this.#death);
      for (const listener of this.#listeners) listener(this.#death);
    });
    return part;
  }
}
