import type { CaptureFlowOptions, RereadOutcome, RowReread } from '@truc/pipeline';

/** What came of a retry so far. */
export interface RetryProgress {
  /** False until an attempt at capturing has taken it. */
  isTaken: boolean;
  readonly outcomes: RereadOutcome[];
}

/**
 * Hands retries from the command that asks for them to the attempt at capturing that carries them out: rows are read again from the beginning of a stream, for what a chunk may not
 * have seen has to be known from there on. An attempt that ends before it comes to them loses them, and the command is repeated.
 */
export class RetryDesk {
  /** By database. */
  readonly #waiting = new Map<string, { readonly rereads: readonly RowReread[]; readonly progress: RetryProgress }>();

  /** What was asked for before and no attempt has taken is forgotten. */
  ask(database: string, rereads: readonly RowReread[]): RetryProgress {
    const progress: RetryProgress = { isTaken: false, outcomes: [] };
    this.#waiting.set(database, { rereads, progress });
    return progress;
  }

  /** For the attempt that begins now; once. */
  take(database: string): Pick<CaptureFlowOptions, 'rereads' | 'onReread'> | undefined {
    const waiting = this.#waiting.get(database);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(database);
    waiting.progress.isTaken = true;
    return { rereads: waiting.rereads, onReread: (outcome) => void waiting.progress.outcomes.push(outcome) };
  }
}
