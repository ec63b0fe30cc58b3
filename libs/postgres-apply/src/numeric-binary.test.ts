import fc from 'fast-check';
import { decodeNumeric, encodeNumeric } from './numeric-binary.js';

describe('binary numeric', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: 0, max: 20 }), (unscaled, scale) => {
        expect(decodeNumeric(encodeNumeric(unscaled, scale), scale)).toBe(unscaled);
      }),
    );
  });

  it('is read under a larger scale, and refused under one that would cut', () => {
    expect(decodeNumeric(encodeNumeric(125n, 2), 4)).toBe(12_500n);
    expect(decodeNumeric(encodeNumeric(125n, 2), 1)).toBeNull();
    expect(decodeNumeric(encodeNumeric(12_000n, 3), 0)).toBe(12n);
  });

  it('refuses NaN', () => {
    expect(decodeNumeric(Buffer.from('00000000c0000000', 'hex'), 2)).toBeNull();
  });
});
