// Ends a run with one plain line that a person or a script can add up, and leaves the same numbers in .truc/test-summary-<name>.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export default class SummaryReporter {
  onRunComplete(_contexts, results) {
    // A suite that could not even be loaded ran no test, and must not look like success.
    const failedToLoad = results.testResults.filter(
      (suite) => suite.numFailingTests === 0 && (suite.testExecError || suite.failureMessage),
    ).length;
    const summary = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + failedToLoad,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    const directory = resolve(import.meta.dirname, '../../.truc');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `test-summary-${process.env.TRUC_TEST_SUMMARY ?? 'jest'}.json`), JSON.stringify(summary));
    console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
  }
}
