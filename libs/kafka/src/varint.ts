/** Kafka's zig-zag variable-length integers, for safe integers (lengths, deltas of offsets and of milliseconds). Pure. */

/** Bytes that `value` takes. */
export function varintBytes(value: number): number {
  if (value >= -64 && value < 64) return 1;
  if (value >= -8192 && value < 8192) return 2;
  if (value >= -1048576 && value < 1048576) return 3;
  let rest = zigzag(value);
  let bytes = 1;
  while (rest >= 128) {
    rest = Math.floor(rest / 128);
    bytes++;
  }
  return bytes;
}

/** Writes `value` at `at`; returns the position behind it. */
export function writeVarint(buffer: Buffer, at: number, value: number): number {
  if (value >= -1073741824 && value < 1073741824) {
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest >= 128) {
      buffer[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    buffer[at++] = rest;
    return at;
  }
  let rest = zigzag(value);
  while (rest >= 128) {
    buffer[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  buffer[at++] = rest;
  return at;
}

/** zigzag in floating point, exact up to 2^52: above 31 bits the shift operators cannot be used. */
function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

/** Reads varints one after the other out of a bounded part of a buffer. A read past `end` throws RangeError. */
export class VarintCursor {
  readonly buffer: Buffer;
  readonly end: number;
  position: number;

  constructor(buffer: Buffer, position: number, end: number) {
    this.buffer = buffer;
    this.position = position;
    this.end = end;
  }

  /** @throws RangeError past the end, or for a number that is not a safe integer */
  varint(): number {
    const { buffer, end } = this;
    let position = this.position;
    let byte = 0;
    let low = 0;
    // Four groups of seven bits fit the fast, 32-bit way; the rest is rare (a millisecond delta of more than 37 hours).
    for (let shift = 0; shift < 28; shift += 7) {
      if (position >= end) throw new RangeError('a varint runs past its end');
      byte = buffer[position++]!;
      low |= (byte & 127) << shift;
      if (byte < 128) {
        this.position = position;
        return (low >>> 1) ^ -(low & 1);
      }
    }
    let value = low >>> 0;
    let scale = 2 ** 28;
    for (let groups = 0; groups < 4; groups++) {
      if (position >= end) throw new RangeError('a varint runs past its end');
      byte = buffer[position++]!;
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) {
        this.position = position;
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      }
    }
    throw new RangeError('a varint is larger than 53 bits');
  }

  /** Bytes after a varint length; null for -1. A view of the buffer, not a copy. */
  bytes(): Buffer | null {
    const length = this.varint();
    if (length === -1) return null;
    return this.take(length);
  }

  take(length: number): Buffer {
    const start = this.position;
    if (length < 0 || length > this.end - start) throw new RangeError(`${length} bytes run past their end`);
    this.position = start + length;
    return this.buffer.subarray(start, this.position);
  }
}
