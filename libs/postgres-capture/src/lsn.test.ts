import fc from 'fast-check';
import { formatLsn, parseLsn } from './lsn.js';

describe('LSN', () => {
  it('comes back from its text', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (lsn) => parseLsn(formatLsn(lsn)) === lsn));
  });

  it.each([
    ['0/0', 0n],
    ['16/B374D848', 0x16b374d848n],
    ['0/16b3748', 0x16b3748n],
    ['FFFFFFFF/FFFFFFFF', 2n ** 64n - 1n],
  ])('%s is %s', (text, lsn) => {
    expect(parseLsn(text)).toBe(lsn);
  });

  it.each(['', '0', '0/', '/0', '0/0 ', '123456789/0', '0/x'])('refuses "%s"', (text) => {
    expect(() => parseLsn(text)).toThrow(expect.objectContaining({ code: 'CAPTURE_LSN_INVALID' }));
  });
});
