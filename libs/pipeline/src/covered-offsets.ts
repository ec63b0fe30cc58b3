/** Next offsets by `topic/partition`. */
type Offsets = Readonly<Record<string, bigint>>;

/**
 * The end offsets that are stored with a position: where the next start begins to look for what was sent beyond it. Everything below them has to stand at or below
 * the stored position, or that start would look too late, overlook the highest position that was ever sent, and believe a restored source.
 *
 * Offsets taken when the position is stored do not do: by then rows of the next transaction are acknowledged too. So they are taken where a transaction has just
 * ended. Whatever this writer has written then belongs to the point that is reached, and so does what is acknowledged of it; any point that is stored later
 * lies higher. That is a little early, never late.
 *
 * What an earlier run sent beyond the stored position stands in front of whatever this one writes. Until the stream is through with it, the offsets therefore stay
 * where they were.
 *
 * To take them at every commit would cost more than to store them, so they are taken once for each time they are asked for.
 */
export class CoveredOffsets {
  #offsets: Offsets;
  readonly #sentBefore: bigint;
  #isWanted = true;
  #isThrough = false;

  /**
   * @param stored of the last run
   * @param sentBefore the highest sequence that earlier runs sent in this epoch
   */
  constructor(stored: Offsets, sentBefore: bigint) {
    this.#offsets = stored;
    this.#sentBefore = sentBefore;
  }

  /** Nothing is open and `sequence` is reached. @param acknowledged asked at once, or not at all */
  reached(sequence: bigint, acknowledged: () => ReadonlyMap<string, bigint>): void {
    if (sequence < this.#sentBefore) return;
    this.#isThrough = true;
    if (!this.#isWanted) return;
    this.#offsets = { ...this.#offsets, ...Object.fromEntries(acknowledged()) };
    this.#isWanted = false;
  }

  /** Nothing comes again any more that an earlier run has sent. */
  get isThrough(): boolean {
    return this.#isThrough;
  }

  /** To be stored with any point that was reached so far. */
  take(): Offsets {
    this.#isWanted = true;
    return this.#offsets;
  }
}
