import fc from 'fast-check';
import { murmur2, partitionForCode } from './partitioner.js';

/** Hash, partition of 12 and partition of 64, computed by Utils.murmur2 and BuiltInPartitioner of kafka-clients 4.1.1. */
const known: [string, number, number, number][] = [
  ['', 275646681, 9, 25],
  ['0', 971027396, 8, 4],
  ['21', -973932308, 0, 44],
  ['abc', 479470107, 3, 27],
  ['0101234567', 588221314, 10, 2],
  ['001099012345', 601187736, 0, 24],
  ['079203001234', -2100069372, 8, 4],
  ['Nguyễn Thị Minh Khai', -1485157308, 8, 4],
  ['thửa-đất-12.7', -618184997, 3, 27],
  ['G12.34', -236305263, 5, 17],
  ['a\u0000b', -19837367, 9, 9],
  ['𠀋漢字', -589241066, 6, 22],
  ['kafka-partition-key-that-is-longer-than-thirty-two-bytes', -1203098177, 3, 63],
];

describe('partitioner', () => {
  // Values that Kafka's own client tests publish for its murmur2.
  it.each([
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ])('hashes %s as the Java client does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it.each(known)('places %j where the Java client does', (code, hash, of12, of64) => {
    expect(murmur2(Buffer.from(code))).toBe(hash);
    expect(partitionForCode(code, 12)).toBe(of12);
    expect(partitionForCode(code, 64)).toBe(of64);
  });

  it('stays within the partitions, and keeps codes together when one count divides the other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 8 }), (code, few, factor) => {
        const many = partitionForCode(code, few * factor);
        expect(many).toBeLessThan(few * factor);
        expect(many).toBeGreaterThanOrEqual(0);
        expect(many % few).toBe(partitionForCode(code, few));
      }),
    );
  });
});
