import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How many passed, failed and were skipped, in one plain line that scripts add up. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

export function add(summaries) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const summary of summaries) for (const count of Object.keys(total)) total[count] += summary[count];
  return total;
}

export function summaryFile(root, name) {
  return join(root, `.truc/test-summary-${name}.json`);
}

export function writeSummary(root, name, summary) {
  const file = summaryFile(root, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(summary)}\n`);
}

/** Nobody may take the numbers of an earlier run for those of this one. */
export function forgetSummary(root, name) {
  rmSync(summaryFile(root, name), { force: true });
}

/** Null when the run ended before it could count. */
export function readSummary(root, name) {
  try {
    return JSON.parse(readFileSync(summaryFile(root, name), 'utf8'));
  } catch {
    return null;
  }
}
