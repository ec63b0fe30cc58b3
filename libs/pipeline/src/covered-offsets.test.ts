import { CoveredOffsets } from './covered-offsets.js';

const acknowledged = (offset: bigint) => () => new Map([['data.g01.x.v1/0', offset]]);

describe('offsets that are stored with a position', () => {
  it('are those that were acknowledged where a transaction had just ended, not later ones', () => {
    const offsets = new CoveredOffsets({}, 0n);
    offsets.reached(10n, acknowledged(5n));
    // Ten more are acknowledged by the time of storing; a later end is not looked at before the next storing.
    offsets.reached(20n, acknowledged(15n));
    expect(offsets.take()).toEqual({ 'data.g01.x.v1/0': 5n });
    offsets.reached(30n, acknowledged(25n));
    expect(offsets.take()).toEqual({ 'data.g01.x.v1/0': 25n });
  });

  it('keep those of partitions that nothing was written to, and stay where they were when nothing was reached', () => {
    const offsets = new CoveredOffsets({ 'data.g01.y.v1/0': 7n }, 0n);
    expect(offsets.take()).toEqual({ 'data.g01.y.v1/0': 7n });
    offsets.reached(10n, acknowledged(5n));
    expect(offsets.take()).toEqual({ 'data.g01.y.v1/0': 7n, 'data.g01.x.v1/0': 5n });
  });

  it('stay in front of what an earlier run sent until the stream is through with it', () => {
    const offsets = new CoveredOffsets({ 'data.g01.x.v1/0': 2n }, 100n);
    offsets.reached(99n, acknowledged(50n));
    expect(offsets.take()).toEqual({ 'data.g01.x.v1/0': 2n });
    offsets.reached(101n, acknowledged(60n));
    expect(offsets.take()).toEqual({ 'data.g01.x.v1/0': 60n });
  });
});
