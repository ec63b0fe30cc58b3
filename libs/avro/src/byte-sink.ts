import { PathError } from './path-error.js';

const sizeInitial = 4096;
/** A sink that grew beyond this gives its memory back after the message. */
const sizeKeptMax = 1024 * 1024;

/** Writes Avro's binary forms into a buffer that grows. */
export class ByteSink {
  private buffer: Buffer = Buffer.allocUnsafeSlow(sizeInitial);
  private position = 0;

  reset(): void {
    this.position = 0;
    if (this.buffer.length > sizeKeptMax) this.buffer = Buffer.allocUnsafeSlow(sizeInitial);
  }

  /** A copy of what was written since the reset. */
  take(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.position));
  }

  boolean(value: boolean): void {
    this.room(1);
    this.buffer[this.position++] = value ? 1 : 0;
  }

  /** An int, or a length, count or branch: -2^31 to 2^31 - 1. */
  int(value: number): void {
    this.room(5);
    let bits = ((value << 1) ^ (value >> 31)) >>> 0;
    while (bits > 0x7f) {
      this.buffer[this.position++] = (bits & 0x7f) | 0x80;
      bits >>>= 7;
    }
    this.buffer[this.position++] = bits;
  }

  /** -2^63 to 2^63 - 1; the caller has checked it. */
  long(value: bigint): void {
    if (value >= -0x40000000n && value <= 0x3fffffffn) return this.int(Number(value));
    this.room(10);
    // 32 bits at a time: shifting big numbers seven bits at a time would allocate at every step.
    const bits = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    let low = Number(bits & 0xffffffffn);
    let high = Number(bits >> 32n);
    while (high !== 0 || low > 0x7f) {
      this.buffer[this.position++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.buffer[this.position++] = low;
  }

  float(value: number): void {
    this.room(4);
    this.position = this.buffer.writeFloatLE(value, this.position);
  }

  double(value: number): void {
    this.room(8);
    this.position = this.buffer.writeDoubleLE(value, this.position);
  }

  bytes(value: Uint8Array): void {
    this.room(value.length);
    this.buffer.set(value, this.position);
    this.position += value.length;
  }

  string(value: string): void {
    const { length } = value;
    // Up to 21 characters take at most 63 bytes, so the length is one byte and is known to go before them.
    if (length <= 21 && this.shortString(value)) return;
    if (!value.isWellFormed()) throw new PathError('text holds half of a surrogate pair and has no UTF-8 form');
    const bytes = Buffer.byteLength(value);
    this.int(bytes);
    this.room(bytes);
    this.position += this.buffer.write(value, this.position, bytes, 'utf8');
  }

  /** Big-endian two's complement in the fewest bytes, after its length. */
  bigInteger(value: bigint): void {
    const length = bigIntegerBytes(value);
    this.int(length);
    this.bigIntegerIn(value, length);
  }

  /** Big-endian two's complement in exactly `length` bytes; the caller has checked that it fits. */
  bigIntegerIn(value: bigint, length: number): void {
    this.room(length);
    if (length <= 6) {
      this.position = this.buffer.writeIntBE(Number(value), this.position, length);
      return;
    }
    const hex = BigInt.asUintN(length * 8, value).toString(16);
    this.position += this.buffer.write(hex.padStart(length * 2, '0'), this.position, length, 'hex');
  }

  private shortString(value: string): boolean {
    this.room(64);
    const { buffer } = this;
    let at = this.position + 1;
    for (let index = 0; index < value.length; index++) {
      const unit = value.charCodeAt(index);
      if (unit < 0x80) {
        buffer[at++] = unit;
      } else if (unit < 0x800) {
        buffer[at++] = 0xc0 | (unit >> 6);
        buffer[at++] = 0x80 | (unit & 0x3f);
      } else if (unit >= 0xd800 && unit <= 0xdfff) {
        return false;
      } else {
        buffer[at++] = 0xe0 | (unit >> 12);
        buffer[at++] = 0x80 | ((unit >> 6) & 0x3f);
        buffer[at++] = 0x80 | (unit & 0x3f);
      }
    }
    buffer[this.position] = (at - this.position - 1) << 1;
    this.position = at;
    return true;
  }

  private room(bytes: number): void {
    const needed = this.position + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.position);
    this.buffer = grown;
  }
}

/** Fewest bytes of two's complement that hold the value: 1 for 127, 2 for 128. */
export function bigIntegerBytes(value: bigint): number {
  if (value >= -0x80n && value <= 0x7fn) return 1;
  if (value >= -0x8000_0000n && value <= 0x7fff_ffffn) {
    const small = Number(value);
    return Math.floor((32 - Math.clz32(small < 0 ? ~small : small)) / 8) + 1;
  }
  const magnitude = value < 0n ? ~value : value;
  const hex = magnitude.toString(16);
  const bits = (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex.charAt(0), 16)));
  return Math.floor(bits / 8) + 1;
}
