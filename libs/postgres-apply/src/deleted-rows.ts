import type { ApplyLimits } from './apply-limits.js';
import type { Session } from './session.js';

/** Forgets positions of rows that were deleted long ago, a bounded step at a time, so that no apply waits long for it. */
export class DeletedRowsPruning {
  readonly #limits: ApplyLimits;
  #nextAtMs = 0;

  constructor(limits: ApplyLimits) {
    this.#limits = limits;
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.#nextAtMs;
  }

  /** One step. Returns how many positions it forgot; a full step is followed by another at once. */
  async step(session: Session, nowMs: number): Promise<number> {
    this.#nextAtMs = nowMs + this.#limits.pruneIntervalMs;
    const { rowCount } = await session.query(
      `DELETE FROM truc.deleted_rows WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM truc.deleted_rows WHERE deleted_at < to_timestamp($1::double precision / 1000)
          ORDER BY deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [nowMs - this.#limits.deletedRowsKeptMs, this.#limits.pruneRowsMax],
    );
    const pruned = rowCount ?? 0;
    if (pruned >= this.#limits.pruneRowsMax) this.#nextAtMs = nowMs;
    return pruned;
  }
}
