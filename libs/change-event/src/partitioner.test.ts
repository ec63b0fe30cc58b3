import fc from 'fast-check';
import { murmur2, partitionForCode } from './partitioner.js';

describe('partitioner', () => {
  // Values that Kafka's own client tests publish for its murmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as the Java client does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it('keeps a partition when the partition count is halved to a divisor', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 6 }), (code, power) => {
        const small = 2 ** power;
        expect(partitionForCode(code, 64) % small).toBe(partitionForCode(code, small));
      }),
    );
  });
});
