import type { GapCode } from '@truc/pipeline';
import type { BackboneAccess } from './backbone-access.js';
import type { InvariantName } from './invariant-name.js';
import type { Stage } from './stage.js';

/** What the writers do while a scenario runs. */
export interface Workload {
  /** Connections that write at once. */
  readonly writers: number;
  /** Of all writers together; `Infinity` is as fast as the database is. */
  readonly transactionsPerSecond: number;
}

/** A gap of one source. */
export interface ExpectedGap {
  /** Agency code: `G01`. */
  readonly agency: string;
  readonly source: string;
  readonly code: GapCode;
}

export const steadyWorkload: Workload = { writers: 4, transactionsPerSecond: 60 };

/**
 * One way to trouble a backbone. The checker starts the writers before `run` and, when it has returned and everything was mended, stops them, waits until
 * everything has arrived, resolves named gaps, and judges.
 */
export interface Scenario {
  /** As it is asked for: `kill-agent`. */
  readonly name: string;
  /** How a person asks for it where its name is not the way: `--minutes 10`. */
  readonly askedBy?: string;
  /** For a person, one sentence. */
  readonly describes: string;
  /** Where data cannot be recovered: gaps that must be named, and no others may be. */
  readonly expectedGaps: readonly ExpectedGap[];
  /** Invariants that must have been evaluated for a run to hold. */
  readonly invariants: readonly InvariantName[];
  /** Of these, those that its full form need not keep: it gives the backbone more to do than they allow time for. */
  readonly onlyWhenQuick?: readonly InvariantName[];
  /** Whether it needs processes and lines of its own, which a backbone that somebody else started does not give. */
  readonly needsOwnBackbone: boolean;
  /** Whether a run of random faults may choose it: everything goes on afterwards, and it takes less than a minute. */
  readonly mayRepeat: boolean;
  readonly workload: Workload;
  /** Whether it lets the writers wait while its faults last, so that nothing can be written then. */
  readonly pausesWriters?: true;
  /** What an operator changes before a named gap is resolved, so that it does not come back at once. */
  readonly mends?: (backbone: BackboneAccess) => Promise<void>;
  /** Injects its faults through `stage.history.during` and returns when everything runs again. */
  run(stage: Stage): Promise<void>;
}

/** Invariants that a run of the scenario, in its quick or its full form, must have evaluated. */
export function requiredInvariants({ invariants, onlyWhenQuick = [] }: Scenario, quick: boolean): readonly InvariantName[] {
  return quick ? invariants : invariants.filter((name) => !onlyWhenQuick.includes(name));
}
