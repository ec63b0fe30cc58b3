import type { RecordedEvent } from './event-history.js';
import { faultChart } from './report-chart.js';

const sample = (second: number): RecordedEvent => ({
  atMs: second * 1_000,
  kind: 'sample',
  committedOps: second * 50,
  walBytes: second,
  generalDatabase: second % 7,
  subscriber: null,
});

describe('the picture of a run', () => {
  it('has room for a day and more, and goes to its end', () => {
    const seconds = 140_000;
    const picture = faultChart(
      Array.from({ length: seconds }, (_, second) => sample(second)),
      [{ kind: 'kill', target: 'agent-g01', startedAtMs: 1_000, endedAtMs: 2_000 }],
    );
    expect(picture.length).toBeLessThan(2_000_000);
    expect(picture).toContain(`${seconds - 1} s`);
  });

  it('is none of a run that was too short', () => {
    expect(faultChart([sample(1)], [])).toContain('too short');
  });
});
