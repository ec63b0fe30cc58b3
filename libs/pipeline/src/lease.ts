import { TrucError } from '@truc/kernel';

/**
 * The right of one process, among all that were started under one identity, to run its flows. The others stand by.
 *
 * It keeps two live processes from taking each other's writers and partitions for ever. It does not make anything safe: a process that was stopped and does not know
 * yet that another one holds the lease is refused by the brokers (epoch of its writers) and by the target (fencing token), and nowhere else.
 */
export interface Lease {
  /** As far as is known; a process that cannot ask keeps what it had. */
  readonly isHeld: boolean;
  /** Asks anew. Null when the answer, given after the call, is that this process holds it; else who does, or what keeps from asking, for people. */
  standBy(): Promise<string | null>;
  /** Told whenever `isHeld` has changed. @returns stops telling */
  onChange(listener: () => void): () => void;
  /** Gives it up, so that another process need not wait until this one is missed. Only after everything that ran under it has ended. */
  close(): Promise<void>;
}

/**
 * Runs `work` while the lease is held.
 * @throws TrucError FLOW_LEASE_LOST (retry) when another process has taken it meanwhile, whatever `work` then throws: what it met is no longer this process's to judge.
 * Else what `work` throws
 */
export async function whileHeld(lease: Lease, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const lost = new AbortController();
  const look = (): void => {
    if (!lease.isHeld) lost.abort();
  };
  const forget = lease.onChange(look);
  look();
  try {
    if (!lost.signal.aborted) await work(AbortSignal.any([signal, lost.signal]));
  } catch (error) {
    if (!lost.signal.aborted || signal.aborted) throw error;
  } finally {
    forget();
  }
  if (lost.signal.aborted && !signal.aborted) {
    throw new TrucError('FLOW_LEASE_LOST', 'another process of the same identity has taken over', { retry: true });
  }
}
