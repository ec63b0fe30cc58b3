import { readFileSync } from 'node:fs';

/** Highest resident memory of a process so far, in MiB. @param status the text of /proc/PID/status @returns null for a text of another form */
export function residentMebibytesOfStatus(status: string): number | null {
  const [, kibibytes] = /^VmHWM:\s+([0-9]+) kB$/m.exec(status) ?? [];
  return kibibytes === undefined ? null : Number(kibibytes) / 1_024;
}

/** Highest resident memory of a process so far, in MiB; null where there is no such process, or no /proc. */
export function residentMebibytesOf(pid: number): number | null {
  try {
    return residentMebibytesOfStatus(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return null;
  }
}
