import { requiredInvariants, type Scenario } from './checker/scenario.js';
import { violationLines } from './checker/verdict-lines.js';
import type { Verdict } from './checker/verdict.js';

/** Nothing was violated, and every invariant that the scenario is there for was judged. */
export function expectPromisesKept(verdict: Verdict, scenario: Scenario, quick: boolean): void {
  expect(violationLines(verdict)).toEqual([]);
  for (const invariant of requiredInvariants(scenario, quick))
    expect([invariant, verdict.invariants[invariant]]).toEqual([invariant, 'held']);
}
