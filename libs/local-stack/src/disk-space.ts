import { statfsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { TrucError } from '@truc/kernel';

const MEBIBYTE = 1024 * 1024;
/** Less than one segment of PostgreSQL's log, the largest piece that a server asks for at once. */
const FULL_BYTES = 16 * MEBIBYTE;

/**
 * Refuses to start a server whose disk is all but full: PostgreSQL and Kafka both stop hard when a write finds no room.
 * @param directory an existing folder on the disk that will be written to
 * @throws TrucError STACK_DISK_FULL
 */
export async function checkDiskSpace(directory: string, name: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const freeBytes = bavail * bsize;
  if (freeBytes >= neededBytes) return;
  throw new TrucError(
    'STACK_DISK_FULL',
    `${name} needs ${Math.ceil(neededBytes / MEBIBYTE)} MiB of free disk space at ${directory}, where ${Math.floor(freeBytes / MEBIBYTE)} MiB are free: make room there, or choose another data directory`,
    { retry: true },
  );
}

/** Says where how little is free when the disk of `directory` is as good as full; null when it is not, or cannot be asked. */
export function lackOfSpace(directory: string): string | null {
  try {
    const { bavail, bsize } = statfsSync(directory);
    const freeBytes = bavail * bsize;
    return freeBytes < FULL_BYTES ? `only ${Math.floor(freeBytes / MEBIBYTE)} MiB are free at ${directory}` : null;
  } catch {
    return null;
  }
}
