import { readFileSync } from 'node:fs';

/** Of Linux, whatever the kernel's own tick is. */
const ticksPerSecond = 100;
/** Places of utime and stime behind the name of the program, which may hold spaces and brackets itself. */
const userTicksAt = 11;
const systemTicksAt = 12;

/** CPU seconds, user and system, of all threads of a process. @param stat the text of /proc/PID/stat @returns null for a text of another form */
export function cpuSecondsOfStat(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[userTicksAt]) + Number(fields[systemTicksAt]);
  return stat.includes(')') && Number.isFinite(ticks) ? ticks / ticksPerSecond : null;
}

/** CPU seconds that the process has used so far; null where there is no such process, or no /proc. */
export function cpuSecondsOf(pid: number | null): number | null {
  if (pid === null) return null;
  try {
    return cpuSecondsOfStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}
