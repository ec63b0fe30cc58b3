import { testKafka } from '@truc/testing';
import { parseBrokerAddress, type BrokerAddress } from './kafka-connection.js';
import { ScratchLog, scratchRecord } from './scratch-log.js';
import { TcpProxy } from './tcp-proxy.js';

const log = new ScratchLog(testKafka());
const proxy = new TcpProxy(parseBrokerAddress(log.connection.brokers[0]!));
let route: (advertised: BrokerAddress) => BrokerAddress;

beforeAll(async () => {
  const near = await proxy.listen();
  route = () => near;
});
afterEach(() => proxy.mend());
afterAll(async () => {
  await log.close();
  await proxy.close();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('on a line that breaks', () => {
  it('the writer loses nothing, doubles nothing and keeps the order, whatever was in flight', async () => {
    const partitions = 3;
    const topic = await log.topic('cut', partitions);
    const writer = await log.writer('cut', topic, partitions, { route, limits: { batchBytesMax: 4096, bufferedBytesMax: 256 * 1024 } });
    const count = 30_000;
    const cuts = (async () => {
      for (let i = 0; i < 6; i++) {
        await pause(60);
        proxy.drop({ cut: i % 2 === 1 });
        await pause(40);
        proxy.mend();
      }
    })();
    for (let n = 0; n < count; n += 100) {
      await writer.write(Array.from({ length: 100 }, (_, i) => scratchRecord(topic, String(n + i), (n + i) % partitions)));
      await pause(1);
    }
    await cuts;
    await writer.flush();
    for (let partition = 0; partition < partitions; partition++) {
      const numbers = (await log.keys(topic, partition)).map(Number);
      expect(numbers).toEqual(Array.from({ length: count / partitions }, (_, i) => i * partitions + partition));
    }
  });

  it('the writer sends again what arrived while its answer was lost, and the log holds it once', async () => {
    const topic = await log.topic('answer-lost');
    const writer = await log.writer('answer-lost', topic, 1, { route, limits: { requestMs: 500 } });
    await writer.write([scratchRecord(topic, 'before')]);
    await writer.flush();
    proxy.swallowAnswers();
    for (let n = 0; n < 5; n++) {
      await writer.write([scratchRecord(topic, `lost-${n}`)]);
      await pause(5);
    }
    // They are in the log, and the writer does not know it.
    const reader = log.reader();
    while ((await reader.bounds(topic, 0)).end < 3n) await pause(20);
    let flushed = false;
    const flush = writer.flush().then(() => (flushed = true));
    await pause(50);
    expect(flushed).toBe(false);
    proxy.drop();
    proxy.mend();
    await flush;
    await writer.write([scratchRecord(topic, 'after')]);
    await writer.flush();
    expect(await log.keys(topic)).toEqual(['before', 'lost-0', 'lost-1', 'lost-2', 'lost-3', 'lost-4', 'after']);
    expect(writer.endOffsets().get(`${topic}/0`)).toBe((await reader.bounds(topic, 0)).end);
  });

  it('the writer fails with a name when nothing gets through for its delivery time', async () => {
    const topic = await log.topic('never');
    const writer = await log.writer('never', topic, 1, { route, limits: { deliveryMs: 400, requestMs: 200 } });
    proxy.drop({ cut: true });
    await writer.write([scratchRecord(topic, 'k')]);
    await expect(writer.flush()).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED', retry: true });
    await expect(writer.write([scratchRecord(topic, 'k')])).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' });
  });

  it('the reader goes on where it was', async () => {
    const topic = await log.topic('read-cut', 2);
    const writer = await log.writer('read-cut', topic, 2);
    const count = 4000;
    await writer.write(Array.from({ length: count }, (_, n) => scratchRecord(topic, String(n), n % 2)));
    await writer.flush();
    const reader = log.reader({ route, fetchMaxBytes: 8 * 1024, partitionMaxBytes: 4 * 1024 });
    const seen: [number[], number[]] = [[], []];
    const next = [-2n, -2n];
    const from = [0, 1].map((partition) => ({ topic, partition, offset: -2n }));
    let batches = 0;
    for await (const batch of reader.read(from, new AbortController().signal)) {
      expect(batch.fetchedFrom).toBe(next[batch.partition]);
      next[batch.partition] = batch.nextOffset;
      for (const { key } of batch.records) seen[batch.partition as 0 | 1].push(Number(key.toString()));
      if (++batches === 3) proxy.drop();
      if (batches === 5) {
        proxy.drop({ cut: true });
        void pause(100).then(() => proxy.mend());
      }
      if (seen[0].length + seen[1].length === count) break;
    }
    expect(seen[0]).toEqual(Array.from({ length: count / 2 }, (_, i) => i * 2));
    expect(seen[1]).toEqual(Array.from({ length: count / 2 }, (_, i) => i * 2 + 1));
  });

  it('the reader fails with a name when its broker stays away', async () => {
    const topic = await log.topic('away');
    const reader = log.reader({ route, unreachableMs: 300 });
    proxy.drop({ cut: true });
    const reading = reader.read([{ topic, partition: 0, offset: 0n }], new AbortController().signal);
    await expect(reading[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'LOG_UNREACHABLE', retry: true });
  });
});
