import { TrucError } from '@truc/kernel';
import type { Delivery, WaitingReceipt } from '@truc/pipeline';
import type { Session } from './session.js';

interface ReceiptRow {
  readonly id: string;
  readonly delivery_id: string;
  readonly consumer: string;
  readonly database: string;
  readonly topic: string;
  readonly partition: number;
  readonly first_offset: string;
  readonly last_offset: string;
  readonly record_count: string;
  readonly digest: string;
  readonly delivered_at_ms: string;
}

/**
 * The receipts of an applier that wait in the target database for their way to the log.
 *
 * Ids ascend by partition: they are given out under the lock of the partition's offset. Across partitions a transaction with a lower id may become visible later,
 * so what waits is always read from the lowest id, never from behind the last one that was seen.
 */
export class ReceiptBook {
  readonly #appliedBy: string;
  readonly #waitingMax: number;

  /** @param waitingMax receipts that may wait, of less than 2 KiB each */
  constructor(appliedBy: string, waitingMax: number) {
    this.#appliedBy = appliedBy;
    this.#waitingMax = waitingMax;
  }

  /** In the transaction that holds the locks of the offsets. @throws TrucError APPLY_RECEIPTS_WAITING (retry) when more would wait than may */
  async add(session: Session, deliveries: readonly Delivery[], deliveredAtMs: number): Promise<void> {
    if (deliveries.length === 0) return;
    const { rows } = await session.query<{ waiting: string }>(
      `WITH added AS (
         INSERT INTO truc.receipts (applied_by, delivery_id, consumer, database, topic, partition, first_offset, last_offset, record_count, digest, delivered_at_ms)
         SELECT $1, delivery_id, consumer, database, topic, partition, first_offset, last_offset, record_count, decode(digest, 'hex'), $2
           FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::bigint[], $9::bigint[], $10::bigint[], $11::text[])
                  WITH ORDINALITY AS delivery (delivery_id, consumer, database, topic, partition, first_offset, last_offset, record_count, digest, ordinal)
          ORDER BY ordinal)
       SELECT count(*) AS waiting FROM (SELECT FROM truc.receipts WHERE applied_by = $1 LIMIT $12) AS before`,
      [
        this.#appliedBy,
        deliveredAtMs,
        deliveries.map(({ deliveryId }) => deliveryId),
        deliveries.map(({ consumer }) => consumer),
        deliveries.map(({ database }) => database),
        deliveries.map(({ topic }) => topic),
        deliveries.map(({ partition }) => partition),
        deliveries.map(({ firstOffset }) => firstOffset.toString()),
        deliveries.map(({ lastOffset }) => lastOffset.toString()),
        deliveries.map(({ recordCount }) => recordCount),
        deliveries.map(({ digest }) => digest),
        this.#waitingMax,
      ],
    );
    if (Number(rows[0]?.waiting) + deliveries.length > this.#waitingMax) {
      throw new TrucError(
        'APPLY_RECEIPTS_WAITING',
        `${this.#waitingMax} receipts of ${this.#appliedBy} wait in truc.receipts and do not reach the log; nothing was written. ` +
          'Deliveries go on when the topic of receipts can be written again: look at why it cannot',
        { retry: true },
      );
    }
  }

  async waiting(session: Session, max: number): Promise<{ receipts: WaitingReceipt[]; count: number }> {
    const { rows } = await session.query<ReceiptRow>(
      `SELECT id, delivery_id, consumer, database, topic, partition, first_offset, last_offset, record_count, encode(digest, 'hex') AS digest, delivered_at_ms
         FROM truc.receipts WHERE applied_by = $1 ORDER BY id LIMIT $2`,
      [this.#appliedBy, max],
    );
    return { receipts: rows.map(receiptOf), count: rows.length < max ? rows.length : await this.#count(session) };
  }

  async settle(session: Session, ids: readonly bigint[]): Promise<void> {
    await session.query('DELETE FROM truc.receipts WHERE applied_by = $1 AND id = ANY ($2::bigint[])', [
      this.#appliedBy,
      ids.map((id) => id.toString()),
    ]);
  }

  async #count(session: Session): Promise<number> {
    const { rows } = await session.query<{ waiting: string }>('SELECT count(*) AS waiting FROM truc.receipts WHERE applied_by = $1', [
      this.#appliedBy,
    ]);
    return Number(rows[0]?.waiting);
  }
}

function receiptOf(row: ReceiptRow): WaitingReceipt {
  const { consumer, database, topic, partition, digest } = row;
  return {
    id: BigInt(row.id),
    receipt: {
      deliveryId: row.delivery_id,
      consumer,
      database,
      topic,
      partition,
      firstOffset: BigInt(row.first_offset),
      lastOffset: BigInt(row.last_offset),
      recordCount: Number(row.record_count),
      digest,
      deliveredAtMs: Number(row.delivered_at_ms),
    },
  };
}
