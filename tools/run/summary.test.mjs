import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countResults } from '../jest/summary-reporter.mjs';
import { add, readSummary, summaryLine, writeSummary } from './summary.mjs';

describe('a summary', () => {
  const root = mkdtempSync(join(tmpdir(), 'truc-summary-'));
  mkdirSync(join(root, 'tools'));
  cpSync(import.meta.dirname, join(root, 'tools/run'), { recursive: true });
  afterAll(() => rmSync(root, { recursive: true }));

  const total = (...runs) => {
    const { status, stdout } = spawnSync(process.execPath, [join(root, 'tools/run/total.mjs'), ...runs], { encoding: 'utf8' });
    return { status, line: stdout.trim() };
  };

  it('adds up and is one plain line', () => {
    const sum = add([
      { passed: 3, failed: 0, skipped: 1 },
      { passed: 4, failed: 2, skipped: 0 },
    ]);
    expect(summaryLine(sum)).toBe('7 passed, 2 failed, 1 skipped');
  });

  it('of several runs fails when one of them did, counted or not', () => {
    writeSummary(root, 'good', { passed: 5, failed: 0, skipped: 1 });
    writeSummary(root, 'bad', { passed: 1, failed: 2, skipped: 0 });
    expect(readSummary(root, 'absent')).toBeNull();
    expect(total('good=0')).toEqual({ status: 0, line: '5 passed, 0 failed, 1 skipped' });
    expect(total('good=0', 'bad=1')).toEqual({ status: 1, line: '6 passed, 2 failed, 1 skipped' });
    expect(total('good=1')).toEqual({ status: 1, line: '5 passed, 1 failed, 1 skipped' });
    expect(total('good=0', 'absent=1')).toEqual({ status: 1, line: '5 passed, 1 failed, 1 skipped' });
  });

  it('counts a suite that could not be loaded as a failure', () => {
    const loaded = { numFailingTests: 1, failureMessage: 'a test failed' };
    const broken = { numFailingTests: 0, testExecError: { message: 'SyntaxError' }, failureMessage: 'SyntaxError' };
    const results = { numPassedTests: 2, numFailedTests: 1, numPendingTests: 0, numTodoTests: 1, testResults: [loaded, broken] };
    expect(countResults(results)).toEqual({ passed: 2, failed: 2, skipped: 1 });
  });
});
