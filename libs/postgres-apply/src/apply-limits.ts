/** What bounds one target: time, memory and what it keeps. All of it can be set per target. */
export interface ApplyLimits {
  /** Time to open a connection. */
  readonly connectTimeoutMs: number;
  /** Time for one statement or one COPY, on the server and, with a margin, on this side; past it the connection is given up. */
  readonly statementTimeoutMs: number;
  /** Time to wait for a lock of another session (APPLY_CONFLICT past it). */
  readonly lockTimeoutMs: number;
  /** The server ends our transaction when this process goes silent inside it, so that a successor can take the partitions. */
  readonly idleInTransactionTimeoutMs: number;
  /** Size of one COPY message; about two of them are in memory at a time. */
  readonly copyChunkBytes: number;
  /** Rows that the database itself may refuse in one call; more of them have one cause, which a person has to see. */
  readonly refusedByDatabaseMax: number;
  /** How long positions of deleted rows are kept (wire.md, decided case 6: 45 days). */
  readonly deletedRowsKeptMs: number;
  /** Rows that one step of pruning deletes at most. */
  readonly pruneRowsMax: number;
  /** Time between two rounds of pruning. */
  readonly pruneIntervalMs: number;
  /** Receipts that may wait for the log, of less than 2 KiB each; past it nothing more is applied (APPLY_RECEIPTS_WAITING). */
  readonly receiptsWaitingMax: number;
}

export const defaultApplyLimits: ApplyLimits = {
  connectTimeoutMs: 10_000,
  statementTimeoutMs: 120_000,
  lockTimeoutMs: 20_000,
  idleInTransactionTimeoutMs: 15_000,
  copyChunkBytes: 256 * 1024,
  refusedByDatabaseMax: 1_000,
  deletedRowsKeptMs: 45 * 24 * 3_600_000,
  pruneRowsMax: 5_000,
  pruneIntervalMs: 60_000,
  receiptsWaitingMax: 100_000,
};
