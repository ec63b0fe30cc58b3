import { isUtf8 } from 'node:buffer';
import { PathError } from './path-error.js';

const empty = Buffer.alloc(0);

/** Fields of records in one value: so many whatever its length, and so many more for each byte. A schema has at most 1,000, and a field mostly takes a byte or more. */
const fieldsFree = 10_000;
const fieldsPerByte = 8;

/** Reads Avro's binary forms out of a buffer. Every read checks that the bytes are there before anything is allocated for them. */
export class ByteCursor {
  private buffer: Buffer = empty;
  private end = 0;
  position = 0;
  /** How many records that may contain themselves are open. */
  depth = 0;
  private fieldsLeft = 0;

  open(buffer: Buffer): void {
    this.buffer = buffer;
    this.end = buffer.length;
    this.position = 0;
    this.depth = 0;
    this.fieldsLeft = fieldsFree + fieldsPerByte * buffer.length;
  }

  close(): void {
    this.buffer = empty;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  boolean(): boolean {
    const byte = this.byte();
    if (byte > 1) throw new PathError(`${byte} is no boolean (0 or 1)`);
    return byte === 1;
  }

  int(): number {
    const first = this.byte();
    if (first < 0x80) return (first >>> 1) ^ -(first & 1);
    let bits = first & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.byte();
      bits |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (bits >>> 1) ^ -(bits & 1);
    }
    const last = this.byte();
    if (last > 0x0f) throw new PathError('an int takes more than 32 bits');
    bits |= last << 28;
    return (bits >>> 1) ^ -(bits & 1);
  }

  long(): bigint {
    const first = this.byte();
    if (first < 0x80) return BigInt((first >>> 1) ^ -(first & 1));
    // Seven groups are 49 bits, which a double holds exactly; only what is longer is worth the cost of big numbers.
    let low = first & 0x7f;
    let weight = 128;
    for (let group = 1; group < 7; group++) {
      const byte = this.byte();
      low += (byte & 0x7f) * weight;
      if (byte < 0x80) return BigInt(low % 2 === 0 ? low / 2 : -(low + 1) / 2);
      weight *= 128;
    }
    let high = 0;
    for (let shift = 0; shift < 21; shift += 7) {
      const byte = this.byte();
      if (shift === 14 && byte > 1) throw new PathError('a long takes more than 64 bits');
      high |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const bits = BigInt(low) + (BigInt(high) << 49n);
    return (bits >> 1n) ^ -(bits & 1n);
  }

  /** A length, a count or a branch: a long that has to be small. */
  size(what: string): number {
    const value = this.long();
    if (value < -0x7fffffffn || value > 0x7fffffffn) throw new PathError(`${what} ${value} is out of any reason`);
    return Number(value);
  }

  float(): number {
    this.need(4);
    const value = this.buffer.readFloatLE(this.position);
    this.position += 4;
    return value;
  }

  double(): number {
    this.need(8);
    const value = this.buffer.readDoubleLE(this.position);
    this.position += 8;
    return value;
  }

  /** A copy, so that a value never keeps a whole fetched batch alive. */
  bytes(length: number): Buffer {
    this.need(length);
    const value = Buffer.from(this.buffer.subarray(this.position, this.position + length));
    this.position += length;
    return value;
  }

  string(): string {
    const length = this.length();
    const start = this.position;
    this.need(length);
    this.position = start + length;
    const text = this.buffer.toString('utf8', start, this.position);
    // Decoding puts U+FFFD where bytes are not UTF-8, so only a text that holds one needs a second look.
    if (text.includes('\uFFFD') && !isUtf8(this.buffer.subarray(start, this.position))) {
      this.position = start;
      throw new PathError('text is not valid UTF-8');
    }
    return text;
  }

  /** The length that stands before text and bytes. */
  length(): number {
    const length = this.size('a length of');
    if (length < 0) throw new PathError(`a length of ${length}`);
    return length;
  }

  /**
   * Counts the fields of a record before it is made. Fields may take no bytes at all (null, or a record of such), so without a bound a few bytes could stand for any number of them.
   */
  record(fields: number): void {
    this.fieldsLeft -= fields;
    if (this.fieldsLeft < 0) throw new PathError(`more fields than ${this.end} bytes may stand for`);
  }

  /** Big-endian two's complement. */
  bigInteger(length: number): bigint {
    this.need(length);
    const start = this.position;
    this.position += length;
    if (length <= 6) return BigInt(this.buffer.readIntBE(start, length));
    if (length === 8) return this.buffer.readBigInt64BE(start);
    return BigInt.asIntN(length * 8, BigInt(`0x${this.buffer.toString('hex', start, this.position)}`));
  }

  need(length: number): void {
    if (length > this.end - this.position) {
      throw new PathError(`${length} bytes expected, ${this.end - this.position} are left`);
    }
  }

  private byte(): number {
    if (this.position >= this.end) throw new PathError('the bytes end in the middle of the value');
    return this.buffer[this.position++]!;
  }
}
