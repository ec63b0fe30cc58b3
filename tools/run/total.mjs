// `node tools/run/total.mjs <run>=<exit code> ...`: sums the runs' numbers in one line. A run that failed without counting a failure counts as one.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { add, readSummary, summaryLine } from './summary.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const summaries = process.argv.slice(2).map((argument) => {
  const [name, code] = argument.split('=');
  const summary = readSummary(root, name) ?? { passed: 0, failed: 0, skipped: 0 };
  return code !== '0' && summary.failed === 0 ? { ...summary, failed: 1 } : summary;
});
const total = add(summaries);
console.log(summaryLine(total));
process.exitCode = total.failed === 0 && summaries.length > 0 ? 0 : 1;
