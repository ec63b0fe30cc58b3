import { statfsSync } from 'node:fs';
import { fail } from './failure.mjs';

const MEBIBYTE = 1024 * 1024;

/** Ends with a sentence when fewer mebibytes are free on the disk of `folder` than `what` needs. */
export function ensureRoom(folder, what, neededMebibytes) {
  const { bavail, bsize } = statfsSync(folder);
  const free = Math.floor((bavail * bsize) / MEBIBYTE);
  if (free >= neededMebibytes) return;
  fail(
    'BOOTSTRAP_DISK_FULL',
    `${what} needs ${neededMebibytes} MiB of free disk space at ${folder}, where ${free} MiB are free: make room there and start again`,
  );
}
