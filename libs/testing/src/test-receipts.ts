import { unframe } from '@truc/avro';
import { decodeReceipt, receiptDigest, scanToEnd, type DeliveryReceipt, type LogReader, type StoredRecord } from '@truc/pipeline';

/** A topic of receipts from its beginning to its present end, repetitions included, as they stand there. */
export async function readReceipts(reader: LogReader, topic: string): Promise<{ key: string; receipt: DeliveryReceipt }[]> {
  const found = [];
  for (const record of await recordsOf(reader, topic, 0)) {
    found.push({ key: record.key.toString(), receipt: decodeReceipt(unframe(record.value as Buffer).body) });
  }
  return found;
}

/**
 * Holds receipts against the topic that they are about, with nothing but the two of them in hand.
 * @returns a sentence for every record without a receipt, every record with two, and every receipt that does not recompute; empty when all is well
 */
export async function receiptProblems(
  reader: LogReader,
  { topic, partitions }: { readonly topic: string; readonly partitions: number },
  receipts: readonly DeliveryReceipt[],
): Promise<string[]> {
  const problems: string[] = [];
  const own = [...new Map(receipts.filter((one) => one.topic === topic).map((one) => [one.deliveryId, one])).values()];
  for (let partition = 0; partition < partitions; partition += 1) {
    const records = await recordsOf(reader, topic, partition);
    const ofPartition = own.filter((one) => one.partition === partition);
    for (const receipt of ofPartition) {
      const delivered = records.filter(({ offset }) => isIn(receipt, offset));
      const agrees = delivered.length === receipt.recordCount && receiptDigest(delivered) === receipt.digest;
      if (!agrees) problems.push(`${receipt.deliveryId} does not recompute`);
    }
    for (const { offset } of records) {
      const count = ofPartition.filter((receipt) => isIn(receipt, offset)).length;
      if (count !== 1) problems.push(`${topic}/${partition}/${offset} is in ${count} receipts`);
    }
  }
  return problems;
}

function isIn({ firstOffset, lastOffset }: DeliveryReceipt, offset: bigint): boolean {
  return firstOffset <= offset && offset <= lastOffset;
}

/** Copies: what a reader gives are views of its buffer. */
async function recordsOf(reader: LogReader, topic: string, partition: number): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for await (const record of scanToEnd(reader, topic, partition, -2n, new AbortController().signal)) {
    records.push({ ...record, key: Buffer.from(record.key), value: record.value === null ? null : Buffer.from(record.value) });
  }
  return records;
}
