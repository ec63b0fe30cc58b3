import { MetricSamples } from './metric-samples.js';

const text = `# HELP truc_capture_rows_total Row messages
# TYPE truc_capture_rows_total counter
truc_capture_rows_total{dataset="population.resident",otel_scope_name="truc"} 19988
truc_capture_rows_total{dataset="a \\"b\\", {c}\\\\",otel_scope_name="truc"} 2 1795328080802
truc_snapshot_done{dataset="x"} 0
not a metric line
truc_apply_lag{consumer="g12-34",dataset="x"} 1.604
`;

describe('metric samples', () => {
  const samples = new MetricSamples([
    text,
    'truc_snapshot_done{dataset="x"} 1\ntruc_capture_rows_total{dataset="population.resident"} 12\n',
  ]);

  it('adds up over processes and labels, and knows counters by their name in the catalogue', () => {
    expect(samples.sum('truc_capture_rows', { dataset: 'population.resident' })).toBe(20_000);
    expect(samples.sum('truc_capture_rows')).toBe(20_002);
    expect(samples.max('truc_apply_lag', { dataset: 'x' })).toBe(1.604);
    expect(samples.min('truc_snapshot_done', { dataset: 'x' })).toBe(0);
  });

  it('reads labels with quotes, commas, braces and backslashes', () => {
    expect(samples.sum('truc_capture_rows', { dataset: 'a "b", {c}\\' })).toBe(2);
  });

  it('tells what was never told from zero', () => {
    expect(samples.sum('truc_fanout_events')).toBeNull();
    expect(samples.max('truc_apply_lag', { dataset: 'y' })).toBeNull();
    expect(samples.min('truc_snapshot_done', { dataset: 'y' })).toBeNull();
  });
});
