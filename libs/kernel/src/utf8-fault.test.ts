import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { utf8FaultAt } from './utf8-fault.js';

describe('a fault in UTF-8', () => {
  it.each([
    ['', null],
    ['4e677579e1bb856e', null],
    ['61ff62', 1],
    ['c328', 0],
    ['61e1bb', 1],
    ['61e1bb28', 1],
    ['eda080', 0],
    ['61f4908080', 1],
    ['c080', 0],
  ])('%s: %s', (hex, expected) => {
    expect(utf8FaultAt(Buffer.from(hex, 'hex'))).toBe(expected);
  });

  it('is behind whatever is good, and there is one exactly where the bytes are not UTF-8', () => {
    const pieces = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 6 }), (parts) => {
        const bytes = Buffer.concat(parts);
        const at = utf8FaultAt(bytes);
        expect(at === null).toBe(isUtf8(bytes));
        if (at === null) return;
        expect(isUtf8(bytes.subarray(0, at))).toBe(true);
        expect([1, 2, 3, 4].some((length) => at + length <= bytes.length && isUtf8(bytes.subarray(0, at + length)))).toBe(false);
      }),
    );
  });
});
