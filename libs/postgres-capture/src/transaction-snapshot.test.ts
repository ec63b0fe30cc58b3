import fc from 'fast-check';
import { isVisible, parseSnapshot, standbySnapshot, widenXid } from './transaction-snapshot.js';

describe('transaction snapshot', () => {
  it('sees what finished before it', () => {
    const snapshot = parseSnapshot('10:20:12,15');
    const visible = [...Array(25).keys()].filter((xid) => isVisible(snapshot, BigInt(xid)));
    expect(visible).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 16, 17, 18, 19]);
    expect(parseSnapshot('10:10:').inProgress.size).toBe(0);
  });

  it.each(['', '1:2', '1:2:3,', 'a:b:c'])('refuses "%s"', (text) => {
    expect(() => parseSnapshot(text)).toThrow(expect.objectContaining({ code: 'CAPTURE_SNAPSHOT_INVALID' }));
  });

  it('widens a 32-bit id on both sides of a wrap', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 2n ** 31n, max: 2n ** 62n }),
        fc.bigInt({ min: -(2n ** 31n) + 1n, max: 2n ** 31n - 1n }),
        (near, distance) => {
          const xid = near + distance;
          return widenXid(Number(xid & 0xffffffffn), near) === xid;
        },
      ),
    );
  });

  it('takes for unseen on a standby whatever may be running there', () => {
    const seen = standbySnapshot(parseSnapshot('10:13:'));
    expect([9n, 10n, 11n, 12n, 13n].map((xid) => isVisible(seen, xid))).toEqual([true, false, false, false, false]);
  });
});
