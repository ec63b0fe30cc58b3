/** Record batches of the log, format 2 (Kafka protocol, "Record Batch"): layout and writing. Pure. */
import { crc32c } from '@node-rs/crc32';
import type { LogHeader } from '@truc/pipeline';
import { varintBytes, writeVarint } from './varint.js';

/** Where each field stands in a batch. All integers are big-endian. */
export const batchLayout = {
  baseOffset: 0,
  /** Bytes after this field. */
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  /** CRC-32C of everything from `attributes` on. */
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const;

export const BATCH_HEADER_BYTES = batchLayout.records;

/** What a record carries inside of its batch. */
export interface RecordContent {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly LogHeader[];
  readonly timestampMs: number;
}

export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** Upper bound of the bytes that a record takes in a batch, its length prefix included. */
export function recordBytesMax({ key, value, headers }: Pick<RecordContent, 'key' | 'value' | 'headers'>): number {
  // Length, attributes, timestamp delta, offset delta, key length, value length, header count: at most 5 + 1 + 8 + 5 + 5 + 5 + 5 bytes.
  let bytes = 34 + (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) bytes += 10 + Buffer.byteLength(header.key) + header.value.length;
  return bytes;
}

/** Builds one batch straight into one buffer, which grows by doubling. Sealed once; then the bytes never change again. */
export class RecordBatchBuilder {
  #buffer: Buffer;
  #length: number = BATCH_HEADER_BYTES;
  #count = 0;
  #baseTimestamp = 0;
  #maxTimestamp = 0;

  constructor(initialBytes = 16_384) {
    this.#buffer = Buffer.allocUnsafe(Math.max(initialBytes, BATCH_HEADER_BYTES));
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of the batch so far. */
  get bytes(): number {
    return this.#length;
  }

  add({ key, value, headers, timestampMs }: RecordContent): void {
    const first = this.#count === 0;
    if (first) this.#baseTimestamp = this.#maxTimestamp = timestampMs;
    else if (timestampMs > this.#maxTimestamp) this.#maxTimestamp = timestampMs;
    const timestampDelta = timestampMs - this.#baseTimestamp;
    const keyBytes = key === null ? -1 : key.length;
    const valueBytes = value === null ? -1 : value.length;
    let body =
      1 +
      varintBytes(timestampDelta) +
      varintBytes(this.#count) +
      varintBytes(keyBytes) +
      Math.max(keyBytes, 0) +
      varintBytes(valueBytes) +
      Math.max(valueBytes, 0) +
      varintBytes(headers.length);
    for (const header of headers) {
      const nameBytes = Buffer.byteLength(header.key);
      body += varintBytes(nameBytes) + nameBytes + varintBytes(header.value.length) + header.value.length;
    }
    const buffer = this.#room(varintBytes(body) + body);
    let at = writeVarint(buffer, this.#length, body);
    buffer[at++] = 0;
    at = writeVarint(buffer, at, timestampDelta);
    at = writeVarint(buffer, at, this.#count);
    at = writeVarint(buffer, at, keyBytes);
    if (key !== null) at += key.copy(buffer, at);
    at = writeVarint(buffer, at, valueBytes);
    if (value !== null) at += value.copy(buffer, at);
    at = writeVarint(buffer, at, headers.length);
    for (const header of headers) {
      at = writeVarint(buffer, at, Buffer.byteLength(header.key));
      at += buffer.write(header.key, at, 'utf8');
      at = writeVarint(buffer, at, header.value.length);
      at += header.value.copy(buffer, at);
    }
    this.#length = at;
    this.#count++;
  }

  /** Stamps the header and returns the batch; the builder must not be used afterwards. */
  seal({ producerId, producerEpoch }: ProducerIdentity, baseSequence: number): Buffer {
    const batch = this.#buffer.subarray(0, this.#length);
    const at = batchLayout;
    batch.writeBigInt64BE(0n, at.baseOffset);
    batch.writeInt32BE(this.#length - at.leaderEpoch, at.length);
    batch.writeInt32BE(-1, at.leaderEpoch);
    batch.writeInt8(2, at.magic);
    batch.writeInt16BE(0, at.attributes);
    batch.writeInt32BE(this.#count - 1, at.lastOffsetDelta);
    batch.writeBigInt64BE(BigInt(this.#baseTimestamp), at.baseTimestamp);
    batch.writeBigInt64BE(BigInt(this.#maxTimestamp), at.maxTimestamp);
    batch.writeBigInt64BE(producerId, at.producerId);
    batch.writeInt16BE(producerEpoch, at.producerEpoch);
    batch.writeInt32BE(baseSequence, at.baseSequence);
    batch.writeInt32BE(this.#count, at.count);
    batch.writeUInt32BE(crc32c(batch.subarray(at.attributes)), at.crc);
    return batch;
  }

  #room(bytes: number): Buffer {
    const needed = this.#length + bytes;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    return this.#buffer;
  }
}
