/**
 * Turns Ctrl-C and its relatives into wishes. The first one ends the work in order. The second one, where there is something left that can be given up, gives that up.
 * Any further one ends this process at once; the watchdog of the children then ends them.
 */
export class StopRequest {
  readonly #first = new AbortController();
  readonly #second = new AbortController();
  readonly #leave: () => void;
  readonly #listeners: Readonly<Record<'SIGINT' | 'SIGTERM' | 'SIGHUP', () => void>> = {
    SIGINT: () => this.ask(),
    SIGTERM: () => {
      if (!this.#isAlone) this.ask();
    },
    // A terminal that is closed tells every process in it, and those pass it on: never a second wish.
    SIGHUP: () => this.#first.abort(),
  };
  #isAlone = false;
  readonly #alone = (): void => {
    this.#isAlone = true;
    this.#first.abort();
    this.#second.abort();
  };
  /** Whether something goes on that a second wish ends sooner. */
  hasMoreToGiveUp = false;

  /** @param leave ends the process; returns in tests only */
  constructor(leave: () => void) {
    this.#leave = leave;
    for (const [signal, listener] of Object.entries(this.#listeners)) process.on(signal, listener);
    // The one who started us was killed: nobody waits for a verdict.
    process.on('disconnect', this.#alone);
    // Nobody reads our lines any more: `npm start | head`.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', this.#listeners.SIGHUP);
  }

  get wanted(): AbortSignal {
    return this.#first.signal;
  }

  get atOnce(): AbortSignal {
    return this.#second.signal;
  }

  ask(): void {
    if (!this.#first.signal.aborted) this.#first.abort();
    else if (this.hasMoreToGiveUp && !this.#second.signal.aborted) this.#second.abort();
    else this.#leave();
  }

  /** Signals mean again what they mean to every process. */
  end(): void {
    for (const [signal, listener] of Object.entries(this.#listeners)) process.off(signal, listener);
    process.off('disconnect', this.#alone);
    for (const stream of [process.stdout, process.stderr]) stream.off('error', this.#listeners.SIGHUP);
  }
}
