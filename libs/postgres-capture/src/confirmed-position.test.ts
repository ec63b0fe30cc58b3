import { ConfirmedPosition } from './confirmed-position.js';

describe('what the server keeps', () => {
  it('is counted from where a table stands, and from where the slot began for one that has nothing yet', () => {
    const position = new ConfirmedPosition(5_000_000n, 0n);
    expect(position.bytesSince(0n, 5_000_100n)).toBe(100);
    expect(position.bytesSince(5_000_060n, 5_000_100n)).toBe(40);
  });

  it('is counted to the end of what was looked at or passed on, and is never less than nothing', () => {
    const position = new ConfirmedPosition(1_000n, 0n);
    position.passOn(1_500n);
    expect([position.bytesSince(1_200n, 1_100n), position.bytesSince(1_200n, 1_600n)]).toEqual([300, 400]);
    expect(position.bytesSince(2_000n, 1_600n)).toBe(0);
    position.acknowledge(1_500n);
    expect(position.bytesSince(1_200n, 1_400n)).toBe(0);
  });
});
