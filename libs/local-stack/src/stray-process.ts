import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine, isAlive, startedAt } from './process-identity.js';

interface Written {
  readonly pid: number;
  readonly startedAt: string | null;
}

export function writePidFile(path: string, pid: number): void {
  const written: Written = { pid, startedAt: startedAt(pid) };
  writeFileSync(path, JSON.stringify(written), { mode: 0o600 });
}

function readPidFile(path: string): Written | null {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(path, 'utf8')) as Written;
    return Number.isInteger(pid) && pid > 1 ? { pid, startedAt } : null;
  } catch {
    return null;
  }
}

/**
 * Ends what an earlier start left behind, in the rare case that its watchdog died with it.
 * A process is ours only if it started when the file says and its command line names `marker` (a path of this server's own); anything else is left alone.
 * @returns whether a process was ended
 */
export async function endStrayProcess(pidFile: string, marker: string, signal: NodeJS.Signals): Promise<boolean> {
  const written = readPidFile(pidFile);
  rmSync(pidFile, { force: true });
  if (written === null || !isAlive(written.pid)) return false;
  if (startedAt(written.pid) !== written.startedAt || commandLine(written.pid)?.includes(marker) !== true) return false;
  process.kill(written.pid, signal);
  for (let waitedMs = 0; isAlive(written.pid); waitedMs += 100) {
    if (waitedMs === 10_000) process.kill(written.pid, 'SIGKILL');
    if (waitedMs > 15_000) break;
    await sleep(100);
  }
  return true;
}
