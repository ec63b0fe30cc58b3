import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Facts about other processes of this machine by which a process id that was written down earlier is told from a later process that got the same number.
 * Linux answers from /proc; elsewhere `ps` is asked.
 */
function ps(pid: number, column: string): string | null {
  const { status, stdout } = spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}

const hasProc = process.platform === 'linux';

/** Whether the process exists and still runs; a zombie, which only waits to be reaped, does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // After the closing parenthesis of the command name, which may itself hold spaces and parentheses, comes the state.
  return !hasProc || readProc(pid, 'stat')?.replace(/^.*\) /s, '')[0] !== 'Z';
}

/** When the process started, in a form that is only good for comparing; null when there is no such process. */
export function startedAt(pid: number): string | null {
  if (!hasProc) return ps(pid, 'lstart');
  const fields = readProc(pid, 'stat')
    ?.replace(/^.*\) /s, '')
    .split(' ');
  return fields?.[19] ?? null;
}

/** Command line of the process, arguments joined by spaces; null when there is no such process. */
export function commandLine(pid: number): string | null {
  if (!hasProc) return ps(pid, 'command');
  return readProc(pid, 'cmdline')?.replaceAll('\0', ' ').trim() ?? null;
}
