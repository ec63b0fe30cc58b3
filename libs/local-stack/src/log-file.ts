import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const ROTATE_BYTES = 8 * 1024 * 1024;

/** Opens a child's log for appending; one of more than 8 MiB is first moved to `<path>.1`, over the one before. @returns a file descriptor */
export function openLogFile(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

/** The last lines of a log, at most `maxBytes` of them, for a message. */
export function logTail(path: string, fromByte: number, maxBytes = 1_500): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(file);
    const start = Math.max(fromByte, size - maxBytes);
    const bytes = Buffer.alloc(Math.max(0, size - start));
    readSync(file, bytes, 0, bytes.length, start);
    const text = bytes.toString('utf8');
    return (start > fromByte ? text.slice(text.indexOf('\n') + 1) : text).trim();
  } finally {
    closeSync(file);
  }
}
