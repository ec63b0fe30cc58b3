import type { FaultSpan } from './fault.js';
import type { InvariantName } from './invariant-name.js';

export type InvariantState = 'held' | 'violated' | 'not evaluated';

/** One thing that may not be. */
export interface Violation {
  /** `run`: the run itself judged less than it had to. */
  readonly invariant: InvariantName | 'run';
  /** For a person: what was met, where (topic, partition, offset, key), and what should have been. */
  readonly message: string;
  /** The shortest sequence that shows it, one step a line, oldest first. */
  readonly steps: readonly string[];
}

/** What an invariant's judge looked at and found. */
export interface Finding {
  readonly invariant: InvariantName;
  /** How many things were judged; an invariant that judged none was not evaluated. */
  readonly checked: number;
  /** What was looked at, for a person: `1,204 operations on 3 topics`. */
  readonly evidence: readonly string[];
  readonly violations: readonly Violation[];
}

/** What `--json` prints and the report shows. */
export interface Verdict {
  readonly scenario: string;
  readonly seed: number;
  readonly plant: string | null;
  /** Committed source transactions of the writers. */
  readonly transactions: number;
  readonly operations: number;
  readonly faults: readonly FaultSpan[];
  readonly invariants: Readonly<Record<InvariantName, InvariantState>>;
  readonly evidence: Readonly<Partial<Record<InvariantName, readonly string[]>>>;
  readonly violations: readonly Violation[];
  /** From the end of the last fault until nothing lagged; null where that never came. */
  readonly recoverySeconds: number | null;
  readonly report: string;
}
