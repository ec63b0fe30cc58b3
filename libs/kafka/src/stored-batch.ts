/** Reading record batches as a broker stores them. Pure, bounded, and tolerant of a last batch that was cut off. */
import { crc32c } from '@node-rs/crc32';
import { messageOf, TrucError } from '@truc/kernel';
import type { LogHeader, StoredRecord } from '@truc/pipeline';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { batchLayout, BATCH_HEADER_BYTES } from './record-batch.js';
import { VarintCursor } from './varint.js';

/** One whole batch, found but not yet taken apart. */
export interface StoredBatch {
  /** The batch's bytes: a view of the response that it came in. */
  readonly bytes: Buffer;
  readonly baseOffset: bigint;
  /** Offset of the last record that the batch had when it was written; compaction may have removed it since. */
  readonly lastOffset: bigint;
}

export interface BatchPlace {
  readonly topic: string;
  readonly partition: number;
}

const CODEC_BITS = 0b111;
const LOG_APPEND_TIME = 1 << 3;
const CONTROL = 1 << 5;
const codecNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const noHeaders: readonly LogHeader[] = [];
const noBytes = Buffer.alloc(0);

/** The whole batches of one partition's part of a fetch response. What is left behind the last whole one was cut off by the fetch limit. @throws TrucError LOG_BATCH_CORRUPT */
export function storedBatches(section: Buffer, place: BatchPlace): StoredBatch[] {
  const batches: StoredBatch[] = [];
  let start = 0;
  while (section.length - start >= batchLayout.leaderEpoch) {
    const baseOffset = section.readBigInt64BE(start);
    const end = start + batchLayout.leaderEpoch + section.readInt32BE(start + batchLayout.length);
    if (end - start < BATCH_HEADER_BYTES) throw corrupt(place, baseOffset, `it claims ${end - start} bytes`);
    if (end > section.length) break;
    const magic = section.readInt8(start + batchLayout.magic);
    if (magic !== 2) {
      throw new TrucError(
        'LOG_BATCH_FORMAT_UNSUPPORTED',
        `${describe(place, baseOffset)} has message format ${magic}; only format 2 (Kafka 0.11 and later) is read`,
      );
    }
    const lastOffset = baseOffset + BigInt(section.readInt32BE(start + batchLayout.lastOffsetDelta));
    batches.push({ bytes: section.subarray(start, end), baseOffset, lastOffset });
    start = end;
  }
  return batches;
}

/**
 * The records of one batch at or behind `from`. None for a control batch (a transaction's marker).
 * A null key, which only a foreign producer can have written, is given as zero bytes.
 * @param inflatedBytesLimit of a compressed batch
 * @throws TrucError LOG_BATCH_CORRUPT, LOG_CODEC_UNSUPPORTED, LOG_BATCH_TOO_LARGE
 */
export function recordsOf(batch: StoredBatch, place: BatchPlace, from: bigint, inflatedBytesLimit: number): StoredRecord[] {
  const { bytes, baseOffset } = batch;
  const attributes = bytes.readInt16BE(batchLayout.attributes);
  if (crc32c(bytes.subarray(batchLayout.attributes)) !== bytes.readUInt32BE(batchLayout.crc)) {
    throw corrupt(place, baseOffset, 'its checksum does not match');
  }
  if ((attributes & CONTROL) !== 0) return [];
  const baseTimestamp = Number(bytes.readBigInt64BE(batchLayout.baseTimestamp));
  const appendTime = (attributes & LOG_APPEND_TIME) !== 0 ? Number(bytes.readBigInt64BE(batchLayout.maxTimestamp)) : null;
  const count = bytes.readInt32BE(batchLayout.count);
  const plain = inflate(bytes.subarray(BATCH_HEADER_BYTES), attributes & CODEC_BITS, place, baseOffset, inflatedBytesLimit);
  const cursor = new VarintCursor(plain, 0, plain.length);
  // Most fetches start at a batch's first record: then no record has to be compared.
  const skip = from > baseOffset ? Number(from - baseOffset) : 0;
  const records: StoredRecord[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const length = cursor.varint();
      const end = cursor.position + length;
      cursor.take(1);
      const timestampDelta = cursor.varint();
      const offsetDelta = cursor.varint();
      const key = cursor.bytes();
      const value = cursor.bytes();
      const headers = readHeaders(cursor);
      if (cursor.position !== end) throw new RangeError(`a record of ${length} bytes ends elsewhere`);
      if (offsetDelta < skip) continue;
      records.push({
        topic: place.topic,
        partition: place.partition,
        offset: baseOffset + BigInt(offsetDelta),
        key: key ?? noBytes,
        value,
        headers,
        timestampMs: appendTime ?? baseTimestamp + timestampDelta,
      });
    }
  } catch (cause) {
    throw corrupt(place, baseOffset, messageOf(cause), cause);
  }
  return records;
}

function readHeaders(cursor: VarintCursor): readonly LogHeader[] {
  const count = cursor.varint();
  if (count === 0) return noHeaders;
  // A header takes at least two bytes, so a larger claim cannot be true and nothing is allocated for it.
  if (count < 0 || count * 2 > cursor.end - cursor.position) throw new RangeError(`${count} headers are claimed`);
  const headers: LogHeader[] = [];
  for (let i = 0; i < count; i++) {
    const key = cursor.bytes();
    if (key === null) throw new RangeError('a header without a name');
    headers.push({ key: key.toString('utf8'), value: cursor.bytes() ?? noBytes });
  }
  return headers;
}

function inflate(data: Buffer, codec: number, place: BatchPlace, baseOffset: bigint, maxOutputLength: number): Buffer {
  try {
    if (codec === 0) return data;
    if (codec === 1) return gunzipSync(data, { maxOutputLength });
    if (codec === 4) return zstdDecompressSync(data, { maxOutputLength });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new TrucError(
        'LOG_BATCH_TOO_LARGE',
        `${describe(place, baseOffset)} is larger than ${maxOutputLength} bytes when decompressed; its producer must send smaller batches`,
        { cause },
      );
    }
    throw corrupt(place, baseOffset, `${codecNames[codec]}: ${messageOf(cause)}`, cause);
  }
  throw new TrucError(
    'LOG_CODEC_UNSUPPORTED',
    `${describe(place, baseOffset)} is compressed with ${codecNames[codec] ?? `codec ${codec}`}; none, gzip and zstd are read. Set compression.type on the topic or on its producer.`,
  );
}

function describe({ topic, partition }: BatchPlace, baseOffset: bigint): string {
  return `the record batch at offset ${baseOffset} of ${topic}/${partition}`;
}

function corrupt(place: BatchPlace, baseOffset: bigint, why: string, cause?: unknown): TrucError {
  return new TrucError('LOG_BATCH_CORRUPT', `${describe(place, baseOffset)} cannot be read: ${why}`, { cause });
}
