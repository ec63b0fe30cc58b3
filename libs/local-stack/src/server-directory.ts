import { existsSync, rmSync } from 'node:fs';
import { checkoutRoot } from './checkout.js';
import { DirectoryLock } from './directory-lock.js';
import { shelteredData, shelterPath } from './postgres-shelter.js';

/**
 * Deletes everything that a stopped server keeps, its data in the shelter included. Does nothing when there is no such directory.
 * @throws TrucError STACK_DIRECTORY_IN_USE when the server runs
 */
export function removeServerDirectory(directory: string): void {
  if (!existsSync(directory)) return;
  const lock = DirectoryLock.acquire(directory, 'the removal of its data');
  try {
    rmSync(shelteredData(shelterPath(checkoutRoot), directory), { recursive: true, force: true });
    rmSync(directory, { recursive: true, force: true });
  } finally {
    lock.release();
  }
}
