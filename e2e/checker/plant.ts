import type { InvariantName } from './invariant-name.js';

/** A bug that is built in behind a switch, to show that the checker finds it. */
export interface Plant {
  readonly name: string;
  /** What the planted code does wrong, in one sentence. */
  readonly describes: string;
  /** The invariant that must name it. */
  readonly caughtBy: InvariantName;
}
