import type { ProcessProfiler } from './process-profiler.js';
import type { BenchTopic } from './topic-ends.js';

/** Somebody who brings a backlog from a slot to a topic, as a process that stays warm from run to run. */
export interface Contestant {
  readonly name: string;
  readonly topic: BenchTopic;
  readonly slot: string;
  readonly pid: number;
  /** Null where nobody asked for profiles, and for who has none. */
  readonly profiler: ProcessProfiler | null;
  /** The most that a start writes to the topic before the first record. */
  readonly marksMax: number;
  /** Lets go of the slot; the process stays. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /**
   * Waits until the next start will not bring anything again.
   * @param lsn everything up to there was in the backlog @param rows of it @throws TrucError BENCH_ROWS_MISSING where not every row was published
   */
  settle(lsn: string, rows: number): Promise<void>;
}
