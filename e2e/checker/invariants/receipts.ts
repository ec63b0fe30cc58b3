import { createHash } from 'node:crypto';
import { FindingDraft } from '../finding-draft.js';
import { tamperedParts, type TamperedDigests } from '../tampered-digests.js';
import type { Finding } from '../verdict.js';

/** A receipt, of what of it is judged. */
export interface Receipt {
  readonly deliveryId: string;
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  readonly recordCount: number;
  readonly digest: string;
  /** In milliseconds since 1970. */
  readonly deliveredAtMs: number;
}

/** A partition as one consumer received it. */
export interface ReceivedPartition {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  /** Whether there were receipts that the log has forgotten. */
  readonly areOlderGone: boolean;
  /** Its end when everything had arrived: what came later may still wait for its receipt. */
  readonly end: bigint;
}

/** Digests of a partition's records, and their offsets in ascending order. */
export interface DigestedPartition {
  readonly offsets: readonly bigint[];
  readonly digests: readonly Buffer[];
  /** What they would be with one byte changed: of the records that a receipt begins with, by offset. */
  readonly tampered: ReadonlyMap<bigint, TamperedDigests>;
}

/** SHA-256 over record digests. */
export function digestOfDigests(digests: readonly Buffer[]): string {
  return createHash('sha256').update(Buffer.concat(digests)).digest('hex');
}

/** Records are left whole by compaction for so long; what was delivered before cannot be recomputed. */
const wholeMs = 7 * 24 * 60 * 60 * 1_000;

/** I7: every delivery has a receipt whose digest the topic's own records have, and one changed byte is found. */
export class ReceiptsJudge {
  readonly #draft: FindingDraft;
  readonly #sinceMs: number;
  #records = 0;
  #tampered = 0;
  #older = 0;

  /** @param topics that must be judged @param nowMs in milliseconds since 1970 */
  constructor(topics: readonly string[] = [], nowMs = Date.now()) {
    this.#draft = new FindingDraft('I7', topics);
    this.#sinceMs = nowMs - wholeMs;
    this.#draft.say('judged on receipts’ digests: no ledger stands behind them yet');
  }

  /** @param kept receipts of that consumer for that partition */
  add(
    { consumer, topic, partition, areOlderGone, end }: ReceivedPartition,
    kept: readonly Receipt[],
    { offsets: all, digests, tampered }: DigestedPartition,
  ): void {
    const isCovered = new Uint8Array(all.length);
    isCovered.fill(1, lowerBound(all, end));
    const receipts = kept.filter(({ deliveredAtMs }) => deliveredAtMs >= this.#sinceMs);
    if (areOlderGone || receipts.length < kept.length) {
      const begin = receipts.reduce((first, { firstOffset }) => lowerBound(all, firstOffset, first), all.length);
      isCovered.fill(1, 0, begin);
      this.#older += begin;
    }
    for (const receipt of receipts) {
      const from = lowerBound(all, receipt.firstOffset);
      const to = lowerBound(all, receipt.lastOffset + 1n);
      const found = digests.slice(from, to);
      this.#draft.count(1, topic);
      this.#records += found.length;
      if (found.length !== receipt.recordCount || digestOfDigests(found) !== receipt.digest) {
        this.#draft.violate(`receipt ${receipt.deliveryId} does not vouch for the records of ${topic}/${partition}`, [
          `receipt: ${receipt.recordCount} records from offset ${receipt.firstOffset} to ${receipt.lastOffset}, ${receipt.digest}`,
          `topic: ${found.length} records, ${digestOfDigests(found)}`,
        ]);
      }
      this.#tamper(receipt, found, tampered.get(receipt.firstOffset));
      isCovered.fill(1, from, to);
    }
    const first = isCovered.indexOf(0);
    if (first >= 0)
      this.#draft.violate(
        `records of ${topic}/${partition} were delivered to ${consumer} without a receipt, the first at offset ${all[first]}`,
      );
  }

  /** A record of the receipts' topic that tells nothing. */
  unreadable(where: string, why: string): void {
    this.#draft.violate(`the receipt at ${where} cannot be read: ${why}`);
  }

  /** The check must be able to fail: with one byte of its first record changed the receipt vouches no more. */
  #tamper(receipt: Receipt, digests: readonly Buffer[], first: TamperedDigests | undefined): void {
    if (first === undefined || digests.length === 0) return;
    this.#tampered += 1;
    for (const part of tamperedParts) {
      if (digestOfDigests([first[part], ...digests.slice(1)]) === receipt.digest)
        this.#draft.violate(`receipt ${receipt.deliveryId} does not find one changed byte of a record’s ${part}`);
    }
  }

  finding(): Finding {
    this.#draft.say(
      `${this.#draft.checked.toLocaleString('en')} receipts for ${this.#records.toLocaleString('en')} records recomputed from their topics`,
    );
    this.#draft.say(`a changed byte of offset, key and value was looked for in ${this.#tampered.toLocaleString('en')} of them`);
    if (this.#older > 0)
      this.#draft.say(
        `${this.#older.toLocaleString('en')} records were delivered before receipts that can still be recomputed, and were left out`,
      );
    return this.#draft.finding();
  }
}

/** Index of the first offset that is not below `offset`, among those before `end`. */
function lowerBound(offsets: readonly bigint[], offset: bigint, end = offsets.length): number {
  let [low, high] = [0, end];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] ?? 0n) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
