import { spawn } from 'node:child_process';
import { forgetSummary, readSummary } from './summary.mjs';

/** Which tests: `standard` all but the long ones, `unit` those that need nothing, `long` the long ones alone. */
const kinds = {
  standard: { TRUC_TEST_KIND: 'standard' },
  unit: { TRUC_TEST_KIND: 'unit', TRUC_TEST_STACK: 'none' },
  long: { TRUC_TEST_KIND: 'long' },
};

/** Ctrl-C reaches jest by itself; it stops its servers and ends. */
const untilEnd = (child) =>
  new Promise((resolve) => {
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.once('exit', (code) => resolve(code ?? 1));
    child.once('error', () => resolve(1));
  });

/** Runs jest with the arguments of the command line. A run that fails without a failed test, or ends without counting, counts as one failure. */
export async function runJest(root, kind, args, environment) {
  const name = `jest-${kind}`;
  forgetSummary(root, name);
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, `${root}/node_modules/jest/bin/jest.js`, ...args], {
    cwd: root,
    env: { ...environment, ...kinds[kind], TRUC_TEST_SUMMARY: name },
    stdio: 'inherit',
  });
  const code = await untilEnd(child);
  const summary = readSummary(root, name) ?? { passed: 0, failed: 0, skipped: 0 };
  return code !== 0 && summary.failed === 0 ? { ...summary, failed: 1 } : summary;
}
