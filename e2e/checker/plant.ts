import type { SourceEdit } from '@truc/local-stack';
import type { InvariantName } from './invariant-name.js';

/**
 * A bug that shows that the checker finds such bugs. The product has no switch for it: it is built into a copy of the apps, and the backbone is started from that.
 */
export interface Plant {
  readonly name: string;
  /** What the planted code does wrong, in one sentence. */
  readonly describes: string;
  /** The invariant that must name it. */
  readonly caughtBy: InvariantName;
  /** Name of the scenario that brings it out. */
  readonly scenario: string;
  readonly edits: readonly SourceEdit[];
}
