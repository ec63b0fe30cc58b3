import type { DeliveryReceipt } from './delivery-receipt.js';

/** A receipt that stands in the target's database and is not yet in the log. */
export interface WaitingReceipt {
  /** Of the outbox; ascends in the order of the deliveries of each partition. */
  readonly id: bigint;
  readonly receipt: DeliveryReceipt;
}

/**
 * Receipts of one consumer, written by `ChangeTarget.apply` in the transaction of what they vouch for: a delivery that was rolled back leaves none.
 * libs/postgres-apply implements it.
 */
export interface ReceiptOutbox {
  /** The oldest ones, at most `max`, and how many wait in all. @throws TrucError APPLY_CONNECTION_LOST (retry) and others of the target */
  waiting(max: number): Promise<{ readonly receipts: readonly WaitingReceipt[]; readonly count: number }>;
  /** Forgets receipts that the log has acknowledged. @throws TrucError as `waiting` */
  settle(ids: readonly bigint[]): Promise<void>;
}
