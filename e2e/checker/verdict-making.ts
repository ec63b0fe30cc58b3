import type { FaultSpan } from './fault.js';
import { invariantNames, type InvariantName } from './invariant-name.js';
import type { Finding, InvariantState, Verdict, Violation } from './verdict.js';

export interface VerdictFacts extends Pick<
  Verdict,
  'scenario' | 'seed' | 'plant' | 'transactions' | 'operations' | 'recoverySeconds' | 'report'
> {
  /** Those that the run must have evaluated. */
  readonly required: readonly InvariantName[];
  readonly faults: readonly FaultSpan[];
  /** Transactions that were begun while a fault lasted, and committed; null where the scenario lets the writers wait. */
  readonly transactionsDuringFaults: number | null;
  readonly findings: readonly Finding[];
  /** Why the run itself did not do what it had to, one sentence each. */
  readonly shortcomings: readonly string[];
}

/** Puts together what was found. A run that injected nothing, wrote nothing or left out what it had to judge does not hold. */
export function makeVerdict(facts: VerdictFacts): Verdict {
  const { findings, required, faults, scenario, seed, plant, transactions, operations, recoverySeconds, report } = facts;
  const states = Object.fromEntries(invariantNames.map((name) => [name, stateOf(name, findings)])) as Record<InvariantName, InvariantState>;
  const unjudged = required.filter((name) => states[name] === 'not evaluated');
  const run = [
    ...facts.shortcomings,
    ...(faults.length === 0 ? ['no fault was injected'] : []),
    ...(operations === 0 ? ['nothing was written'] : []),
    ...(facts.transactionsDuringFaults === 0 ? ['nothing was written while a fault lasted'] : []),
    ...unjudged.map((name) => `${name} was not evaluated, and ${scenario} must evaluate it`),
  ].map((message): Violation => ({ invariant: 'run', message, steps: [] }));
  return {
    scenario,
    seed,
    plant,
    transactions,
    operations,
    faults,
    invariants: states,
    evidence: Object.fromEntries(findings.map(({ invariant, evidence }) => [invariant, evidence])),
    violations: [...findings.flatMap(({ violations }) => violations), ...run],
    recoverySeconds,
    report,
  };
}

function stateOf(name: InvariantName, findings: readonly Finding[]): InvariantState {
  const finding = findings.find(({ invariant }) => invariant === name);
  if (finding === undefined) return 'not evaluated';
  if (finding.violations.length > 0) return 'violated';
  return finding.checked > 0 ? 'held' : 'not evaluated';
}
