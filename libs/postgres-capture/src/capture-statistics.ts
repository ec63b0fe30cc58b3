import type { CaptureRun } from './capture-run.js';
import type { Lsn } from './lsn.js';

export interface CaptureStatistics {
  /** The highest position the server has told of. */
  readonly walEnd: Lsn;
  readonly confirmed: Lsn;
  /** Bytes of the source's log between the two: what the slot keeps on the server. */
  readonly lagBytes: number;
  /** When the transaction committed that was passed on last, null before the first. */
  readonly lastCommittedAtMs: number | null;
  readonly transactions: number;
  readonly rows: number;
  readonly snapshotRows: number;
  /** Snapshot rows that were dropped because the stream had something newer. */
  readonly snapshotRowsDropped: number;
  readonly readAheadBytes: number;
  readonly touchedKeysBytes: number;
}

export function captureStatistics({ walEnd, position, counts, replication, touched }: CaptureRun): CaptureStatistics {
  const confirmed = position.lsn;
  return {
    walEnd,
    confirmed,
    lagBytes: walEnd > confirmed ? Number(walEnd - confirmed) : 0,
    ...counts,
    readAheadBytes: replication.bytesHeld,
    touchedKeysBytes: touched?.bytesHeld ?? 0,
  };
}
