import { maxPosition, type Position } from '@truc/kernel';
import { CoveredOffsets } from './covered-offsets.js';
import type { ViewProgress } from './fanout-state.js';

const beginning = -2n;

/**
 * How far one partition of a view is in this run, and what of it may be stored.
 *
 * What is stored is a pair that has to fit: where the dataset is read on, and from where the next start looks for what the view was sent beyond that. Were the
 * second one late, that start would overlook an event whose loss at the dataset it is there to find:
 * (1) everything up to `next` is flushed; (2) meanwhile the following batch is written, and acknowledged with it; (3) the view's end is stored behind that batch.
 * So the end comes from `CoveredOffsets`: never late, and early by what was in flight. `sentUpTo` tells the next start that this is no news.
 */
export class FanoutProgress {
  readonly #place: string;
  readonly #offsets: CoveredOffsets;
  #next: bigint;
  #sentUpTo: Position | null;
  #storedNext: bigint | null;

  /**
   * @param place `topic/partition` of the view
   * @param sentBefore next offset of the dataset behind everything that earlier runs sent (`findSent`)
   */
  constructor(place: string, stored: ViewProgress | undefined, sentBefore: bigint) {
    const end = stored?.viewEndOffset ?? null;
    this.#place = place;
    this.#offsets = new CoveredOffsets(end === null ? {} : { [place]: end }, sentBefore);
    this.#next = stored?.nextOffset ?? beginning;
    this.#sentUpTo = stored?.sentUpTo ?? null;
    this.#storedNext = stored?.nextOffset ?? null;
  }

  /** Next offset of the dataset's partition; everything below was given to the writer. */
  get next(): bigint {
    return this.#next;
  }

  /**
   * Everything of the dataset below `next` was given to the writer.
   * @param highest position among it; null where nothing had one
   * @param acknowledged the writer's end offsets, asked at once or not at all
   */
  reached(next: bigint, highest: Position | null, acknowledged: () => ReadonlyMap<string, bigint>): void {
    if (next <= this.#next) return;
    this.#next = next;
    this.#sentUpTo = maxPosition(this.#sentUpTo, highest);
    this.#offsets.reached(next, () => new Map([...acknowledged()].filter(([place]) => place === this.#place)));
  }

  /** To be stored once everything that was written so far is acknowledged; null when nothing moved since `stored`. */
  take(): ViewProgress | null {
    if (this.#next < 0n || this.#next === this.#storedNext) return null;
    return { nextOffset: this.#next, viewEndOffset: this.#offsets.take()[this.#place] ?? null, sentUpTo: this.#sentUpTo };
  }

  stored({ nextOffset }: ViewProgress): void {
    this.#storedNext = nextOffset;
  }
}
