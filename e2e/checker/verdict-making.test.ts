import type { Finding } from './verdict.js';
import { makeVerdict, type VerdictFacts } from './verdict-making.js';

describe('a verdict', () => {
  const held: Finding = { invariant: 'I1', checked: 5, evidence: ['5 things'], violations: [] };
  const facts: VerdictFacts = {
    scenario: 'kill-agent',
    seed: 42,
    plant: null,
    transactions: 3,
    operations: 5,
    recoverySeconds: 1,
    report: 'report.html',
    required: ['I1'],
    faults: [{ kind: 'kill', target: 'agent-g01', startedAtMs: 1, endedAtMs: 2 }],
    transactionsDuringFaults: 2,
    findings: [held],
    shortcomings: [],
  };
  const run = (change: Partial<VerdictFacts>) =>
    makeVerdict({ ...facts, ...change }).violations.map(({ invariant, message }) => `${invariant}: ${message}`);

  it('holds where everything that is required was judged and nothing was found', () => {
    expect(makeVerdict(facts)).toMatchObject({ violations: [], invariants: { I1: 'held', I2: 'not evaluated' } });
    expect(run({ transactionsDuringFaults: null })).toEqual([]);
  });

  it('says what was violated', () => {
    const violation = { invariant: 'I1', message: 'lost', steps: [] } as const;
    expect(makeVerdict({ ...facts, findings: [{ ...held, violations: [violation] }] })).toMatchObject({
      invariants: { I1: 'violated' },
      violations: [violation],
    });
  });

  it('does not hold for a run that injected nothing, wrote nothing, judged nothing or was cut short', () => {
    expect(run({ faults: [] })).toEqual(['run: no fault was injected']);
    expect(run({ operations: 0 })).toEqual(['run: nothing was written']);
    expect(run({ transactionsDuringFaults: 0 })).toEqual(['run: nothing was written while a fault lasted']);
    expect(run({ findings: [{ ...held, checked: 0 }] })).toEqual([expect.stringContaining('run: I1 was not evaluated')]);
    expect(run({ required: ['I1', 'I6'] })).toEqual([expect.stringContaining('run: I6 was not evaluated')]);
    expect(run({ shortcomings: ['cut short'] })).toEqual(['run: cut short']);
  });
});
