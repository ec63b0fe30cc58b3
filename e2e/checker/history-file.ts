import { closeSync, openSync, writeSync } from 'node:fs';
import { messageOf } from '@truc/kernel';
import type { EventHistory, HistoryEvent, RecordedEvent } from './event-history.js';
import type { Fault, FaultSpan } from './fault.js';

/** Told to a person as it happens; the rest is in the file. */
export type Tell = (sentence: string) => void;

/** A committed transaction: its operations' numbers are from `firstOp` to before `endOp`; times in milliseconds since the start of the run, around its commit. */
export interface CommittedSpan {
  readonly firstOp: number;
  readonly endOp: number;
  readonly startedAtMs: number;
  readonly toldAtMs: number;
}

/**
 * The history of a run as a file of one JSON object a line. What is small is kept in memory too: faults, samples, gaps, replays; what grows with the work is in the file alone, but for
 * the tokens of what was taken back.
 */
export class HistoryFile implements EventHistory {
  readonly path: string;
  readonly #file: number;
  readonly #startedAt = performance.now();
  readonly #tell: Tell;
  readonly #kept: RecordedEvent[] = [];
  readonly #rolledBack = new Set<string>();
  readonly #faults: FaultSpan[] = [];
  /** By their numbers, in ascending order. */
  readonly #committed: CommittedSpan[] = [];

  constructor(path: string, tell: Tell) {
    this.path = path;
    this.#tell = tell;
    this.#file = openSync(path, 'w');
  }

  now(): number {
    return Math.round(performance.now() - this.#startedAt);
  }

  add(event: HistoryEvent): void {
    const recorded: RecordedEvent = { atMs: this.now(), ...event };
    writeSync(this.#file, `${JSON.stringify(recorded)}\n`);
    if (event.kind === 'rolled-back') for (const token of event.tokens) this.#rolledBack.add(token);
    else if (event.kind === 'committed') this.#place(spanOf(event, recorded.atMs));
    else this.#kept.push(recorded);
    if (event.kind === 'phase') this.#tell(event.name);
    if (event.kind === 'note') this.#tell(event.text);
  }

  async during<T>(fault: Fault, work: () => Promise<T>): Promise<T> {
    const id = this.#faults.length;
    const startedAtMs = this.now();
    this.#faults.push({ ...fault, startedAtMs, endedAtMs: null });
    this.add({ kind: 'fault', id, fault });
    this.#tell(`fault: ${fault.kind} ${fault.target}${fault.detail === undefined ? '' : ` (${fault.detail})`}`);
    let failure: string | null = null;
    try {
      return await work();
    } catch (error) {
      failure = messageOf(error);
      throw error;
    } finally {
      this.#faults[id] = { ...fault, startedAtMs, endedAtMs: this.now() };
      this.add({ kind: 'fault-ended', id, error: failure });
    }
  }

  get faults(): readonly FaultSpan[] {
    return this.#faults;
  }

  /** Everything but what the writers did. */
  get events(): readonly RecordedEvent[] {
    return this.#kept;
  }

  /** Tokens of operations that were taken back. */
  get rolledBackTokens(): ReadonlySet<string> {
    return this.#rolledBack;
  }

  /** Whether an operation of this run was committed at its time, whatever a restore has made of it since. */
  wasCommitted(opId: number, token: string): boolean {
    return !this.#rolledBack.has(token) && this.spanOf(opId) !== null;
  }

  /** When the transaction of a committed operation was made; null where none of this run is known to be. */
  spanOf(opId: number): CommittedSpan | null {
    const span = this.#committed[this.#after(opId) - 1];
    return span !== undefined && opId < span.endOp ? span : null;
  }

  /** How many transactions were begun while a fault lasted, and committed. */
  get transactionsDuringFaults(): number {
    const isDuring = (atMs: number): boolean =>
      this.#faults.some(({ startedAtMs, endedAtMs }) => atMs >= startedAtMs && atMs <= (endedAtMs ?? Infinity));
    return this.#committed.filter(({ startedAtMs }) => isDuring(startedAtMs)).length;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Writers draw their numbers before they commit, so a span may belong before some that were told earlier. */
  #place(span: CommittedSpan): void {
    this.#committed.splice(this.#after(span.firstOp), 0, span);
  }

  /** Index of the first span that begins above a number. */
  #after(opId: number): number {
    let [low, high] = [0, this.#committed.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#committed[middle]?.firstOp ?? Infinity) <= opId) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function spanOf({ firstOp, numbers, startedAtMs }: HistoryEvent & { readonly kind: 'committed' }, toldAtMs: number): CommittedSpan {
  return { firstOp, endOp: firstOp + numbers, startedAtMs, toldAtMs };
}
