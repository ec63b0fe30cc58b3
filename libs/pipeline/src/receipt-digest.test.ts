import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { receiptDigest, type DigestedRecord } from './receipt-digest.js';

/** The definition once more, by another way of computing it. */
function recordByDefinition({ offset, key, value }: DigestedRecord): Buffer {
  const record = createHash('sha256');
  record.update(Buffer.from(BigInt.asUintN(64, offset).toString(16).padStart(16, '0'), 'hex'));
  record.update(Buffer.from(key.length.toString(16).padStart(8, '0'), 'hex')).update(key);
  record.update(Buffer.from(value === null ? 'ffffffff' : value.length.toString(16).padStart(8, '0'), 'hex'));
  return record.update(value ?? '').digest();
}

function byDefinition(records: readonly DigestedRecord[]): string {
  return createHash('sha256')
    .update(Buffer.concat(records.map(recordByDefinition)))
    .digest('hex');
}

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const record: fc.Arbitrary<DigestedRecord> = fc.record({
  offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  key: bytes,
  value: fc.option(bytes, { nil: null }),
});
const records = fc.array(record, { minLength: 1, maxLength: 8 });

/** One record of the list replaced. */
function changed(list: readonly DigestedRecord[], index: number, change: Partial<DigestedRecord>): DigestedRecord[] {
  return list.map((one, at) => (at === index ? { ...one, ...change } : one));
}

function flipped(buffer: Buffer, bit: number): Buffer {
  const copy = Buffer.from(buffer);
  const at = Math.floor(bit / 8);
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << (bit % 8)), at);
  return copy;
}

describe('the digest of a delivery', () => {
  it('is what docs/receipts.md shows', () => {
    const example = [
      { offset: 41n, key: Buffer.from('000000000106', 'hex'), value: Buffer.from('0000000002c3a9', 'hex') },
      { offset: 42n, key: Buffer.from('000000000106', 'hex'), value: null },
      { offset: 45n, key: Buffer.alloc(0), value: Buffer.alloc(0) },
    ];
    expect(example.map((one) => recordByDefinition(one).toString('hex'))).toEqual([
      '079a62542a897661e91e99074d068cad4c2dc07a0ceea67fa93e85b09ffdde16',
      '5eaeab3f3cfb37e74d5aafd758bf355636957b27e1fdcc51712f4fe10954ea7b',
      '17de0966d95004b284f689699d0fb61aa08af10b211dfac367e7ae5b0c229a88',
    ]);
    expect(receiptDigest(example)).toBe('4aa7b6a99e7943e09accadbfbbbfb395aa67dd14458175f6ffe9fce1b8bb67df');
  });

  it('is computed as it is defined, however long the records are', () => {
    fc.assert(fc.property(records, (list) => expect(receiptDigest(list)).toBe(byDefinition(list))));
    const long = [16_367, 16_368, 16_369, 100_000].map((length, index) => ({
      offset: BigInt(index),
      key: Buffer.from('k'),
      value: Buffer.alloc(length, index + 1),
    }));
    expect(receiptDigest(long)).toBe(byDefinition(long));
    expect(receiptDigest([])).toBe(createHash('sha256').digest('hex'));
  });

  it('changes with every bit of offset, key and value', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.nat(), (list, which, bit) => {
        const index = which % list.length;
        const { offset, key, value } = list[index] as DigestedRecord;
        const others = [changed(list, index, { offset: BigInt.asIntN(64, offset ^ (1n << BigInt(bit % 63))) })];
        if (key.length > 0) others.push(changed(list, index, { key: flipped(key, bit % (key.length * 8)) }));
        if (value !== null && value.length > 0) others.push(changed(list, index, { value: flipped(value, bit % (value.length * 8)) }));
        for (const other of others) expect(receiptDigest(other)).not.toBe(receiptDigest(list));
      }),
    );
  });

  it('keeps a tombstone apart from an empty value, and a key apart from the value behind it', () => {
    fc.assert(
      fc.property(record, fc.nat(), (one, cut) => {
        expect(receiptDigest([{ ...one, value: null }])).not.toBe(receiptDigest([{ ...one, value: Buffer.alloc(0) }]));
        const joined = Buffer.concat([one.key, one.value ?? Buffer.alloc(0)]);
        const at = cut % (joined.length + 1);
        const other = { ...one, key: joined.subarray(0, at), value: joined.subarray(at) };
        const isSame = other.key.equals(one.key) && one.value !== null;
        expect(receiptDigest([other]) === receiptDigest([one])).toBe(isSame);
      }),
    );
  });

  it('changes with the order, and when a record is missing or repeated', () => {
    fc.assert(
      fc.property(fc.uniqueArray(record, { minLength: 2, maxLength: 8, selector: ({ offset }) => offset }), fc.nat(), (list, which) => {
        const index = which % list.length;
        const digest = receiptDigest(list);
        expect(receiptDigest([...list.slice(1), ...list.slice(0, 1)])).not.toBe(digest);
        expect(receiptDigest(list.toSpliced(index, 1))).not.toBe(digest);
        expect(receiptDigest(list.toSpliced(index, 0, list[index] as DigestedRecord))).not.toBe(digest);
      }),
    );
  });

  it('is of what the buffers hold now, where they are views of a larger one', () => {
    const block = Buffer.from('xxkeyvaluexx');
    const view = { offset: 7n, key: block.subarray(2, 5), value: block.subarray(5, 10) };
    expect(receiptDigest([view])).toBe(receiptDigest([{ offset: 7n, key: Buffer.from('key'), value: Buffer.from('value') }]));
  });
});
