import type { LogReader, StoredRecord } from './log.js';

/**
 * Reads one partition from `from` (-2n: the beginning) to the end it has now, and stops there.
 * @throws the signal's reason when it aborts before that: what was read of a partition must never be taken for all of it
 */
export async function* scanToEnd(
  reader: LogReader,
  topic: string,
  partition: number,
  from: bigint,
  signal: AbortSignal,
): AsyncGenerator<StoredRecord> {
  signal.throwIfAborted();
  const { start, end } = await reader.bounds(topic, partition);
  const first = from < start ? start : from;
  if (first >= end) return;
  const stop = new AbortController();
  for await (const batch of reader.read([{ topic, partition, offset: first }], AbortSignal.any([signal, stop.signal]))) {
    for (const record of batch.records) if (record.offset < end) yield record;
    if (batch.nextOffset >= end) {
      stop.abort();
      return;
    }
  }
  signal.throwIfAborted();
}
