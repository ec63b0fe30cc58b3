import { testKafka } from '@truc/testing';
import type { LogBatch, LogReader, LogRecord } from '@truc/pipeline';
import { compactedTopic, openLogAdmin, openLogReader, openLogWriter, type FencedLogWriter } from './index.js';

const { prefix, ...connection } = testKafka();
const admin = openLogAdmin({ connection });
const open: { close(): Promise<void> }[] = [admin];

afterAll(async () => {
  await Promise.all(open.map((one) => one.close().catch(() => {})));
});

async function topic(name: string, partitions = 1, config: Record<string, string> = {}): Promise<string> {
  await admin.ensureTopics([{ name: `${prefix}.${name}`, partitions, config }]);
  return `${prefix}.${name}`;
}

async function writerOf(name: string, topicName: string, partitions = 1, options: object = {}): Promise<FencedLogWriter> {
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic: topicName, partition }));
  const writer = await openLogWriter({ connection, transactionalId: `${prefix}.${name}`, partitions: all, ...options });
  open.push(writer);
  return writer;
}

function reader(options: object = {}): LogReader {
  const opened = openLogReader({ connection, fetchWaitMs: 100, ...options });
  open.push(opened);
  return opened;
}

/** Batches from the beginning until every partition is read to the end that it has now. */
async function readAll(log: LogReader, topicName: string, partitions = 1): Promise<LogBatch[]> {
  const ends = new Map<number, bigint>();
  for (let partition = 0; partition < partitions; partition++) ends.set(partition, (await log.bounds(topicName, partition)).end);
  const batches: LogBatch[] = [];
  const from = [...ends.keys()].map((partition) => ({ topic: topicName, partition, offset: -2n }));
  for await (const batch of log.read(from, new AbortController().signal)) {
    batches.push(batch);
    if (batch.nextOffset >= ends.get(batch.partition)!) ends.delete(batch.partition);
    if (ends.size === 0) break;
  }
  return batches;
}

const record = (topicName: string, n: number, partition = 0): LogRecord => ({
  topic: topicName,
  partition,
  key: Buffer.from(`key-${n}`),
  value: Buffer.from(`value-${n}`),
  headers: [],
  timestampMs: 1_700_000_000_000 + n,
});

describe('log writer and reader', () => {
  it('give back what was written: headers, tombstones, empty keys and values, timestamps', async () => {
    const name = await topic('round-trip', 1, compactedTopic());
    const writer = await writerOf('round-trip', name);
    const records: LogRecord[] = [
      {
        topic: name,
        partition: 0,
        key: Buffer.from([0, 0, 0, 0, 7]),
        value: Buffer.from('một'),
        headers: [
          { key: 'truc-epoch', value: Buffer.from('1') },
          { key: 'tên', value: Buffer.alloc(0) },
        ],
        timestampMs: 1_700_000_000_000,
      },
      { topic: name, partition: 0, key: Buffer.from('k'), value: null, headers: [], timestampMs: 1_600_000_000_000 },
      { topic: name, partition: 0, key: Buffer.alloc(0), value: Buffer.alloc(0), headers: [], timestampMs: 1_800_000_000_000 },
    ];
    await writer.write(records);
    await writer.flush();
    const batches = await readAll(reader(), name);
    const stored = batches.flatMap((batch) => batch.records);
    expect(stored.map(({ offset: _, ...rest }) => rest)).toEqual(records);
    expect(batches[0]!.fetchedFrom).toBe(-2n);
    expect(writer.endOffsets().get(`${name}/0`)).toBe(stored.at(-1)!.offset + 1n);
    expect(batches.at(-1)!.endOffset).toBe(stored.at(-1)!.offset + 1n);
  });

  it('keep 100,000 records in order in every partition, with many batches in flight', async () => {
    const partitions = 6;
    const name = await topic('many', partitions);
    const writer = await writerOf('many', name, partitions, { limits: { batchBytesMax: 16 * 1024, bufferedBytesMax: 1024 * 1024 } });
    const count = 100_000;
    for (let n = 0; n < count; n += 500) {
      await writer.write(Array.from({ length: 500 }, (_, i) => record(name, n + i, (n + i) % partitions)));
    }
    await writer.flush();
    const seen = new Map<number, number>();
    let total = 0;
    for (const batch of await readAll(reader({ fetchMaxBytes: 256 * 1024, partitionMaxBytes: 64 * 1024 }), name, partitions)) {
      for (const { key, partition } of batch.records) {
        const n = Number(key.toString().slice(4));
        expect(n).toBe((seen.get(partition) ?? partition - partitions) + partitions);
        seen.set(partition, n);
        total++;
      }
    }
    expect(total).toBe(count);
    expect(writer.endOffsets().size).toBe(partitions);
  });
});
