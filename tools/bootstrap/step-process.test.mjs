import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runStep } from './step-process.mjs';

/** Starts a grandchild, as npm and the build do, writes both ids to the file of its argument, and stays. */
const step = `
const { renameSync, writeFileSync } = require('node:fs');
const grandchild = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
writeFileSync(process.argv[1] + '.draft', JSON.stringify([process.pid, grandchild.pid]));
renameSync(process.argv[1] + '.draft', process.argv[1]);
setInterval(() => undefined, 1000);`;

const starter = `
import { runStep } from ${JSON.stringify(join(import.meta.dirname, 'step-process.mjs'))};
await runStep(process.execPath, ['-e', ${JSON.stringify(step)}, process.argv[1]], {});`;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One that only waits to be reaped does not run any more.
  return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

const until = async (condition) => {
  for (let looked = 0; looked < 300 && !condition(); looked++) await sleep(50);
  expect(condition()).toBe(true);
};

describe('the program of a step', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-step-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('tells how it ended and what it said', async () => {
    const script = `console.log('out'); console.error('bad'); process.exitCode = 3`;
    const { status, output, error } = await runStep(process.execPath, ['-e', script], {});
    expect({ status, error, said: output.trim().split('\n').toSorted() }).toEqual({ status: 3, error: null, said: ['bad', 'out'] });
    expect(await runStep('/nowhere/program', [], {})).toMatchObject({ status: null, error: { code: 'ENOENT' } });
  });

  it.each([
    ['SIGTERM', { code: 143, signal: null }],
    ['SIGHUP', { code: 129, signal: null }],
    ['SIGKILL', { code: null, signal: 'SIGKILL' }],
  ])('does not outlive who started it when that is ended by %s, and nor does what it started', async (signal, expected) => {
    const file = join(directory, signal);
    const started = spawn(process.execPath, ['--input-type=module', '-e', starter, file], { stdio: 'ignore' });
    const ended = new Promise((resolve) => started.once('exit', (code, by) => resolve({ code, signal: by })));
    await until(() => existsSync(file));
    const pids = JSON.parse(readFileSync(file, 'utf8'));
    expect(pids.filter(isAlive)).toEqual(pids);
    started.kill(signal);
    expect(await ended).toEqual(expected);
    await until(() => !pids.some(isAlive));
  });
});
