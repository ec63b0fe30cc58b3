import type { LogReader, StoredRecord } from './log.js';

/**
 * Reads one partition from `from` (-2n: the beginning) to the end it has now, and stops there.
 * @throws the signal's reason when it aborts before that: what was read of a partition must never be taken for all of it
 */
export function scanToEnd(
  reader: LogReader,
  topic: string,
  partition: number,
  from: bigint,
  signal: AbortSignal,
): AsyncGenerator<StoredRecord> {
  return scanPartitionsToEnd(reader, [{ topic, partition, offset: from }], signal);
}

/** Reads some partitions at once, each as `scanToEnd` does; the records of each come in order. @throws the signal's reason */
export async function* scanPartitionsToEnd(
  reader: LogReader,
  partitions: readonly { readonly topic: string; readonly partition: number; readonly offset: bigint }[],
  signal: AbortSignal,
): AsyncGenerator<StoredRecord> {
  signal.throwIfAborted();
  const ends = new Map<string, bigint>();
  const from: { topic: string; partition: number; offset: bigint }[] = [];
  for (const { topic, partition, offset } of partitions) {
    const { start, end } = await reader.bounds(topic, partition);
    const first = offset < start ? start : offset;
    if (first >= end) continue;
    ends.set(`${topic}/${partition}`, end);
    from.push({ topic, partition, offset: first });
  }
  if (from.length === 0) return;
  const stop = new AbortController();
  for await (const batch of reader.read(from, AbortSignal.any([signal, stop.signal]))) {
    const place = `${batch.topic}/${batch.partition}`;
    const end = ends.get(place);
    if (end === undefined) continue;
    for (const record of batch.records) if (record.offset < end) yield record;
    if (batch.nextOffset >= end) ends.delete(place);
    if (ends.size > 0) continue;
    stop.abort();
    return;
  }
  signal.throwIfAborted();
}
