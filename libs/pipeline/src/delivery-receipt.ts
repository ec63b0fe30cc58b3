import { compileCodec, frame } from '@truc/avro';
import { shippedSchema } from '@truc/change-event';
import type { LogBatch, LogRecord } from './log.js';
import { receiptDigest } from './receipt-digest.js';

/** Whose deliveries are receipted: a consumer, and which of its databases. */
export interface Recipient {
  /** `general-database`, or the agency's slug. */
  readonly consumer: string;
  /** One consumer may keep the same topic in two databases; each of them has deliveries of its own. */
  readonly database: string;
}

/** What one transaction of a target is about to commit of one partition. */
export interface Delivery extends Recipient {
  /** {@link deliveryId}. */
  readonly deliveryId: string;
  readonly topic: string;
  readonly partition: number;
  /** Offsets of the first and the last record. Between them, compaction and control batches leave holes. */
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  /** Records that were delivered, refused and repeated ones included: what was refused is told in `rejected.<consumer>`. */
  readonly recordCount: number;
  /** {@link receiptDigest} of those records. */
  readonly digest: string;
}

/** A delivery that was committed. */
export interface DeliveryReceipt extends Delivery {
  /** Taken inside the transaction, after its locks; milliseconds since the Unix epoch. */
  readonly deliveredAtMs: number;
}

/** Names a delivery by where it begins, which the next attempt knows as well: no part of it contains a slash. */
export function deliveryId({
  consumer,
  database,
  topic,
  partition,
  firstOffset,
}: Pick<Delivery, 'consumer' | 'database' | 'topic' | 'partition' | 'firstOffset'>): string {
  return `${consumer}/${database}/${topic}/${partition}/${firstOffset}`;
}

/**
 * One delivery for each partition that has records among the batches; they are written in one transaction, so several batches of a partition are one delivery.
 * @param batches those of one partition in the order of their offsets
 */
export function deliveriesOf(batches: readonly LogBatch[], recipient: Recipient): Delivery[] {
  const partitions = new Map<string, LogBatch[]>();
  for (const batch of batches) {
    const place = `${batch.topic}/${batch.partition}`;
    const known = partitions.get(place);
    if (known === undefined) partitions.set(place, [batch]);
    else known.push(batch);
  }
  return [...partitions.values()].flatMap((joined) => {
    const records = joined.flatMap((batch) => batch.records);
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined) return [];
    const coordinates = { ...recipient, topic: first.topic, partition: first.partition, firstOffset: first.offset };
    return [
      {
        deliveryId: deliveryId(coordinates),
        ...coordinates,
        lastOffset: last.offset,
        recordCount: records.length,
        digest: receiptDigest(records),
      },
    ];
  });
}

export const receiptSchema = shippedSchema('DeliveryReceipt');
const codec = compileCodec(receiptSchema);

/** The record for the topic of receipts; the same receipt always has the same bytes. */
export function receiptRecord(topic: string, schemaId: number, receipt: DeliveryReceipt): LogRecord {
  const { deliveryId: id, deliveredAtMs, recordCount } = receipt;
  const body = codec.encode({ ...receipt, recordCount: BigInt(recordCount), deliveredAtMs: BigInt(deliveredAtMs) });
  return { topic, partition: 0, key: Buffer.from(id), value: frame(schemaId, body), headers: [], timestampMs: deliveredAtMs };
}

/** What {@link receiptRecord} wrote. @param body the value without its frame @throws TrucError AVRO_MALFORMED */
export function decodeReceipt(body: Buffer): DeliveryReceipt {
  const decoded = codec.decode(body) as Omit<DeliveryReceipt, 'recordCount' | 'deliveredAtMs'> & {
    recordCount: bigint;
    deliveredAtMs: bigint;
  };
  return { ...decoded, recordCount: Number(decoded.recordCount), deliveredAtMs: Number(decoded.deliveredAtMs) };
}
