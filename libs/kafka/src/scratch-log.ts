import type { LogBatch, LogReader, LogRecord } from '@truc/pipeline';
import { openLogAdmin } from './log-admin.js';
import { openLogReader, type LogReaderOptions } from './log-reader.js';
import { openLogWriter, type FencedLogWriter, type LogWriterOptions } from './log-writer.js';
import type { KafkaConnection } from './kafka-connection.js';
import { compactedTopic, type TopicConfig } from './topic-preset.js';

/** A corner of a real broker for one test file: topics, writers and readers under its own prefix, closed together. */
export class ScratchLog {
  readonly connection: KafkaConnection;
  readonly prefix: string;
  readonly admin;
  readonly #open: { close(): Promise<void> }[] = [];

  constructor({ prefix, ...connection }: KafkaConnection & { prefix: string }) {
    this.connection = connection;
    this.prefix = prefix;
    this.admin = this.closing(openLogAdmin({ connection }));
  }

  closing<T extends { close(): Promise<void> }>(opened: T): T {
    this.#open.push(opened);
    return opened;
  }

  async topic(name: string, partitions = 1, config: TopicConfig = {}): Promise<string> {
    const full = `${this.prefix}.${name}`;
    await this.admin.ensureTopics([{ name: full, partitions, config: compactedTopic(config) }]);
    return full;
  }

  /** A writer of all partitions of one topic. */
  async writer(name: string, topic: string, partitions = 1, options: Partial<LogWriterOptions> = {}): Promise<FencedLogWriter> {
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    const transactionalId = `${this.prefix}.${name}`;
    return this.closing(await openLogWriter({ connection: this.connection, transactionalId, partitions: all, ...options }));
  }

  reader(options: Partial<LogReaderOptions> = {}): LogReader {
    return this.closing(openLogReader({ connection: this.connection, fetchWaitMs: 100, ...options }));
  }

  /** Every batch from the beginning to the end that the partitions have now. */
  async readAll(topic: string, partitions = 1, log: LogReader = this.reader()): Promise<LogBatch[]> {
    const ends = new Map<number, bigint>();
    for (let partition = 0; partition < partitions; partition++) {
      const { start, end } = await log.bounds(topic, partition);
      if (end > start) ends.set(partition, end);
    }
    const batches: LogBatch[] = [];
    if (ends.size === 0) return batches;
    const from = [...ends.keys()].map((partition) => ({ topic, partition, offset: -2n }));
    for await (const batch of log.read(from, new AbortController().signal)) {
      batches.push(batch);
      if (batch.nextOffset >= ends.get(batch.partition)!) ends.delete(batch.partition);
      if (ends.size === 0) break;
    }
    return batches;
  }

  /** Keys in the order of one partition's log. */
  async keys(topic: string, partition = 0): Promise<string[]> {
    const batches = await this.readAll(topic, partition + 1);
    return batches.filter((batch) => batch.partition === partition).flatMap(({ records }) => records.map(({ key }) => key.toString()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((opened) => opened.close().catch(() => {})));
  }
}

export function scratchRecord(topic: string, key: string, partition = 0): LogRecord {
  return { topic, partition, key: Buffer.from(key), value: Buffer.from(`value of ${key}`), headers: [], timestampMs: 1_700_000_000_000 };
}
