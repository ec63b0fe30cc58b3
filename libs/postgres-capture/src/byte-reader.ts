import { isUtf8 } from 'node:buffer';
import { TrucError } from '@truc/kernel';
import { formatLsn, type Lsn } from './lsn.js';

/**
 * Reads big-endian fields of one protocol message and never past its end: whatever the bytes claim, a field outside the message is an error that names
 * the message and its LSN.
 */
export class ByteReader {
  private offset = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly what: string,
    private readonly lsn: Lsn,
  ) {}

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  uint8(): number {
    return this.bytes[this.claim(1)]!;
  }

  uint16(): number {
    return this.bytes.readUInt16BE(this.claim(2));
  }

  uint32(): number {
    return this.bytes.readUInt32BE(this.claim(4));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.claim(4));
  }

  uint64(): bigint {
    return this.bytes.readBigUInt64BE(this.claim(8));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.claim(8));
  }

  /** A view on the next `length` bytes, no copy. */
  take(length: number): Buffer {
    const start = this.claim(length);
    return this.bytes.subarray(start, this.offset);
  }

  text(length: number): string {
    const start = this.claim(length);
    return this.#decoded(start, this.offset);
  }

  /** Text up to a NUL, which is consumed. */
  cstring(): string {
    const start = this.offset;
    const end = this.bytes.indexOf(0, start);
    if (end === -1) this.fail(`a string that begins at byte ${start} has no end`);
    this.offset = end + 1;
    return this.#decoded(start, end);
  }

  #decoded(start: number, end: number): string {
    const text = this.bytes.toString('utf8', start, end);
    // Decoding puts U+FFFD where bytes are not UTF-8, so only a text that holds one needs a second look.
    if (text.includes('\uFFFD') && !isUtf8(this.bytes.subarray(start, end))) this.fail(`the text at byte ${start} is not UTF-8`);
    return text;
  }

  /** @throws TrucError when bytes are left over: they would mean that the message was not understood */
  finish(): void {
    if (this.remaining !== 0) this.fail(`${this.remaining} surplus bytes after its last field`);
  }

  /** @throws TrucError CAPTURE_MESSAGE_MALFORMED */
  fail(reason: string): never {
    throw new TrucError(
      'CAPTURE_MESSAGE_MALFORMED',
      `the ${this.what} message at LSN ${formatLsn(this.lsn)} cannot be read: ${reason}. Nothing was confirmed past it; ` +
        'check that nothing between the agent and PostgreSQL alters the connection, and that the server is PostgreSQL 15 or later',
    );
  }

  private claim(length: number): number {
    const start = this.offset;
    if (length < 0 || start + length > this.bytes.length) {
      this.fail(`a field at byte ${start} wants ${length} bytes and ${this.bytes.length - start} are left`);
    }
    this.offset = start + length;
    return start;
  }
}
