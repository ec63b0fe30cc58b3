import fc from 'fast-check';
import { countedShare, sampledShare } from './share-estimate.js';

const pagesOf = (count: number, rows: number, found: (page: number) => number) =>
  Array.from({ length: count }, (_, page) => ({ rows, found: found(page) }));

describe('a share of rows', () => {
  it('is what it is where everything was read', () => {
    expect(countedShare(3, 12)).toEqual({ rows: 3, of: 12, share: 0.25, interval: null });
    expect(countedShare(0, 0)).toMatchObject({ share: 0 });
  });

  it('has the interval of Wilson where every row of a sample tells as much as any other', () => {
    // 10 of 100: 5.52 % to 17.44 % by the formula in every textbook.
    const { share, interval } = sampledShare(pagesOf(100, 1, (page) => (page < 10 ? 1 : 0)));
    expect(share).toBe(0.1);
    expect(interval?.low).toBeCloseTo(0.0552, 3);
    expect(interval?.high).toBeCloseTo(0.1744, 3);
  });

  it('is told with less certainty where rows of a page are alike', () => {
    const spread = sampledShare(pagesOf(100, 10, () => 1));
    const alike = sampledShare(pagesOf(100, 10, (page) => (page < 10 ? 10 : 0)));
    expect(alike.share).toBe(spread.share);
    // Whole pages that agree are worth a row each: a tenth of the rows, so about three times the width.
    const width = ({ interval }: typeof alike): number => (interval?.high ?? 0) - (interval?.low ?? 0);
    expect(width(alike) / width(spread)).toBeGreaterThan(2.8);
    expect(alike.interval?.low).toBeCloseTo(0.0552, 2);
  });

  it('says how much there may be at the most where nothing was found', () => {
    expect(sampledShare(pagesOf(100, 10, () => 0)).interval).toEqual({ low: 0, high: expect.closeTo(0.00383, 4) });
    expect(sampledShare([]).interval).toEqual({ low: 0, high: 1 });
  });

  it('lies in its interval, and that between nothing and all', () => {
    const pages = fc.array(
      fc.nat(50).chain((rows) => fc.record({ rows: fc.constant(rows), found: fc.nat(rows) })),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(pages, (read) => {
        const { share, interval } = sampledShare(read);
        const { low, high } = interval ?? { low: Number.NaN, high: Number.NaN };
        return 0 <= low && low <= share + 1e-12 && share <= high + 1e-12 && high <= 1;
      }),
    );
  });
});
