import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './process-identity.js';
import { StackProcess, type StackExit, type StackProcessOptions } from './stack-process.js';

describe('a child of the stack', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-child-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  const start = (script: string, options: Partial<StackProcessOptions> = {}) =>
    StackProcess.start({
      name: 'child',
      command: process.execPath,
      args: ['-e', script],
      environment: {},
      logFile: join(directory, 'child.log'),
      isReady: async () => true,
      readyTimeoutMs: 30_000,
      ...options,
    });

  it('is started, waited for, logged and stopped', async () => {
    const logFile = join(directory, 'ready.log');
    const child = await start(`console.log('ready'); setInterval(() => undefined, 1000)`, {
      logFile,
      isReady: async () => readFileSync(logFile, 'utf8').includes('ready'),
    });
    expect(child.running).toBe(true);
    const exits: StackExit[] = [];
    child.on('exit', (exit) => exits.push(exit));
    const expected = { name: 'child', code: null, signal: 'SIGTERM', wanted: true };
    expect(await child.stop()).toEqual(expected);
    expect(await child.stop()).toEqual(expected);
    expect(exits).toEqual([expected]);
    expect(isAlive(child.pid)).toBe(false);
  });

  it('tells of an end that nobody asked for in one sentence: its name, what to do, and its log', async () => {
    const child = await start(`console.log('chatter'); setInterval(() => undefined, 1000)`);
    const ended = new Promise<StackExit>((resolve) => child.once('exit', resolve));
    process.kill(child.pid, 'SIGKILL');
    const exit = await ended;
    expect(exit).toEqual({ name: 'child', code: null, signal: 'SIGKILL', wanted: false });
    expect(child.exitError(exit)).toMatchObject({
      code: 'STACK_CHILD_EXITED',
      message: `child was ended by SIGKILL: start again, and it goes on from what it had stored; its log is ${child.logFile}`,
    });
  });

  it('that ends before it is ready is an error that names its log', async () => {
    const logFile = join(directory, 'reason.log');
    const failing = start(`console.error('the reason'); process.exit(7)`, { isReady: async () => false, logFile });
    await expect(failing).rejects.toMatchObject({
      code: 'STACK_CHILD_EXITED',
      message: `child ended with code 7: its log, ${logFile}, says why; mend that and start again`,
    });
    expect(readFileSync(logFile, 'utf8')).toContain('the reason');
  });

  it('that is not ready when the start is given up is stopped', async () => {
    const giveUp = new AbortController();
    let pid = 0;
    const given = start('setInterval(() => undefined, 1000)', {
      pidFile: join(directory, 'given.pid'),
      isReady: async () => {
        pid = JSON.parse(readFileSync(join(directory, 'given.pid'), 'utf8')).pid;
        giveUp.abort(new Error('given up'));
        return false;
      },
      signal: giveUp.signal,
    });
    await expect(given).rejects.toThrow('given up');
    expect(pid).toBeGreaterThan(1);
    expect(isAlive(pid)).toBe(false);
    await expect(start('', { signal: giveUp.signal })).rejects.toThrow('given up');
  });

  it('that is never ready is stopped', async () => {
    let pid = 0;
    const never = start('setInterval(() => undefined, 1000)', {
      pidFile: join(directory, 'never.pid'),
      isReady: async () => {
        pid = JSON.parse(readFileSync(join(directory, 'never.pid'), 'utf8')).pid;
        return false;
      },
      readyTimeoutMs: 200,
    });
    await expect(never).rejects.toMatchObject({ code: 'STACK_CHILD_NOT_READY' });
    expect(pid).toBeGreaterThan(1);
    expect(isAlive(pid)).toBe(false);
  });

  it('that does not listen to SIGTERM is killed, with what it started', async () => {
    const logFile = join(directory, 'deaf.log');
    const script = `
      process.on('SIGTERM', () => undefined);
      const grandchild = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
      console.log('grandchild', grandchild.pid, '.');
      setInterval(() => undefined, 1000);`;
    const grandchild = () => Number(/grandchild (\d+) \./.exec(readFileSync(logFile, 'utf8'))?.[1] ?? 0);
    const child = await start(script, { logFile, isReady: async () => grandchild() > 0, stopSteps: [{ signal: 'SIGTERM', waitMs: 100 }] });
    expect((await child.stop()).signal).toBe('SIGKILL');
    for (let waited = 0; isAlive(grandchild()) && waited < 100; waited++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isAlive(grandchild())).toBe(false);
  });

  it('whose program is missing is an error', async () => {
    await expect(start('', { command: '/nowhere/program' })).rejects.toMatchObject({ code: 'STACK_COMMAND_MISSING' });
  });
});
