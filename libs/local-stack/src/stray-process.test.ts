import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './process-identity.js';
import { endStrayProcess, writePidFile } from './stray-process.js';

describe('a process of an earlier start', () => {
  const marker = mkdtempSync(join(tmpdir(), 'truc-stray-'));
  const pidFile = join(marker, 'pid');
  let child: ChildProcess;
  beforeEach(async () => {
    child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)', marker], { stdio: 'ignore' });
    await once(child, 'spawn');
  });
  afterEach(() => child.kill('SIGKILL'));
  afterAll(() => rmSync(marker, { recursive: true }));

  it('is ended when it is ours', async () => {
    writePidFile(pidFile, child.pid ?? 0);
    const ended = once(child, 'exit');
    expect(await endStrayProcess(pidFile, marker, 'SIGTERM')).toBe(true);
    await ended;
    expect(existsSync(pidFile)).toBe(false);
  });

  it('is left alone when its command line is not ours', async () => {
    writePidFile(pidFile, child.pid ?? 0);
    expect(await endStrayProcess(pidFile, '/some/other/path', 'SIGTERM')).toBe(false);
    expect(isAlive(child.pid ?? 0)).toBe(true);
  });

  it('is left alone when it started at another time', async () => {
    writeFileSync(pidFile, JSON.stringify({ pid: child.pid, startedAt: 'long ago' }));
    expect(await endStrayProcess(pidFile, marker, 'SIGTERM')).toBe(false);
    expect(isAlive(child.pid ?? 0)).toBe(true);
  });

  it.each(['', 'x', '{}', '{"pid":1,"startedAt":null}', '{"pid":-1,"startedAt":null}'])(
    'is not found in a file that says %j',
    async (content) => {
      writeFileSync(pidFile, content);
      expect(await endStrayProcess(pidFile, '', 'SIGTERM')).toBe(false);
    },
  );
});
