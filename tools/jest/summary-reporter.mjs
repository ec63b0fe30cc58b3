// Ends a run with one plain line that a person or a script can add up, and leaves the same numbers in .truc/test-summary-<name>.json.
import { resolve } from 'node:path';
import { summaryLine, writeSummary } from '../run/summary.mjs';

/** A suite that could not even be loaded ran no test, and must not look like success. */
export function countResults({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults }) {
  const notLoaded = testResults.filter((suite) => suite.numFailingTests === 0 && (suite.testExecError || suite.failureMessage)).length;
  return { passed: numPassedTests, failed: numFailedTests + notLoaded, skipped: numPendingTests + numTodoTests };
}

export default class SummaryReporter {
  onRunComplete(_contexts, results) {
    const summary = countResults(results);
    writeSummary(resolve(import.meta.dirname, '../..'), process.env.TRUC_TEST_SUMMARY ?? 'jest', summary);
    console.log(summaryLine(summary));
  }
}
