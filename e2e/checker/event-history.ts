import type { Fault } from './fault.js';

/** What was started, injected and seen, as it is kept in the history's file: one JSON object a line. */
export type HistoryEvent =
  | { readonly kind: 'run'; readonly scenario: string; readonly seed: number; readonly quick: boolean; readonly plant: string | null }
  | { readonly kind: 'phase'; readonly name: string }
  /** A fault begins; the same number tells of its end. */
  | { readonly kind: 'fault'; readonly id: number; readonly fault: Fault }
  | { readonly kind: 'fault-ended'; readonly id: number; readonly error: string | null }
  /** A source transaction that was committed, between `startedAtMs` and when this is told. Its operations stand in `_oplog`; it used `numbers` numbers from `firstOp` on, taken back ones included. Writer -1 is a scenario's own transaction. */
  | {
      readonly kind: 'committed';
      readonly writer: number;
      readonly startedAtMs: number;
      readonly firstOp: number;
      readonly numbers: number;
      readonly ops: number;
    }
  /** Operations that were taken back, by a rollback of all or to a savepoint: their tokens must be met nowhere. */
  | {
      readonly kind: 'rolled-back';
      readonly writer: number;
      readonly tokens: readonly string[];
      readonly why: 'rollback' | 'savepoint' | 'lost';
    }
  /**
   * How fast and how far behind: operations committed so far; bytes of WAL that the source's slot is not confirmed for; records that the general database and the subscriber have yet to
   * read. Null where it could not be asked.
   */
  | {
      readonly kind: 'sample';
      readonly committedOps: number;
      readonly walBytes: number | null;
      readonly generalDatabase: number | null;
      readonly subscriber: number | null;
    }
  /** A part of a topic was read again into a target: digests of everything that stood there before and after. */
  | {
      readonly kind: 'replayed';
      readonly target: string;
      readonly topic: string;
      readonly records: number;
      readonly before: string;
      readonly after: string;
    }
  /** The source was put back: events of this epoch behind this LSN tell of what it holds no more. */
  | { readonly kind: 'taken-back'; readonly epoch: number; readonly afterLsn: string }
  /** What was committed before `beforeMs` is captured for good, whatever happens to the slot or the source from now on. */
  | { readonly kind: 'captured-before'; readonly beforeMs: number }
  /** The checked dataset was stopped by itself and stood there, a commit LSN: what it published behind that is no longer known for sure. */
  | { readonly kind: 'stands-apart'; readonly sequence: string }
  /** After a gap: what begins from now on is captured again. */
  | { readonly kind: 'captured-again' }
  | { readonly kind: 'gap'; readonly agency: string; readonly source: string; readonly name: string; readonly message: string }
  | { readonly kind: 'gap-resolved'; readonly agency: string; readonly source: string; readonly name: string }
  | { readonly kind: 'drained'; readonly afterMs: number }
  | { readonly kind: 'note'; readonly text: string };

/** @property atMs milliseconds since the start of the run */
export type RecordedEvent = HistoryEvent & { readonly atMs: number };

/** The history of a run: written as it happens, so that it is there whatever ends the run. */
export interface EventHistory {
  /** Milliseconds since the start of the run. */
  now(): number;
  add(event: HistoryEvent): void;
  /** Tells of a fault around `work`, which injects it and returns when it is over. A failure of `work` is told and thrown on. */
  during<T>(fault: Fault, work: () => Promise<T>): Promise<T>;
}
