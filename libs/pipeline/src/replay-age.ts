import { TrucError } from '@truc/kernel';

/** A day less than the age at which topics may be compacted (`min.compaction.lag.ms`, 7 days), in milliseconds. */
export const replayMsMaxDefault = 6 * 86_400_000;

/** A stop that no start mends: what a table's position was left with is not to be had any more, and only reading the table anew is. */
export const REPLAY_TOO_OLD = 'CAPTURE_REPLAY_TOO_OLD';

/**
 * Of a table that is replayed from a position which it left long ago:
 *
 * 1. The table stops in the middle of a transaction, or its process ends before the position is stored. What was sent beyond the position stands on the log behind what it replaced.
 * 2. Seven days pass, and compaction takes what was replaced.
 * 3. Nobody can tell any more what was held, or which codes rows had, where the table stands.
 */
export function replayTooOld(topic: string, { epoch, sequence }: { readonly epoch: number; readonly sequence: bigint }): TrucError {
  return new TrucError(
    REPLAY_TOO_OLD,
    `what ${topic} had at position ${epoch}/${sequence} was replaced so long ago that compaction may have taken it, so that the changes since cannot be judged as they were; give up what is kept, and the table is read anew`,
  );
}
