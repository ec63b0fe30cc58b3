import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrucError } from '@truc/kernel';
import { commandLine, isAlive } from '../process-identity.js';
import { StackProcess } from '../stack-process.js';
import { backboneProcess } from './backbone-process.js';
import { RunningProcesses } from './running-processes.js';

describe('a process of a running backbone', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-process-'));
  const all: RunningProcesses[] = [];
  afterEach(() => Promise.all(all.splice(0).map((running) => running.stop([['one', 'two']]))));
  afterAll(() => rmSync(directory, { recursive: true }));

  function begin(name: string) {
    return async () => {
      const child = await StackProcess.start({
        name,
        command: process.execPath,
        args: ['-e', 'setInterval(() => undefined, 1000)', name],
        environment: {},
        logFile: join(directory, `${name}.log`),
        isReady: async () => true,
        readyTimeoutMs: 30_000,
      });
      return { pid: child.pid, process: child, stop: async () => void (await child.stop()) };
    };
  }

  /** Signals take a moment to arrive. */
  async function untilStopped(pid: number, isStopped: boolean): Promise<void> {
    while (spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.startsWith('T') !== isStopped) await sleep(20);
  }

  async function backbone(): Promise<{ running: RunningProcesses; deaths: TrucError[] }> {
    const running = new RunningProcesses();
    all.push(running);
    const deaths: TrucError[] = [];
    running.onExit((death) => deaths.push(death));
    await running.start('one', begin('one'));
    await running.start('two', begin('two'));
    return { running, deaths };
  }

  it('is killed and started again as often as one likes, and that is no fault', async () => {
    const { running, deaths } = await backbone();
    const one = backboneProcess(running, 'one');
    const first = one.pid;
    await one.kill();
    expect(one.pid).toBeNull();
    expect(running.parts.map(({ name }) => name)).toEqual(['two']);
    await one.start();
    expect(one.pid).not.toBe(first);
    await one.stop();
    await one.start();
    expect(commandLine(one.pid ?? 0)).toContain('one');
    const running2 = one.pid;
    await one.start();
    expect(one.pid).toBe(running2);
    expect(deaths).toEqual([]);
  });

  it('that ends by itself is a fault, unless somebody said that it may, and again once it was started again', async () => {
    const { running, deaths } = await backbone();
    const one = backboneProcess(running, 'one');
    const die = async () => {
      const exited = running.part('one')?.process.exited;
      process.kill(one.pid ?? 0, 'SIGKILL');
      await exited;
    };
    one.expectEnd();
    await die();
    expect(deaths).toEqual([]);
    await one.start();
    await die();
    expect(deaths).toMatchObject([{ code: 'STACK_CHILD_EXITED' }]);
  });

  it('runs no more while it is paused, goes on afterwards, and is stopped even when it is paused', async () => {
    const { running } = await backbone();
    const one = backboneProcess(running, 'one');
    const pid = one.pid ?? 0;
    one.pause();
    await untilStopped(pid, true);
    one.resume();
    await untilStopped(pid, false);
    one.pause();
    await one.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('is known by its name only', async () => {
    const { running } = await backbone();
    expect(() => backboneProcess(running, 'three')).toThrow(expect.objectContaining({ code: 'BACKBONE_PROCESS_UNKNOWN' }));
  });
});
