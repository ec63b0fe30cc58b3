import type { Lsn } from './lsn.js';

/**
 * Decides when an idle stream reports how far it has looked, so that a slot whose tables are quiet does not hold the server's log for ever.
 *
 * A keepalive's position counts only while no transaction is open and everything ahead of it was passed on: the caller offers it at that moment. It stays good
 * afterwards, for what comes later lies above it.
 */
export class IdleAdvance {
  private offered: Lsn = 0n;
  private dueAtMs: number | null = null;
  private lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly intervalMs: number) {}

  /**
   * @param walEnd the first byte that was not looked at
   * @param isUrgent the server waits for an answer: shutting down, it stays until everything it sent is confirmed
   */
  offer(walEnd: Lsn, isUrgent: boolean, nowMs: number): void {
    if (walEnd > this.offered) this.offered = walEnd;
    const dueAtMs = isUrgent ? nowMs : Math.max(nowMs, this.lastAtMs + this.intervalMs);
    this.dueAtMs = this.dueAtMs === null ? dueAtMs : Math.min(this.dueAtMs, dueAtMs);
  }

  /** Milliseconds until something is due, null when nothing is. */
  waitMs(nowMs: number): number | null {
    return this.dueAtMs === null ? null : Math.max(0, this.dueAtMs - nowMs);
  }

  /** The sequence to report now, or null. @param passedOn the highest sequence the consumer has: reporting less says nothing */
  take(passedOn: bigint, nowMs: number): bigint | null {
    if (this.dueAtMs === null || nowMs < this.dueAtMs) return null;
    this.dueAtMs = null;
    // The last byte that was looked at: a commit record may start at `walEnd` itself.
    if (this.offered === 0n || this.offered - 1n <= passedOn) return null;
    this.lastAtMs = nowMs;
    return this.offered - 1n;
  }
}
