import { mkdtempSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runToItsEnd } from './awaited-program.js';
import { isAlive } from './process-identity.js';

describe('a program that ends by itself', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-awaited-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  const run = (script: string, ...args: string[]) => ({ command: process.execPath, args: ['-e', script, ...args], environment: {} });

  it('tells its code and what it wrote, the end of it', async () => {
    const { code, output } = await runToItsEnd(run(`console.error('x'.repeat(20000)); console.error('end'); process.exitCode = 4`));
    expect(code).toBe(4);
    expect(output).toHaveLength(16 * 1024);
    expect(output).toContain('end');
  });

  it('that does not run is an error', async () => {
    await expect(runToItsEnd({ command: '/nowhere/program', args: [], environment: {} })).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('ends with all that it started when it is given up, and is not begun after that', async () => {
    const file = join(directory, 'pids');
    const script = `
      const grandchild = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
      require('node:fs').writeFileSync(process.argv[1] + '.draft', JSON.stringify([process.pid, grandchild.pid]));
      require('node:fs').renameSync(process.argv[1] + '.draft', process.argv[1]);
      setInterval(() => undefined, 1000);`;
    const giveUp = new AbortController();
    const running = runToItsEnd({ ...run(script, file), signal: giveUp.signal });
    const given = expect(running).rejects.toThrow('given up');
    while (!existsSync(file)) await sleep(20);
    const pids = JSON.parse(readFileSync(file, 'utf8')) as number[];
    expect(pids.filter(isAlive)).toEqual(pids);
    giveUp.abort(new Error('given up'));
    await given;
    while (pids.some(isAlive)) await sleep(20);
    await expect(runToItsEnd({ ...run(''), signal: giveUp.signal })).rejects.toThrow('given up');
  });
});
