import { maxPosition, type Position } from '@truc/kernel';
import type { LogReader } from './log.js';
import { scanToEnd } from './log-scan.js';
import { readablePosition } from './readable-position.js';

/** The highest position that was ever sent to each topic, where anything was. */
export type SentPositions = ReadonlyMap<string, Position>;

/**
 * The highest position that was ever sent to each of these topics after the stored end offsets (from the beginning where none is stored).
 * What a restart sends again reaches up to it at least, so that at rest the last record of every key has its highest position.
 */
export async function highestSentPositions(
  reader: LogReader,
  topics: readonly { readonly topic: string; readonly partitions: number }[],
  endOffsets: Readonly<Record<string, bigint>>,
  signal: AbortSignal,
): Promise<SentPositions> {
  const sent = new Map<string, Position>();
  for (const { topic, partitions } of topics) {
    let highest: Position | null = null;
    for (let partition = 0; partition < partitions; partition += 1) {
      for await (const record of scanToEnd(reader, topic, partition, endOffsets[`${topic}/${partition}`] ?? -2n, signal)) {
        const position = readablePosition(record.headers);
        if (position !== null) highest = maxPosition(highest, position);
      }
    }
    if (highest !== null) sent.set(topic, highest);
  }
  return sent;
}

/** Of all of them; null where nothing was sent. */
export function highestOf(sent: SentPositions): Position | null {
  return [...sent.values()].reduce<Position | null>(maxPosition, null);
}
