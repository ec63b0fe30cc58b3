import { hasCode } from '@truc/kernel';
import { testKafka } from '@truc/testing';
import { ScratchLog, scratchRecord } from './scratch-log.js';
import type { FencedLogWriter } from './log-writer.js';

const log = new ScratchLog(testKafka());
afterAll(() => log.close());

const keyed = (topic: string, who: string, n: number, partition = 0) => scratchRecord(topic, `${who}${n}`, partition);

/** Writes until it may not; returns how many records were acknowledged for sure. */
async function writeUntilFenced(writer: FencedLogWriter, topic: string, partitions: number, who: string): Promise<number> {
  let acknowledged = 0;
  try {
    // Far more than it gets to write before it is fenced, so that a fence which does not hold ends the test too.
    for (let n = 0; n < 200_000; n += 50) {
      for (let i = n; i < n + 50; i++) await writer.write([keyed(topic, who, i, i % partitions)]);
      if (n % 500 === 0) {
        await writer.flush();
        acknowledged = n + 50;
      }
    }
  } catch (error) {
    if (!hasCode(error, 'LOG_FENCED')) throw error;
    return acknowledged;
  }
  throw new Error(`${who} was never fenced`);
}

describe('fencing', () => {
  it('refuses the former owner for ever, on partitions too that its successor has not written to', async () => {
    const topic = await log.topic('taken', 2);
    const a = await log.writer('taken', topic, 2);
    await a.write([keyed(topic, 'a', 0), keyed(topic, 'a', 0, 1)]);
    await a.flush();
    const b = await log.writer('taken', topic, 2);
    await a.write([keyed(topic, 'a', 1, 1)]);
    await expect(a.flush()).rejects.toMatchObject({ code: 'LOG_FENCED', retry: false, message: expect.stringContaining('taken') });
    await expect(a.write([keyed(topic, 'a', 2)])).rejects.toMatchObject({ code: 'LOG_FENCED' });
    await expect(a.flush()).rejects.toMatchObject({ code: 'LOG_FENCED' });
    await expect(a.extend([{ topic: await log.topic('other'), partition: 0 }])).rejects.toMatchObject({ code: 'LOG_FENCED' });
    await b.write([keyed(topic, 'b', 0), keyed(topic, 'b', 0, 1)]);
    await b.flush();
    await b.write([keyed(topic, 'b', 1)]);
    await b.flush();
    expect(await log.keys(topic, 0)).toEqual(['a0', 'b0', 'b1']);
    expect(await log.keys(topic, 1)).toEqual(['a0', 'b0']);
  });

  it('lets nothing of the former owner land behind the moment at which its successor was opened, though it writes without pause', async () => {
    const partitions = 4;
    const topic = await log.topic('race', partitions);
    const a = await log.writer('race', topic, partitions);
    const fencedA = writeUntilFenced(a, topic, partitions, 'a');
    const reader = log.reader();
    // A is well under way before B comes.
    while ((await reader.bounds(topic, 0)).end < 50n) await new Promise((resolve) => setTimeout(resolve, 10));
    const b = await log.writer('race', topic, partitions);
    const endsAtOpening: bigint[] = [];
    for (let partition = 0; partition < partitions; partition++) endsAtOpening.push((await reader.bounds(topic, partition)).end);
    const acknowledgedA = await fencedA;
    await b.write(Array.from({ length: partitions }, (_, partition) => keyed(topic, 'b', 0, partition)));
    await b.flush();

    const records = (await log.readAll(topic, partitions)).flatMap((batch) => batch.records);
    const ofA = records.filter(({ key }) => key.toString().startsWith('a'));
    for (const { offset, partition } of ofA) expect(offset).toBeLessThan(endsAtOpening[partition]!);
    // In order and without a hole or a double, and nothing that was acknowledged is missing.
    for (let partition = 0; partition < partitions; partition++) {
      const numbers = ofA.filter((record) => record.partition === partition).map(({ key }) => Number(key.toString().slice(1)));
      expect(numbers).toEqual(numbers.map((_, i) => i * partitions + partition));
    }
    expect(ofA.length).toBeGreaterThanOrEqual(acknowledgedA);
    expect(records.filter(({ key }) => key.toString() === 'b0')).toHaveLength(partitions);
  });

  it('is renewed in the middle of writing, with nothing lost, doubled or out of order', async () => {
    const topic = await log.topic('renewed');
    const writer = await log.writer('renewed', topic, 1, { renewMs: 100 });
    const began = Date.now();
    let count = 0;
    // At least as long as it takes for some renewals; how many there were is told by the markers.
    while (Date.now() - began < 1500) {
      await writer.write([keyed(topic, 'r', count++)]);
      if (count % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await writer.flush();
    expect(await log.keys(topic)).toEqual(Array.from({ length: count }, (_, n) => `r${n}`));
    const { end } = await log.reader().bounds(topic, 0);
    const markers = Number(end) - count;
    expect(markers).toBeGreaterThan(2);
  });

  it('is not taken back by the renewal of a writer that was fenced', async () => {
    const topic = await log.topic('kept');
    const a = await log.writer('kept', topic, 1, { renewMs: 300 });
    const b = await log.writer('kept', topic);
    // A's renewal is due and is refused, whether it writes or not.
    let refusal: unknown = null;
    for (let attempt = 0; attempt < 200 && refusal === null; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await a.flush().catch((error: unknown) => (refusal = error));
    }
    expect(refusal).toMatchObject({ code: 'LOG_FENCED' });
    await b.write([keyed(topic, 'b', 0)]);
    await b.flush();
    expect(await log.keys(topic)).toEqual(['b0']);
  });

  it('refuses to write under an old epoch when its process was stopped for longer than the renewal takes', async () => {
    const topic = await log.topic('stopped');
    let nowMs = Date.now();
    const a = await log.writer('stopped', topic, 1, { clock: { now: () => nowMs } });
    const b = await log.writer('stopped', topic);
    nowMs += 7 * 3_600_000;
    // The renewal comes first, and it is refused before the record is sent.
    await a.write([keyed(topic, 'a', 0)]);
    await expect(a.flush()).rejects.toMatchObject({ code: 'LOG_FENCED' });
    await b.write([keyed(topic, 'b', 0)]);
    await b.flush();
    expect(await log.keys(topic)).toEqual(['b0']);
  });
});
