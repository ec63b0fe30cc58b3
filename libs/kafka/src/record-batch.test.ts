import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { batchLayout, BATCH_HEADER_BYTES, RecordBatchBuilder, recordBytesMax, type RecordContent } from './record-batch.js';
import { recordsOf, storedBatches } from './stored-batch.js';

const place = { topic: 't', partition: 3 };
const identity = { producerId: 7n, producerEpoch: 2 };
const LIMIT = 1 << 20;

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const content: fc.Arbitrary<RecordContent> = fc.record({
  key: bytes(40),
  value: fc.option(
    fc.oneof(
      bytes(60),
      fc.nat(20_000).map((length) => Buffer.alloc(length, 7)),
    ),
    { nil: null },
  ),
  headers: fc.array(fc.record({ key: fc.string({ unit: 'binary', maxLength: 12 }), value: bytes(20) }), { maxLength: 4 }),
  // Deltas of both signs, over a range that takes more than 32 bits.
  timestampMs: fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 4_102_444_800_000 })),
});

function sealed(records: readonly RecordContent[], sequence = 0): Buffer {
  const builder = new RecordBatchBuilder(64);
  for (const record of records) builder.add(record);
  return builder.seal(identity, sequence);
}

/** A sealed batch as a broker would store it: with a base offset, and its records compressed. */
function stored(batch: Buffer, baseOffset: bigint, codec: 0 | 1 | 4 = 0): Buffer {
  const plain = batch.subarray(BATCH_HEADER_BYTES);
  const data = codec === 1 ? gzipSync(plain) : codec === 4 ? zstdCompressSync(plain) : plain;
  const copy = Buffer.concat([batch.subarray(0, BATCH_HEADER_BYTES), data]);
  copy.writeBigInt64BE(baseOffset, batchLayout.baseOffset);
  copy.writeInt32BE(copy.length - batchLayout.leaderEpoch, batchLayout.length);
  copy.writeInt16BE(codec, batchLayout.attributes);
  copy.writeUInt32BE(crc32c(copy.subarray(batchLayout.attributes)), batchLayout.crc);
  return copy;
}

