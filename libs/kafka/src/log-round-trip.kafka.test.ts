import type { LogRecord } from '@truc/pipeline';
import { testKafka } from '@truc/testing';
import { ScratchLog, scratchRecord } from './scratch-log.js';

const log = new ScratchLog(testKafka());
afterAll(() => log.close());

describe('log writer and reader', () => {
  it('give back what was written: headers, tombstones, empty keys and values, times past and ahead', async () => {
    const topic = await log.topic('round-trip');
    const writer = await log.writer('round-trip', topic);
    const headers = [
      { key: 'truc-epoch', value: Buffer.from('1') },
      { key: 'tên', value: Buffer.alloc(0) },
    ];
    const place = { topic, partition: 0 };
    const records: LogRecord[] = [
      { ...place, key: Buffer.from([0, 0, 0, 0, 7]), value: Buffer.from('một'), headers, timestampMs: 1_700_000_000_000 },
      { ...place, key: Buffer.from('k'), value: null, headers: [], timestampMs: 1_600_000_000_000 },
      { ...place, key: Buffer.alloc(0), value: Buffer.alloc(0), headers: [], timestampMs: Date.now() + 86_400_000 },
    ];
    await writer.write(records);
    await writer.flush();
    const batches = await log.readAll(topic);
    const stored = batches.flatMap((batch) => batch.records);
    expect(stored.map(({ offset: _, ...rest }) => rest)).toEqual(records);
    expect(batches[0]!.fetchedFrom).toBe(-2n);
    expect(writer.endOffsets().get(`${topic}/0`)).toBe(stored.at(-1)!.offset + 1n);
    expect(batches.at(-1)!.endOffset).toBe(stored.at(-1)!.offset + 1n);
  });

  it('keep 100,000 records in order in every partition, with many batches in flight and small answers', async () => {
    const partitions = 6;
    const topic = await log.topic('many', partitions);
    const writer = await log.writer('many', topic, partitions, { limits: { batchBytesMax: 16 * 1024, bufferedBytesMax: 1024 * 1024 } });
    const count = 100_000;
    for (let n = 0; n < count; n += 500) {
      await writer.write(Array.from({ length: 500 }, (_, i) => scratchRecord(topic, String(n + i), (n + i) % partitions)));
    }
    await writer.flush();
    const seen = new Map<number, number>();
    let total = 0;
    let nextByPartition = new Map<number, bigint>();
    const reader = log.reader({ fetchMaxBytes: 256 * 1024, partitionMaxBytes: 64 * 1024 });
    for (const batch of await log.readAll(topic, partitions, reader)) {
      // Batches of one partition join without a gap.
      expect(batch.fetchedFrom).toBe(nextByPartition.get(batch.partition) ?? -2n);
      nextByPartition = nextByPartition.set(batch.partition, batch.nextOffset);
      for (const { key, partition } of batch.records) {
        const n = Number(key.toString());
        expect(n).toBe((seen.get(partition) ?? partition - partitions) + partitions);
        seen.set(partition, n);
        total++;
      }
    }
    expect(total).toBe(count);
    expect(writer.endOffsets()).toEqual(new Map([...nextByPartition].map(([partition, end]) => [`${topic}/${partition}`, end])));
  });

  it('refuses a record that no batch can hold, and goes on', async () => {
    const topic = await log.topic('too-large');
    const writer = await log.writer('too-large', topic);
    const large = { ...scratchRecord(topic, 'large'), value: Buffer.alloc(1_100_000) };
    await expect(writer.write([scratchRecord(topic, 'with it'), large])).rejects.toMatchObject({
      code: 'LOG_RECORD_TOO_LARGE',
      message: expect.stringContaining(topic),
    });
    await writer.write([{ ...large, key: Buffer.from('just fits'), value: Buffer.alloc(1_048_400) }]);
    await writer.write([scratchRecord(topic, 'after')]);
    await writer.flush();
    expect(await log.keys(topic)).toEqual(['just fits', 'after']);
  });

  it('names the topic when the broker takes smaller batches than the writer makes', async () => {
    const topic = await log.topic('small', 1, { 'max.message.bytes': '2000' });
    const writer = await log.writer('small', topic);
    await writer.write([{ ...scratchRecord(topic, 'k'), value: Buffer.alloc(5000) }]);
    await expect(writer.flush()).rejects.toMatchObject({ code: 'LOG_RECORD_TOO_LARGE', message: expect.stringContaining(topic) });
    await expect(writer.write([scratchRecord(topic, 'later')])).rejects.toMatchObject({ code: 'LOG_RECORD_TOO_LARGE' });
  });

  it('makes the writer wait while more than its limit is buffered', async () => {
    const topic = await log.topic('bounded');
    const writer = await log.writer('bounded', topic, 1, { limits: { bufferedBytesMax: 10_000 } });
    let resolved = false;
    const written = writer.write(Array.from({ length: 1000 }, (_, n) => scratchRecord(topic, String(n)))).then(() => (resolved = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(resolved).toBe(false);
    const behind = writer.write([scratchRecord(topic, 'behind')]);
    await Promise.all([written, behind]);
    await writer.flush();
    expect(await log.keys(topic)).toEqual([...Array.from({ length: 1000 }, (_, n) => String(n)), 'behind']);
  });

  it('refuses a partition that it was not opened for, and writes to it after it was added', async () => {
    const topic = await log.topic('extend', 2);
    const writer = await log.writer('extend', topic, 1);
    await expect(writer.write([scratchRecord(topic, 'early', 1)])).rejects.toMatchObject({ code: 'LOG_PARTITION_NOT_OPENED' });
    const before = writer.write([scratchRecord(topic, 'a')]);
    await writer.extend([
      { topic, partition: 1 },
      { topic, partition: 0 },
    ]);
    await before;
    await writer.write([scratchRecord(topic, 'b'), scratchRecord(topic, 'c', 1)]);
    await writer.flush();
    expect(await log.keys(topic, 0)).toEqual(['a', 'b']);
    expect(await log.keys(topic, 1)).toEqual(['c']);
  });

  it('tells an offset that is not in the log, with what the log holds', async () => {
    const topic = await log.topic('gone');
    const writer = await log.writer('gone', topic);
    await writer.write([scratchRecord(topic, 'k')]);
    await writer.flush();
    const reading = log.reader().read([{ topic, partition: 0, offset: 4711n }], new AbortController().signal);
    await expect(reading[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'LOG_OFFSET_GONE',
      message: expect.stringMatching(/offset 4711 of .*gone\/0.* 0 to 2/),
    });
  });

  it('knows how many partitions a topic has, and that there is none', async () => {
    const topic = await log.topic('known', 3);
    const reader = log.reader();
    expect(await reader.partitions(topic)).toBe(3);
    expect(await reader.partitions(`${topic}-not`)).toBeNull();
    expect(await reader.bounds(topic, 2)).toEqual({ start: 0n, end: 0n });
  });

  it('yields a moved offset without records, and what is written while it reads, until it is told to stop', async () => {
    const topic = await log.topic('follow');
    const writer = await log.writer('follow', topic);
    const stop = new AbortController();
    const seen: string[] = [];
    const empty: bigint[] = [];
    const following = (async () => {
      for await (const batch of log.reader().read([{ topic, partition: 0, offset: 0n }], stop.signal)) {
        if (batch.records.length === 0) empty.push(batch.nextOffset);
        for (const { key } of batch.records) seen.push(key.toString());
        if (batch.records.length === 0) await writer.write([scratchRecord(topic, 'live')]);
        if (seen.length === 1) stop.abort();
      }
    })();
    await following;
    // The writer's own marker is the first thing in the log.
    expect(empty).toEqual([1n]);
    expect(seen).toEqual(['live']);
  });
});
