import { TrucError } from '@truc/kernel';
import type { CaptureFlowOptions } from './capture-flow-options.js';
import type { CaptureState } from './capture-state.js';

/**
 * Makes sure that the topics still hold what the brokers acknowledged and the slot was confirmed for; the source will not send it again.
 *
 * What would go wrong without it: (1) events are acknowledged, the position is stored, the slot confirmed; (2) the log loses its end, by an unclean election, by disks
 * that were put back to an earlier time, or because a topic was made anew; (3) the next start sends what comes after the stored position, and nobody misses the rest.
 *
 * To be called once the writer is opened, and before anything else may fail: its opening leaves a mark in every partition, so that a partition that lost nothing ends
 * behind what was acknowledged, and one that lost a single record does not. Each opening that ended before it came here hides one lost record.
 * @throws TrucError CAPTURE_LOG_SHORT; those of the log
 */
export async function checkLogHolds(
  { tables, reader }: Pick<CaptureFlowOptions, 'tables' | 'reader'>,
  { acknowledgedOffsets }: Pick<CaptureState, 'acknowledgedOffsets'>,
  signal: AbortSignal,
): Promise<void> {
  for (const { dataset } of tables.values()) {
    for (const { topic, partition } of partitionsOf(dataset)) {
      const acknowledged = acknowledgedOffsets[`${topic}/${partition}`];
      if (acknowledged === undefined) continue;
      signal.throwIfAborted();
      const { end } = await reader.bounds(topic, partition);
      if (end > acknowledged) continue;
      throw new TrucError(
        'CAPTURE_LOG_SHORT',
        `${topic}/${partition} ends at offset ${end}, the mark of this start included, and Kafka had acknowledged everything below offset ${acknowledged}: ` +
          `the partition lost its end or the topic was made anew, and the source does not send again what stood there`,
      );
    }
  }
}

function partitionsOf({ topic, partitions, quarantineTopic }: { topic: string; partitions: number; quarantineTopic: string }) {
  return [...Array.from({ length: partitions }, (_, partition) => ({ topic, partition })), { topic: quarantineTopic, partition: 0 }];
}
