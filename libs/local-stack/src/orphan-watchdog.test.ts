import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkoutRoot } from './checkout.js';
import { isAlive } from './process-identity.js';

/** Starts a child that does not listen to SIGTERM and has a child of its own, and stays. */
const program = `
const { StackProcess } = await import('@truc/local-stack');
const [file] = process.argv.slice(1);
const { existsSync } = await import('node:fs');
const script = \`
  process.on('SIGTERM', () => undefined);
  const grandchild = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  require('node:fs').writeFileSync(process.argv[1], JSON.stringify([process.pid, grandchild.pid]));
  setInterval(() => undefined, 1000);\`;
await StackProcess.start({
  name: 'deaf', command: process.execPath, args: ['-e', script, file], environment: {}, logFile: file + '.log',
  isReady: async () => existsSync(file), readyTimeoutMs: 30000,
});
process.stdout.write('ready');
`;

describe('a child that does not end when it is asked to', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-deaf-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is killed with all of its group after us', async () => {
    const file = join(directory, 'pids');
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program, file], {
      cwd: checkoutRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => parent.stdout.once('data', resolve));
    const pids = JSON.parse(readFileSync(file, 'utf8')) as number[];
    expect(pids).toHaveLength(2);
    parent.kill('SIGKILL');
    for (let looked = 0; looked < 400 && pids.some(isAlive); looked++) await sleep(100);
    expect(pids.filter(isAlive)).toEqual([]);
  }, 60_000);
});
