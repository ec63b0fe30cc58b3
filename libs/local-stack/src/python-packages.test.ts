import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPython } from './python-packages.js';

const made: string[] = [];
afterAll(() => made.forEach((directory) => rmSync(directory, { recursive: true })));

/** A PATH on which python3 is the given script, if there is one. */
function pathWith(script: string | null): { PATH: string } {
  const directory = mkdtempSync(join(tmpdir(), 'truc-path-'));
  made.push(directory);
  if (script !== null) {
    writeFileSync(join(directory, 'python3'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, 'python3'), 0o755);
  }
  return { PATH: directory };
}

describe('python', () => {
  it.each([
    ['is not there', null, /does not run/],
    ['has no venv', 'exit 1', /has none/],
    ['is too old', 'echo 3 8', /is 3\.8/],
    ['is of another age', 'echo 2 7', /is 2\.7/],
  ])('is missed where it %s, with one sentence that says what to do', (_, script, told) => {
    const missed = expect.objectContaining({ code: 'STACK_PYTHON_MISSING', message: expect.stringMatching(told) });
    expect(() => findPython(pathWith(script))).toThrow(missed);
    expect(() => findPython(pathWith(script))).toThrow(/python3-venv/);
  });

  it('is found on PATH', () => {
    expect(findPython(pathWith('echo 3 9'))).toBe('python3');
    expect(findPython(pathWith('echo 4 0'))).toBe('python3');
  });
});
