import { unframe } from '@truc/avro';
import { decodeReceipt, deliveriesOf, receiptRecord } from './delivery-receipt.js';
import type { LogBatch } from './log.js';
import { receiptDigest } from './receipt-digest.js';

const recipient = { consumer: 'g12-34', database: 'social_insurance' };

function batch(partition: number, fetchedFrom: bigint, offsets: readonly bigint[], nextOffset: bigint): LogBatch {
  const topic = 'view.a';
  const records = offsets.map((offset) => ({
    topic,
    partition,
    offset,
    key: Buffer.from(`key ${offset}`),
    value: Buffer.from(`value ${offset}`),
    headers: [],
    timestampMs: 1,
  }));
  return { topic, partition, fetchedFrom, nextOffset, endOffset: nextOffset, records };
}

describe('deliveries', () => {
  it('are one for each partition that has records, however many batches it came in', () => {
    const batches = [batch(0, -2n, [3n, 4n], 6n), batch(1, 0n, [], 2n), batch(2, 5n, [9n], 10n), batch(0, 6n, [8n], 9n)];
    const records = batches.filter(({ partition }) => partition === 0).flatMap((one) => one.records);
    const deliveries = deliveriesOf(batches, recipient);
    expect(deliveries).toEqual([
      {
        deliveryId: 'g12-34/social_insurance/view.a/0/3',
        ...recipient,
        topic: 'view.a',
        partition: 0,
        firstOffset: 3n,
        lastOffset: 8n,
        recordCount: 3,
        digest: receiptDigest(records),
      },
      expect.objectContaining({ deliveryId: 'g12-34/social_insurance/view.a/2/9', recordCount: 1, lastOffset: 9n }),
    ]);
    expect(deliveriesOf([batch(1, 0n, [], 2n)], recipient)).toEqual([]);
  });

  it('have the same id wherever the fetch began and however they were cut', () => {
    const ids = [batch(0, -2n, [3n, 4n], 6n), batch(0, 1n, [3n], 4n)].map((one) => deliveriesOf([one], recipient)[0]?.deliveryId);
    expect(ids[0]).toBe(ids[1]);
  });

  it('go to the log with their id as key, and come back from there', () => {
    const [delivery] = deliveriesOf([batch(0, 0n, [3n, 4n], 6n)], recipient);
    if (delivery === undefined) throw new Error('there is a delivery');
    const receipt = { ...delivery, deliveredAtMs: 1_700_000_000_123 };
    const record = receiptRecord('receipts', 7, receipt);
    expect(record).toMatchObject({ topic: 'receipts', partition: 0, headers: [], timestampMs: receipt.deliveredAtMs });
    expect(record.key.toString()).toBe(delivery.deliveryId);
    const { schemaId, body } = unframe(record.value as Buffer);
    expect(schemaId).toBe(7);
    expect(decodeReceipt(body)).toEqual(receipt);
    expect(receiptRecord('receipts', 7, receipt)).toEqual(record);
    expect(record.value?.includes('value 3')).toBe(false);
  });
});
