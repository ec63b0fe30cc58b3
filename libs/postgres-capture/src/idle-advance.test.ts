import { ConfirmedPosition } from './confirmed-position.js';
import { IdleAdvance } from './idle-advance.js';

describe('idle advance', () => {
  it('reports the last byte that was looked at, at once and then once per interval', () => {
    const idle = new IdleAdvance(10_000);
    idle.offer(500n, false, 0);
    expect(idle.take(0n, 0)).toBe(499n);
    idle.offer(600n, false, 1_000);
    expect(idle.take(499n, 1_000)).toBeNull();
    expect(idle.waitMs(1_000)).toBe(9_000);
    expect(idle.take(499n, 10_000)).toBe(599n);
    expect(idle.waitMs(10_000)).toBeNull();
  });

  it('does not make a server wait that asks', () => {
    const idle = new IdleAdvance(10_000);
    idle.offer(500n, false, 0);
    idle.take(0n, 0);
    idle.offer(600n, true, 1);
    expect(idle.take(499n, 1)).toBe(599n);
  });

  it('says nothing that a transaction has already said', () => {
    const idle = new IdleAdvance(10_000);
    idle.offer(500n, false, 0);
    expect(idle.take(499n, 0)).toBeNull();
  });
});

describe('confirmed position', () => {
  it('is the byte after what was acknowledged, and never goes back', () => {
    const position = new ConfirmedPosition(100n, 120n);
    expect(position.lsn).toBe(100n);
    position.acknowledge(50n);
    expect(position.lsn).toBe(100n);
    position.passOn(200n);
    position.acknowledge(200n);
    position.acknowledge(150n);
    expect(position.lsn).toBe(201n);
  });

  it('refuses what was never passed on', () => {
    const position = new ConfirmedPosition(100n, 120n);
    expect(() => position.acknowledge(121n)).toThrow(expect.objectContaining({ code: 'CAPTURE_ACKNOWLEDGED_AHEAD' }));
    expect(position.lsn).toBe(100n);
  });
});
