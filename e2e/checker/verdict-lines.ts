import { invariantNames, invariantSentences } from './invariant-name.js';
import type { Verdict } from './verdict.js';

/** Every violation with the steps that show it, and where the report is; nothing where everything held. */
export function violationLines({ violations, report }: Verdict): string[] {
  if (violations.length === 0) return [];
  const lines = violations.flatMap(({ invariant, message, steps }) => [
    `  ${invariant}: ${message}`,
    ...steps.map((step) => `      ${step}`),
  ]);
  return ['Violations', ...lines, `Report: ${report}`];
}

/** The verdict for a terminal. */
export function verdictLines(verdict: Verdict): string {
  const { scenario, seed, plant, transactions, operations, faults, invariants, violations, recoverySeconds, report } = verdict;
  const recovery = recoverySeconds === null ? '' : `, lag 0 after ${recoverySeconds.toFixed(1)} s`;
  return [
    '',
    `${scenario}, seed ${seed}${plant === null ? '' : `, with ${plant} built in`}: ${transactions} transactions, ${operations} operations, ${faults.length} faults${recovery}`,
    ...invariantNames.map((name) => `  ${name}  ${invariants[name].padEnd(13)}  ${invariantSentences[name]}`),
    ...(violations.length === 0 ? ['Everything held.', `Report: ${report}`] : ['', ...violationLines(verdict)]),
    '',
  ].join('\n');
}
