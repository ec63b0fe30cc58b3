/** Turns Ctrl-C and its relatives into two wishes: the first one ends the work in order, the second one ends it at once. */
export class StopRequest {
  readonly #first = new AbortController();
  readonly #second = new AbortController();
  readonly #listener = (): void => this.ask();

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, this.#listener);
    // Nobody reads our lines any more: `npm start | head`.
    process.stdout.on('error', this.#listener);
  }

  get wanted(): AbortSignal {
    return this.#first.signal;
  }

  get atOnce(): AbortSignal {
    return this.#second.signal;
  }

  ask(): void {
    (this.#first.signal.aborted ? this.#second : this.#first).abort();
  }

  /** Signals mean again what they mean to every process. */
  end(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, this.#listener);
  }
}
