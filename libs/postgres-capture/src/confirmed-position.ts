import { TrucError } from '@truc/kernel';
import { formatLsn, type Lsn } from './lsn.js';

/**
 * How far the slot may be confirmed: one byte past the highest sequence that was acknowledged.
 *
 * A sequence is the last LSN that is covered (a commit record's last byte, or the last byte looked at), and a slot's `confirmed_flush_lsn` is the first LSN that is
 * not. So with S stored, `confirmed_flush_lsn` is at most S + 1, and anything above is a gap; one stored number is enough to see it.
 * The byte matters: an idle advance up to LSN X, stored as X itself, would later hide a transaction whose commit record starts exactly at X.
 */
export class ConfirmedPosition {
  private confirmed: Lsn;

  /** @param slotConfirmed the slot's own `confirmed_flush_lsn`: telling it less would move the slot back */
  constructor(
    slotConfirmed: Lsn,
    private passedOn: bigint,
  ) {
    this.confirmed = slotConfirmed;
  }

  /** To tell the server. */
  get lsn(): Lsn {
    return this.confirmed;
  }

  /** The highest sequence that was given to the consumer. */
  get highestPassedOn(): bigint {
    return this.passedOn;
  }

  passOn(sequence: bigint): void {
    if (sequence > this.passedOn) this.passedOn = sequence;
  }

  /**
   * Bytes of log that the server keeps for whoever has read no further than `sequence`: none of what was confirmed, nor of what was there before the slot.
   * @param walEnd of what was looked at
   */
  bytesSince(sequence: bigint, walEnd: Lsn): number {
    const from = sequence > this.confirmed ? sequence : this.confirmed;
    const end = walEnd > this.passedOn ? walEnd : this.passedOn;
    return end > from ? Number(end - from) : 0;
  }

  /** @throws TrucError CAPTURE_ACKNOWLEDGED_AHEAD when the consumer acknowledges what it never got */
  acknowledge(sequence: bigint): void {
    if (sequence > this.passedOn) {
      throw new TrucError(
        'CAPTURE_ACKNOWLEDGED_AHEAD',
        `sequence ${formatLsn(sequence)} was acknowledged and only ${formatLsn(this.passedOn)} was passed on: the slot is not confirmed`,
      );
    }
    if (sequence + 1n > this.confirmed) this.confirmed = sequence + 1n;
  }
}
