import type { LogBatch, LogReader, StoredRecord } from '@truc/pipeline';
import { ReceiptsJudge } from './invariants/receipts.js';
import { KeptReceipts } from './receipt-reading.js';
import type { RegistrySchemas } from './registry-schemas.js';

/** Values are JSON here: what is asked is what becomes of receipts, not how they are framed. */
const schemas = {
  decode: (bytes: Buffer) => Promise.resolve().then(() => JSON.parse(bytes.toString()) as unknown),
} as RegistrySchemas;

function readerOf(values: readonly string[], start: bigint): LogReader {
  const records = values.map((value, index): StoredRecord => ({
    topic: 'receipts',
    partition: 0,
    offset: start + BigInt(index),
    key: Buffer.from('d'),
    value: Buffer.from(value),
    headers: [],
    timestampMs: 0,
  }));
  const end = start + BigInt(records.length);
  const batch: LogBatch = { topic: 'receipts', partition: 0, fetchedFrom: start, nextOffset: end, endOffset: end, records };
  return {
    partitions: () => Promise.resolve(1),
    bounds: () => Promise.resolve({ start, end }),
    read: async function* () {
      yield batch;
    },
    close: () => Promise.resolve(),
  };
}

describe('receipts on the log', () => {
  const receipt = (consumer: string, firstOffset: number) =>
    JSON.stringify({ consumer, topic: 't', partition: 2, firstOffset, recordCount: 3, deliveredAtMs: 7 });
  const read = (judge: ReceiptsJudge, values: readonly string[], start = 0n) =>
    KeptReceipts.read({ reader: readerOf(values, start), schemas, signal: AbortSignal.timeout(5_000) }, judge);

  it('are kept by consumer and partition, in their order', async () => {
    const kept = await read(new ReceiptsJudge(), [receipt('a', 0), receipt('b', 0), receipt('a', 3)]);
    expect(kept.of('a', 't', 2).map(({ firstOffset }) => Number(firstOffset))).toEqual([0, 3]);
    expect(kept.of('a', 't', 2)[0]).toMatchObject({ recordCount: 3, deliveredAtMs: 7 });
    expect([kept.of('a', 't', 1), kept.isCut]).toEqual([[], false]);
    expect((await read(new ReceiptsJudge(), [receipt('a', 0)], 5n)).isCut).toBe(true);
  });

  it('that cannot be read are violations with their place, and hide no others', async () => {
    const judge = new ReceiptsJudge();
    const kept = await read(judge, ['{', receipt('a', 0)]);
    expect(kept.of('a', 't', 2)).toHaveLength(1);
    expect(judge.finding().violations).toEqual([expect.objectContaining({ message: expect.stringContaining('receipts/0 offset 0') })]);
  });
});
