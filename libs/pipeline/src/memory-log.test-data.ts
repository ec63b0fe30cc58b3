import type { LogBatch, LogReader, LogRecord, LogWriter, StoredRecord } from './log.js';

/** Topics in memory. A writer may be made to fail after so many records, as a process does that is killed. */
export class MemoryLog {
  readonly #partitions = new Map<string, StoredRecord[]>();
  /** Offsets that marks of opened writers have, which no reader sees. */
  readonly #marks = new Map<string, number>();
  /** How often a partition was read from its beginning. */
  scans = 0;

  records(topic: string, partition: number): StoredRecord[] {
    const place = `${topic}/${partition}`;
    const known = this.#partitions.get(place) ?? [];
    this.#partitions.set(place, known);
    return known;
  }

  /** A writer was opened over these partitions. */
  mark(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    for (const { topic, partition } of partitions) {
      this.records(topic, partition);
      const place = `${topic}/${partition}`;
      this.#marks.set(place, (this.#marks.get(place) ?? 0) + 1);
    }
  }

  /** Leaves the last record of every key, and its offset. */
  compact(topic: string): void {
    for (const [place, records] of this.#partitions) {
      if (!place.startsWith(`${topic}/`)) continue;
      const last = new Map(records.map((record) => [record.key.toString('latin1'), record.offset]));
      const [kept, end] = [records.filter(({ key, offset }) => last.get(key.toString('latin1')) === offset), this.#endOf(place, records)];
      records.splice(0, records.length, ...kept);
      this.#marks.set(place, Number(end) - kept.length);
    }
  }

  writer(recordsUntilFailure = Infinity): LogWriter {
    let left = recordsUntilFailure;
    const append = (record: LogRecord) => {
      if (left <= 0) throw new Error('killed');
      left -= 1;
      const records = this.records(record.topic, record.partition);
      records.push({ ...record, offset: this.#end(record.topic, record.partition) });
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
      endOffsets: () => new Map([...this.#partitions].map(([place, records]) => [place, this.#endOf(place, records)])),
      close: () => Promise.resolve(),
    };
  }

  reader(): LogReader {
    return {
      read: (from, signal) => this.#read(from, signal),
      bounds: (topic, partition) => Promise.resolve({ start: 0n, end: this.#end(topic, partition) }),
      partitions: (topic) => Promise.resolve([...this.#partitions.keys()].filter((place) => place.startsWith(`${topic}/`)).length),
      close: () => Promise.resolve(),
    };
  }

  #end(topic: string, partition: number): bigint {
    return this.#endOf(`${topic}/${partition}`, this.records(topic, partition));
  }

  #endOf(place: string, records: readonly StoredRecord[]): bigint {
    return BigInt(records.length + (this.#marks.get(place) ?? 0));
  }

  async *#read(from: readonly { topic: string; partition: number; offset: bigint }[], signal: AbortSignal): AsyncGenerator<LogBatch> {
    for (const { topic, partition, offset } of from) {
      const all = this.records(topic, partition);
      if (offset <= 0n) this.scans += 1;
      const records = all.filter((record) => record.offset >= offset);
      const end = this.#end(topic, partition);
      await Promise.resolve();
      if (!signal.aborted) yield { topic, partition, fetchedFrom: offset, nextOffset: end, endOffset: end, records };
    }
  }
}
