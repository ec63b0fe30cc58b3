import type { RecordedEvent } from './event-history.js';
import type { KeyHistory } from './key-history.js';

/** Knows which events tell of what a restore of the source has taken back. They were true when they were published, and nothing in the source answers for them now. */
export class RestoredSource {
  readonly #restores: readonly { readonly epoch: number; readonly after: bigint }[];

  constructor(events: readonly RecordedEvent[]) {
    this.#restores = events.flatMap((event) =>
      event.kind === 'taken-back' ? [{ epoch: event.epoch, after: BigInt(event.afterLsn) }] : [],
    );
  }

  /** The history without what was taken back. */
  without(history: KeyHistory): KeyHistory {
    if (this.#restores.length === 0) return history;
    const events = history.events.filter(
      ({ place }) => place === null || !this.#restores.some(({ epoch, after }) => place.epoch === epoch && place.sequence > after),
    );
    return { ...history, events };
  }
}
