import { measureDrain, type DrainOptions } from './drain.js';

/** A topic that has these totals at looks a second apart, and processes that use half a second of CPU between two. */
function drained(totals: readonly number[], more: Partial<DrainOptions> = {}) {
  let look = -1;
  return measureDrain({
    name: 'somebody',
    total: () => Promise.resolve(totals[Math.min((look += 1), totals.length - 1)] ?? 0),
    cpu: () => Promise.resolve({ agent: look / 2, walsender: null }),
    now: () => Math.max(look, 0) * 1000,
    base: 1_000,
    records: 500,
    marksMax: 6,
    everyMs: 0,
    signal: new AbortController().signal,
    ...more,
  });
}

describe('the measure of a drain', () => {
  it('goes from the first record to the last, and leaves out the marks that a start writes', async () => {
    expect(await drained([1_000, 1_006, 1_100, 1_300, 1_500])).toEqual({
      rows: 400,
      seconds: 2,
      rowsPerSecond: 200,
      cpuSecondsPerMillion: { agent: 2_500, walsender: null },
    });
  });

  it('fails where nothing comes any more, where all came at once, and where it is given up', async () => {
    await expect(drained([1_000, 1_100], { stallMs: 5_000 })).rejects.toThrow(expect.objectContaining({ code: 'BENCH_STALLED' }));
    await expect(drained([1_000, 1_600])).rejects.toThrow(expect.objectContaining({ code: 'BENCH_TOO_FAST' }));
    await expect(drained([1_000], { signal: AbortSignal.abort(new Error('given up')) })).rejects.toThrow('given up');
  });
});
