import fc from 'fast-check';
import type { DatasetQuality } from './dataset-quality.js';
import { isWanted, qualityReport } from './quality-report.js';

const nowMs = Date.UTC(2026, 2, 14, 12);
const element = 'urn:vn:ddict:element:person.full-name';
const quality = (more: Partial<DatasetQuality> = {}): DatasetQuality => ({
  agency: 'G01',
  source: 'population',
  dataset: 'population.resident',
  lookedAtMs: nowMs,
  heldRows: 3,
  staleRows: 1,
  oldestHeldAtMs: nowMs - 1000,
  days: [{ day: '2026-03-13', refused: 4, released: 1 }],
  rules: [
    {
      rule: 'V2',
      element,
      field: 'person_full_name',
      heldRows: 3,
      oldestHeldAtMs: nowMs - 1000,
      newestHeldAtMs: nowMs,
      reasons: { 'double-space': 3 },
      refused: [
        { day: '2025-01-01', rows: 9 },
        { day: '2026-03-13', rows: 4 },
      ],
      examples: [{ entry: '7', heldAtMs: nowMs, form: 'Xx  Xx' }],
    },
  ],
  rulesLeftOut: 0,
  rowsLeftOut: 0,
  unreadable: 0,
  counters: null,
  ...more,
});
const counters = (findings: NonNullable<DatasetQuality['counters']>['findings'], rows = 200) => ({ sinceMs: 0, rows, findings });

describe('the quality report', () => {
  it('tells of each rule its trend over the last days, and its share of what was judged', () => {
    const told = quality({
      counters: counters([
        { rule: 'V2', element, outcome: 'quarantined', findings: 4 },
        { rule: 'V2', element, outcome: 'marked', findings: 1 },
      ]),
    });
    const { days, lines, datasets } = qualityReport([told], [], nowMs);
    expect([days.length, days[0], days.at(-1)]).toEqual([14, '2026-03-01', '2026-03-14']);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ heldRows: 3, counted: { quarantined: 4, marked: 1, stopped: 0 }, share: 0.025 });
    expect(lines[0]?.trend).toEqual([...Array<number>(12).fill(0), 4, 0]);
    expect(datasets[0]).toMatchObject({ staleRows: 1, judged: { rows: 200, sinceMs: 0 } });
  });

  it('has a line for what is only marked, and no share where nothing was judged', () => {
    const marked = quality({ rules: [], counters: counters([{ rule: 'V8', element: null, outcome: 'marked', findings: 2 }], 0) });
    expect(qualityReport([marked], [], nowMs).lines).toMatchObject([
      { rule: 'V8', element: null, field: null, counted: { marked: 2 }, share: null },
    ]);
  });

  it('does not count findings of a rule and element at each of two fields', () => {
    const [rule] = quality().rules;
    const two = quality({
      rules: [rule!, { ...rule!, field: 'ho_ten' }],
      counters: counters([{ rule: 'V2', element, outcome: 'quarantined', findings: 4 }]),
    });
    expect(qualityReport([two], [], nowMs).lines.map(({ counted }) => counted?.quarantined ?? null)).toEqual([4, null]);
  });

  it('may be of one rule, or of one element', () => {
    expect([isWanted('V2', element, { rule: 'v2' }), isWanted('V2', element, { rule: 'V3' })]).toEqual([true, false]);
    const named = ['person.full-name', element, 'full-name', 'other'].map((name) => isWanted('V2', element, { element: name }));
    expect(named).toEqual([true, true, false, false]);
    expect(isWanted('V2', null, { element: 'other' })).toBe(false);
  });

  it('loses no finding and no held row, whatever the agents tell', () => {
    const finding = fc.record({
      rule: fc.constantFrom('V1', 'V2', 'V8'),
      element: fc.constantFrom(element, null),
      outcome: fc.constantFrom('quarantined' as const, 'marked' as const, 'stopped' as const),
      findings: fc.nat(50),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(finding, { maxLength: 8 }), fc.nat(500)), { maxLength: 4 }), (all) => {
        const told = all.map(([findings, rows]) => quality({ counters: counters(findings, rows) }));
        const { lines } = qualityReport(told, [], nowMs);
        const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
        expect(sum(lines.map(({ heldRows }) => heldRows))).toBe(3 * all.length);
        expect(sum(lines.map(({ counted }) => counted?.marked ?? 0))).toBe(
          sum(all.flatMap(([findings]) => findings.map(({ outcome, findings: found }) => (outcome === 'marked' ? found : 0)))),
        );
        for (const { share } of lines) expect(share === null || (share >= 0 && share <= 1)).toBe(true);
      }),
    );
  });
});
