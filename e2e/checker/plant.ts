import type { InvariantName } from './invariant-name.js';

/** One change of a source file of the product. */
export interface PlantEdit {
  /** Of the checkout: `libs/pipeline/src/capture-flow.ts`. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

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
  readonly edits: readonly PlantEdit[];
}
