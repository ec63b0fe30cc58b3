import type { RecordedEvent } from './event-history.js';
import type { HistoryFile } from './history-file.js';

/**
 * What a named gap may have swallowed: operations of transactions that were told after the moment up to which everything is captured, and begun before the moment from which everything is
 * captured again. Everything else has to be on the log, gap or no gap.
 */
export class LostRange {
  readonly #history: Pick<HistoryFile, 'spanOf'>;
  readonly #fromMs: number;
  readonly #toMs: number;

  private constructor(history: Pick<HistoryFile, 'spanOf'>, fromMs: number, toMs: number) {
    this.#history = history;
    this.#fromMs = fromMs;
    this.#toMs = toMs;
  }

  /** Null where no gap was named. */
  static of(history: Pick<HistoryFile, 'spanOf'> & { readonly events: readonly RecordedEvent[] }): LostRange | null {
    if (!history.events.some(({ kind }) => kind === 'gap')) return null;
    const before = history.events.findLast((event) => event.kind === 'captured-before');
    const again = history.events.find(({ kind }) => kind === 'captured-again');
    return new LostRange(history, before?.beforeMs ?? Infinity, again?.atMs ?? Infinity);
  }

  mayHold(opId: number): boolean {
    const span = this.#history.spanOf(opId);
    return span !== null && span.toldAtMs >= this.#fromMs && span.startedAtMs <= this.#toMs;
  }
}
