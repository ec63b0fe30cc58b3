import { mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const ROTATE_BYTES = 8 * 1024 * 1024;

/** Opens a child's log for appending; one of more than 8 MiB is first moved to `<path>.1`, over the one before. @returns a file descriptor */
export function openLogFile(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

/** The line of a program's output that says what went wrong, for a message: the first one that calls itself an error, else the last one; at most 300 characters. */
export function reasonOf(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const line = lines.find((one) => /error|fatal|exception/i.test(one)) ?? lines.at(-1) ?? 'it said nothing';
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
