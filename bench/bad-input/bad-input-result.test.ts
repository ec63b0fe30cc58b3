import { resultLines, resultOf, verdictOf, type MeasuredInput } from './bad-input-result.js';

const held: MeasuredInput = {
  surface: 'registry',
  input: 'a megabyte',
  told: '422 42201',
  isRight: true,
  stop: { app: 'schema-registry', wallMs: 300, computeMs: 100 },
  down: [],
};

describe('what became of bad input', () => {
  it('is judged by what the process computed, and by what it answered, the worst first', () => {
    const slow = { ...held, stop: { app: 'platform', wallMs: 101, computeMs: 100.1 } };
    const passed = { ...slow, isRight: false };
    const down = { ...passed, down: ['distributor'] };
    expect([held, slow, passed, down, { ...held, stop: null }].map(verdictOf)).toEqual(['held', 'slow', 'passed', 'down', 'held']);
    expect([[held], [held, slow], [slow, passed], [down, passed]].map((inputs) => resultOf(inputs).verdict)).toEqual([
      'held',
      'slow',
      'passed',
      'down',
    ]);
  });

  it('is told for a person', () => {
    expect(resultLines(resultOf([held]))).toContain('All 1 were refused or borne');
    expect(resultLines(resultOf([held, { ...held, isRight: false }]))).toMatch(/registry: a megabyte .*passed\n\n1 of 2 were not held/);
  });
});
