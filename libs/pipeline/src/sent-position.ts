import { positionOf } from '@truc/change-event';
import { maxPosition, type Position } from '@truc/kernel';
import type { LogReader } from './log.js';
import { scanToEnd } from './log-scan.js';

/**
 * The highest position that was ever sent to these topics after the stored end offsets (from the beginning where none is stored); null when nothing was.
 * What a restart sends again reaches up to it at least, so that at rest the last record of every key has its highest position.
 */
export async function highestSentPosition(
  reader: LogReader,
  topics: readonly { readonly topic: string; readonly partitions: number }[],
  endOffsets: Readonly<Record<string, bigint>>,
  signal: AbortSignal,
): Promise<Position | null> {
  let highest: Position | null = null;
  for (const { topic, partitions } of topics) {
    for (let partition = 0; partition < partitions; partition += 1) {
      for await (const record of scanToEnd(reader, topic, partition, endOffsets[`${topic}/${partition}`] ?? -2n, signal)) {
        highest = maxPosition(highest, positionOf(record.headers));
      }
    }
  }
  return highest;
}
