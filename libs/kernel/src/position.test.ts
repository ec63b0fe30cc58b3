import fc from 'fast-check';
import { comparePositions, positionFromBytes, positionFromHeaders, positionHeader, positionToBytes, type Position } from './position.js';

const positions: fc.Arbitrary<Position> = fc.record({
  epoch: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  sequence: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  index: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

describe('position', () => {
  it('comes back from its bytes and from its headers', () => {
    fc.assert(
      fc.property(positions, (position) => {
        expect(positionFromBytes(positionToBytes(position))).toEqual(position);
        expect(positionFromHeaders(String(position.epoch), positionHeader(position))).toEqual(position);
      }),
    );
  });

  it('orders its bytes as it orders itself', () => {
    fc.assert(
      fc.property(positions, positions, (a, b) => {
        expect(Math.sign(positionToBytes(a).compare(positionToBytes(b)))).toBe(Math.sign(comparePositions(a, b)));
      }),
    );
  });

  it.each([
    ['0', '0000000000000001:0'],
    ['1', '1:0'],
    ['1', '0000000000000001:-1'],
    ['x', '0000000000000001:0'],
    ['2147483648', '0000000000000001:0'],
    ['9999999999', '0000000000000001:0'],
    ['1', '8000000000000000:0'],
    ['1', 'ffffffffffffffff:0'],
    ['1', '0000000000000001:4294967296'],
    ['1', '0000000000000001:9999999999'],
    ['1', '0000000000000001:99999999999'],
  ])('refuses epoch %s position %s', (epoch, position) => {
    expect(() => positionFromHeaders(epoch, position)).toThrow(expect.objectContaining({ code: 'POSITION_INVALID' }));
  });
});
