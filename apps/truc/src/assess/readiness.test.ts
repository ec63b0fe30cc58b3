import { codeFaultOf } from './code-fault.js';
import { daysLeft, stateOf, wholeState } from './readiness.js';

describe('readiness', () => {
  it.each([
    [true, false, 0, 'conforms'],
    [true, false, 0.01, 'nearly'],
    [true, false, 0.0101, 'far'],
    [true, true, 0, 'blocked'],
    [false, false, 0, 'not-assessed'],
  ] as const)('of a table that is read: %s, blocked: %s, with %d held back is %s', (isRead, isBlocked, share, state) => {
    expect(stateOf({ isRead, isBlocked, share })).toBe(state);
  });

  it('is that of the worst table', () => {
    expect(wholeState([{ state: 'conforms' }, { state: 'far' }, { state: 'nearly' }])).toBe('far');
    expect(wholeState([{ state: 'conforms' }])).toBe('conforms');
    expect(wholeState([])).toBe('not-assessed');
  });

  it('counts the days of the term in Viet Nam', () => {
    const day = (text: string): number => Date.parse(text) / 86_400_000;
    expect([day('2026-11-23'), day('2026-12-31'), day('2027-01-02')].map(daysLeft)).toEqual([38, 0, -2]);
  });
});

describe('what is wrong with a code', () => {
  it.each([
    ['V1', 'missing', true, 'missing'],
    ['V4', 'missing', true, 'missing'],
    ['V1', 'check-digit', true, 'malformed'],
    ['V2', 'pattern', true, 'malformed'],
    ['V2', 'too-long', false, null],
    ['V4', 'missing', false, null],
    ['V3', 'not-in-force', true, 'unmatched'],
    ['V8', 'not-in-register', true, 'unmatched'],
    ['V1', 'parent-unknown: no row of a.b has its key yet', true, 'unmatched'],
    ['V9', 'second-row-of-code', true, 'duplicate'],
    ['V6', 'in-future', false, null],
  ])('by %s %s in a field of codes: %s is %s', (rule, reason, isCode, fault) => {
    expect(codeFaultOf({ rule, reason }, isCode)).toBe(fault);
  });
});
