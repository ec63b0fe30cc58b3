import { statfs } from 'node:fs/promises';
import { TrucError } from '@truc/kernel';

const MEBIBYTE = 1024 * 1024;

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
