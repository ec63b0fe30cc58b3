import fc from 'fast-check';
import { varintBytes, VarintCursor, writeVarint } from './varint.js';

const safe = fc.oneof(fc.integer({ min: -70_000, max: 70_000 }), fc.integer(), fc.integer({ min: -(2 ** 51), max: 2 ** 51 }));

describe('varint', () => {
  it('comes back, in the bytes that it was said to take', () => {
    fc.assert(
      fc.property(fc.array(safe, { minLength: 1, maxLength: 20 }), (values) => {
        const buffer = Buffer.alloc(values.length * 8);
        let at = 0;
        for (const value of values) {
          const next = writeVarint(buffer, at, value);
          expect(next - at).toBe(varintBytes(value));
          at = next;
        }
        const cursor = new VarintCursor(buffer, 0, at);
        expect(values.map(() => cursor.varint())).toEqual(values);
        expect(cursor.position).toBe(at);
      }),
      { numRuns: 500 },
    );
  });

  it('knows the edges of its lengths', () => {
    const edges = [
      0,
      -1,
      63,
      64,
      -64,
      -65,
      8191,
      8192,
      -8192,
      -8193,
      1048575,
      1048576,
      -1048577,
      2 ** 30 - 1,
      2 ** 30,
      -(2 ** 30) - 1,
      2 ** 31,
    ];
    for (const value of edges) {
      const buffer = Buffer.alloc(10);
      const end = writeVarint(buffer, 0, value);
      expect([value, end]).toEqual([value, varintBytes(value)]);
      expect(new VarintCursor(buffer, 0, end).varint()).toBe(value);
    }
  });

  it('refuses to read past its end and beyond 53 bits', () => {
    expect(() => new VarintCursor(Buffer.from([0x80, 0x80]), 0, 2).varint()).toThrow(RangeError);
    expect(() => new VarintCursor(Buffer.alloc(10, 0xff), 0, 10).varint()).toThrow(RangeError);
    expect(() => new VarintCursor(Buffer.from([8, 1, 2]), 0, 3).bytes()).toThrow(RangeError);
  });
});
