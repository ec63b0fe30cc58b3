import type { LogBatch, LogReader, LogRecord, LogWriter, StoredRecord } from './log.js';

/** Topics in memory. A writer may be made to fail after so many records, as a process does that is killed. */
export class MemoryLog {
  readonly #partitions = new Map<string, StoredRecord[]>();
  /** How often a partition was read from its beginning. */
  scans = 0;

  records(topic: string, partition: number): StoredRecord[] {
    const place = `${topic}/${partition}`;
    const known = this.#partitions.get(place) ?? [];
    this.#partitions.set(place, known);
    return known;
  }

  writer(recordsUntilFailure = Infinity): LogWriter {
    let left = recordsUntilFailure;
    const append = (record: LogRecord) => {
      if (left <= 0) throw new Error('killed');
      left -= 1;
      const records = this.records(record.topic, record.partition);
      records.push({ ...record, offset: BigInt(records.length) });
    };
    return {
      write: (records) => {
        try {
          records.forEach(append);
          return Promise.resolve();
        } catch (error) {
          return Promise.reject(error as Error);
        }
      },
      flush: () => Promise.resolve(),
      endOffsets: () => new Map([...this.#partitions].map(([place, records]) => [place, BigInt(records.length)])),
      close: () => Promise.resolve(),
    };
  }

  reader(): LogReader {
    return {
      read: (from, signal) => this.#read(from, signal),
      bounds: (topic, partition) => Promise.resolve({ start: 0n, end: BigInt(this.records(topic, partition).length) }),
      partitions: (topic) => Promise.resolve([...this.#partitions.keys()].filter((place) => place.startsWith(`${topic}/`)).length),
      close: () => Promise.resolve(),
    };
  }

  async *#read(from: readonly { topic: string; partition: number; offset: bigint }[], signal: AbortSignal): AsyncGenerator<LogBatch> {
    for (const { topic, partition, offset } of from) {
      const all = this.records(topic, partition);
      if (offset <= 0n) this.scans += 1;
      const records = all.slice(offset < 0n ? 0 : Number(offset));
      const end = BigInt(all.length);
      await Promise.resolve();
      if (!signal.aborted) yield { topic, partition, fetchedFrom: offset, nextOffset: end, endOffset: end, records };
    }
  }
}
