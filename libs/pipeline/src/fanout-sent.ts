import { comparePositions, maxPosition, TrucError, type Position } from '@truc/kernel';
import { viewProgressKey, type ViewProgress } from './fanout-state.js';
import type { LogReader, StoredRecord } from './log.js';
import { scanPartitionsToEnd, scanToEnd } from './log-scan.js';
import { readablePosition } from './readable-position.js';

export interface FanoutScope {
  readonly datasetTopic: string;
  readonly views: readonly { readonly id: string; readonly topic: string; readonly partitions: number }[];
  /** By `viewProgressKey`. */
  readonly stored: ReadonlyMap<string, ViewProgress>;
}

const beginning = -2n;

/**
 * Finds where the dataset's topic holds what each partition of a view was sent after its stored progress, so that reading on from that progress comes to it again.
 *
 * What would go wrong without it: (1) a view is given events up to position p, acknowledged; (2) the process ends before its progress is stored; (3) the dataset's
 * topic loses its end, by an unclean election or because it was restored or made anew; (4) the next distributor sends again from the stored progress, never comes as
 * far as p, and the view keeps versions that no dataset has, with older ones behind them.
 *
 * To be called after the former owner is fenced; reads every view's partition from its stored end, which is all that can have been sent since.
 * @returns the dataset's next offset behind all of it, by `viewProgressKey`; nothing for a partition that was sent no more than is stored
 * @throws TrucError FANOUT_DATASET_SHORT
 */
export async function findSent(
  { datasetTopic, views, stored }: FanoutScope,
  reader: LogReader,
  signal: AbortSignal,
): Promise<Map<string, bigint>> {
  const before = new Map<string, bigint>();
  const sent = await sentSince(views, stored, reader, signal);
  for (const view of views) {
    for (let partition = 0; partition < view.partitions; partition += 1) {
      const highest = sent.get(`${view.topic}/${partition}`);
      const key = viewProgressKey(view.id, partition);
      const { nextOffset: from, sentUpTo } = stored.get(key) ?? { nextOffset: beginning, sentUpTo: null };
      if (highest === undefined || (sentUpTo !== null && comparePositions(highest, sentUpTo) <= 0)) continue;
      const reachedAt = await offsetOf(highest, scanToEnd(reader, datasetTopic, partition, from, signal));
      if (reachedAt !== null) {
        before.set(key, reachedAt + 1n);
        continue;
      }
      throw new TrucError(
        'FANOUT_DATASET_SHORT',
        `${view.topic}/${partition} was sent events up to epoch ${highest.epoch}, sequence ${highest.sequence}, and ${datasetTopic}/${partition} does not hold them after ` +
          `offset ${from} any more: the dataset's topic lost its end or was made anew. ` +
          `Restart the agent of the dataset's agency: its source stops with CAPTURE_LOG_SHORT, and truc agent resolve has every row sent again; then restart the distributor (docs/operations/gaps.md)`,
      );
    }
  }
  return before;
}

/** The highest position that each partition of a view holds behind its stored end. */
async function sentSince(
  views: FanoutScope['views'],
  stored: FanoutScope['stored'],
  reader: LogReader,
  signal: AbortSignal,
): Promise<Map<string, Position>> {
  const places = views.flatMap(({ id, topic, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({
      topic,
      partition,
      offset: stored.get(viewProgressKey(id, partition))?.viewEndOffset ?? beginning,
    })),
  );
  const sent = new Map<string, Position>();
  for await (const { topic, partition, headers } of scanPartitionsToEnd(reader, places, signal)) {
    const place = `${topic}/${partition}`;
    const position = readablePosition(headers);
    const highest = position === null ? null : maxPosition(sent.get(place) ?? null, position);
    if (highest !== null) sent.set(place, highest);
  }
  return sent;
}

/** Where the records come to `position`; null where they never do. */
async function offsetOf(position: Position, records: AsyncIterable<StoredRecord>): Promise<bigint | null> {
  for await (const { headers, offset } of records) {
    const found = readablePosition(headers);
    if (found !== null && comparePositions(found, position) >= 0) return offset;
  }
  return null;
}
