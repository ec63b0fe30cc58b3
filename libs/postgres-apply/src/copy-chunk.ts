/** Binary COPY begins with this: signature, flags, length of the header's extension. */
export const COPY_HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
export const COPY_TRAILER = Buffer.from([0xff, 0xff]);

/** Strings up to this length are written by a loop; the call into the runtime costs more than it saves. */
const SHORT_TEXT = 24;
const BYTEA_OID = 17;

/** A growing piece of a binary COPY stream. Every field is written with its length before it. */
export class CopyChunk {
  #bytes: Buffer;
  #length = 0;

  constructor(bytesExpected: number) {
    this.#bytes = Buffer.allocUnsafe(bytesExpected);
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes so far; the chunk must not be written to afterwards. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  tuple(fields: number): void {
    this.#reserve(2);
    this.#length = this.#bytes.writeInt16BE(fields, this.#length);
  }

  null(): void {
    this.#int32(-1);
  }

  boolean(value: boolean): void {
    this.#int32(1);
    this.#reserve(1);
    this.#bytes[this.#length] = value ? 1 : 0;
    this.#length += 1;
  }

  integer(value: number): void {
    this.#int32(4);
    this.#int32(value);
  }

  bigint(value: bigint): void {
    this.#int32(8);
    this.#reserve(8);
    this.#length = this.#bytes.writeBigInt64BE(value, this.#length);
  }

  double(value: number): void {
    this.#int32(8);
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleBE(value, this.#length);
  }

  binary(value: Buffer): void {
    this.#int32(value.length);
    this.#reserve(value.length);
    this.#length += value.copy(this.#bytes, this.#length);
  }

  /** A one-dimensional bytea[] without nulls. */
  binaries(values: readonly Buffer[]): void {
    this.#int32(20 + values.reduce((sum, value) => sum + 4 + value.length, 0));
    this.#int32(1);
    this.#int32(0);
    this.#int32(BYTEA_OID);
    this.#int32(values.length);
    this.#int32(1);
    for (const value of values) this.binary(value);
  }

  text(value: string): void {
    this.#reserve(4 + value.length * 3);
    const start = this.#length + 4;
    let end = start;
    if (value.length <= SHORT_TEXT) {
      for (let at = 0; at < value.length; at += 1) {
        const unit = value.charCodeAt(at);
        if (unit > 0x7f) {
          end = -1;
          break;
        }
        this.#bytes[end] = unit;
        end += 1;
      }
    } else {
      end = -1;
    }
    if (end < 0) end = start + this.#bytes.write(value, start, 'utf8');
    this.#bytes.writeInt32BE(end - start, this.#length);
    this.#length = end;
  }

  #int32(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeInt32BE(value, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
