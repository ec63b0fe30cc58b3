import { resultLines, resultOf, type Measured, type SourceSetting } from './overhead-result.js';

const measured = (
  setting: SourceSetting,
  change: 'update' | 'delete',
  walBytes: number,
  decodeCpuSeconds: number | null = null,
): Measured => ({
  kind: 'plain',
  setting,
  change,
  walBytes,
  changeCpuSeconds: 20,
  decodeCpuSeconds,
  sentBytes: decodeCpuSeconds === null ? null : walBytes / 2,
});

describe('the result of the bench of overhead', () => {
  const about = { rows: 2_000, runs: 3, rowBytes: { plain: 200, portrait: 220 } };
  const result = resultOf(about, [
    ...[100, 120, 900].map((bytes) => measured('replica', 'update', bytes)),
    ...[150, 130, 140].map((bytes) => measured('key', 'update', bytes, bytes / 10)),
    ...[400, 380, 390].map((bytes) => measured('full', 'update', bytes, null)),
  ]);

  it('is the median of its passes, and what FULL adds over the key', () => {
    expect(result.lines.map(({ setting, walBytes, decodeCpuSeconds }) => [setting, walBytes, decodeCpuSeconds])).toEqual([
      ['replica', 120, null],
      ['key', 140, 14],
      ['full', 390, null],
    ]);
    expect(result.addedByFull).toEqual([{ kind: 'plain', change: 'update', bytes: 250 }]);
  });

  it('is told with what it rests on', () => {
    const text = resultLines(result);
    expect(text).toMatch(/plain row, update, logical, key +140 +20\.0 +14\.0 +70/);
    expect(text).toContain('FULL adds: plain update: 250 B; the width of a row by pg_stats is 200 B');
  });
});