describe('record batch', () => {
  it('comes back as it was written, plain and compressed', () => {
    fc.assert(
      fc.property(
        fc.array(content, { minLength: 1, maxLength: 30 }),
        fc.bigInt({ min: 0n, max: 2n ** 60n }),
        fc.constantFrom(0 as const, 1 as const, 4 as const),
        (records, baseOffset, codec) => {
          const batches = storedBatches(stored(sealed(records), baseOffset, codec), place);
          expect(batches).toHaveLength(1);
          expect(batches[0]!.lastOffset).toBe(baseOffset + BigInt(records.length - 1));
          const read = recordsOf(batches[0]!, place, baseOffset, LIMIT);
          expect(read).toEqual(records.map((record, i) => ({ ...place, ...record, offset: baseOffset + BigInt(i) })));
        },
      ),
    );
  });

  it('never takes more bytes than it was said to take', () => {
    fc.assert(
      fc.property(fc.array(content, { minLength: 1, maxLength: 10 }), (records) => {
        const bound = records.reduce((sum, record) => sum + recordBytesMax(record), BATCH_HEADER_BYTES as number);
        expect(sealed(records).length).toBeLessThanOrEqual(bound);
      }),
    );
  });

  it('is found among others, without the last one that was cut off, and from an offset in its middle', () => {
    fc.assert(
      fc.property(fc.array(content, { minLength: 2, maxLength: 6 }), fc.nat(), fc.nat(), (records, cutSeed, fromSeed) => {
        const first = stored(sealed(records), 10n);
        const second = stored(sealed(records), 10n + BigInt(records.length));
        const cut = cutSeed % second.length;
        const batches = storedBatches(Buffer.concat([first, second.subarray(0, cut)]), place);
        expect(batches.map(({ baseOffset }) => baseOffset)).toEqual([10n]);
        const from = 10n + BigInt(fromSeed % records.length);
        const read = recordsOf(batches[0]!, place, from, LIMIT);
        expect(read.map(({ offset }) => offset)).toEqual(records.map((_, i) => 10n + BigInt(i)).filter((offset) => offset >= from));
      }),
    );
  });

  it('carries producer id, epoch and sequence where a broker looks for them', () => {
    const batch = sealed([{ key: Buffer.from('k'), value: null, headers: [], timestampMs: 5 }], 41);
    expect(batch.readBigInt64BE(43)).toBe(7n);
    expect(batch.readInt16BE(51)).toBe(2);
    expect(batch.readInt32BE(53)).toBe(41);
    expect(batch.readInt32BE(57)).toBe(1);
  });

  it('is refused with a name for any flipped byte behind its checksum, and never crashes', () => {
    const batch = stored(sealed([{ key: Buffer.from('key'), value: Buffer.from('value'), headers: [], timestampMs: 1 }]), 0n);
    fc.assert(
      fc.property(fc.integer({ min: batchLayout.attributes, max: batch.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const broken = Buffer.from(batch);
        broken[at]! ^= flip;
        const [found] = storedBatches(broken, place);
        expect(() => recordsOf(found!, place, 0n, LIMIT)).toThrow(expect.objectContaining({ code: 'LOG_BATCH_CORRUPT' }));
      }),
    );
  });

  it('is refused with a name for broken contents under a right checksum', () => {
    const batch = sealed([
      { key: Buffer.from('key'), value: Buffer.from('value'), headers: [{ key: 'h', value: Buffer.from('x') }], timestampMs: 1 },
    ]);
    fc.assert(
      fc.property(fc.integer({ min: BATCH_HEADER_BYTES, max: batch.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const changed = Buffer.from(batch);
        changed[at] = byte;
        const [found] = storedBatches(stored(changed, 0n), place);
        try {
          recordsOf(found!, place, 0n, LIMIT);
        } catch (error) {
          expect(error).toMatchObject({ code: 'LOG_BATCH_CORRUPT' });
        }
      }),
    );
  });

  it.each([
    [2, 'snappy'],
    [3, 'lz4'],
  ])('refuses codec %i (%s) by name', (codec, name) => {
    const batch = stored(sealed([{ key: Buffer.from('k'), value: null, headers: [], timestampMs: 1 }]), 0n);
    batch.writeInt16BE(codec, batchLayout.attributes);
    batch.writeUInt32BE(crc32c(batch.subarray(batchLayout.attributes)), batchLayout.crc);
    const [found] = storedBatches(batch, place);
    expect(() => recordsOf(found!, place, 0n, LIMIT)).toThrow(
      expect.objectContaining({ code: 'LOG_CODEC_UNSUPPORTED', message: expect.stringContaining(name) }),
    );
  });

  it.each([1 as const, 4 as const])('refuses a batch of codec %i that inflates beyond the limit', (codec) => {
    const batch = stored(sealed([{ key: Buffer.from('k'), value: Buffer.alloc(100_000), headers: [], timestampMs: 1 }]), 0n, codec);
    const [found] = storedBatches(batch, place);
    expect(() => recordsOf(found!, place, 0n, 50_000)).toThrow(expect.objectContaining({ code: 'LOG_BATCH_TOO_LARGE' }));
    expect(recordsOf(found!, place, 0n, LIMIT)).toHaveLength(1);
  });

  it('gives no records for a control batch', () => {
    const batch = stored(sealed([{ key: Buffer.alloc(4), value: Buffer.alloc(6), headers: [], timestampMs: 1 }]), 5n);
    batch.writeInt16BE(0b110000, batchLayout.attributes);
    batch.writeUInt32BE(crc32c(batch.subarray(batchLayout.attributes)), batchLayout.crc);
    const [found] = storedBatches(batch, place);
    expect(found!.lastOffset).toBe(5n);
    expect(recordsOf(found!, place, 5n, LIMIT)).toEqual([]);
  });
});
