import type { DrainMeasure } from '../harness/drain.js';
import { captureVerdict, contestantResult } from './capture-result.js';

const run = (rowsPerSecond: number, agent: number | null = 10): DrainMeasure => ({
  rows: 1_000,
  seconds: 1_000 / rowsPerSecond,
  rowsPerSecond,
  cpuSecondsPerMillion: { process: agent, walsender: 3, kafka: null },
});

describe('what the bench of capture concludes', () => {
  const off = contestantResult('rules-off', 'off', [run(100_000), run(10), run(102_000)]);

  it('takes medians, so that one bad run decides nothing', () => {
    expect(off.rowsPerSecond).toBe(100_000);
    expect(off.cpuSecondsPerMillion).toEqual({ process: 10, walsender: 3, kafka: null });
  });

  it.each([
    [91_000, 'within'],
    [90_000, 'within'],
    [89_000, 'above'],
    [101_000, 'within'],
  ])('of %d rows/s with rules and 100,000 without is %s', (rowsPerSecond, verdict) => {
    const on = contestantResult('rules-on', 'on', [run(rowsPerSecond, 12.5)]);
    const told = captureVerdict([on, off]);
    expect(told.verdict).toBe(verdict);
    expect(told.rulesCost).toBeCloseTo(1 - rowsPerSecond / 100_000);
    expect(told.rulesCpuShare).toBeCloseTo(0.2);
    expect(told.oursToDebezium).toBeNull();
  });

  it('compares with the peer what ships, and nothing that was not measured', () => {
    const on = contestantResult('rules-on', 'on', [run(80_000)]);
    const peer = contestantResult('debezium', 'Debezium', [run(40_000)]);
    expect(captureVerdict([on, peer])).toEqual({ verdict: 'not-compared', rulesCost: null, rulesCpuShare: null, oursToDebezium: 2 });
    expect(captureVerdict([off, peer]).oursToDebezium).toBe(2.5);
    expect(captureVerdict([contestantResult('rules-on', 'on', []), off]).verdict).toBe('not-compared');
  });
});
