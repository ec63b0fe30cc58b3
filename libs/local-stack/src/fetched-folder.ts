import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDiskSpace } from './disk-space.js';
import { isAlive } from './process-identity.js';

const MEBIBYTE = 1024 * 1024;

/** A folder that is fetched once, and kept beside others of its kind. */
export interface FetchedFolder {
  /** Of the folder in `cacheDirectory`. */
  readonly name: string;
  readonly cacheDirectory: string;
  /** Of what pins the content: another one is fetched anew. */
  readonly digest: string;
  /** For people: `the fetch of Kafka`. */
  readonly what: string;
  readonly neededMebibytes: number;
}

/**
 * The folder's path, filled by `fill` where it is not there as it should be. What is killed half-way leaves nothing that would be taken for the whole.
 * @param fill is given the path of a draft, and throws where it cannot fill it
 * @throws TrucError STACK_DISK_FULL; what `fill` throws
 */
export async function fetchedFolder(folder: FetchedFolder, fill: (draft: string) => Promise<void>): Promise<string> {
  const { name, cacheDirectory, digest, what, neededMebibytes } = folder;
  const directory = join(cacheDirectory, name);
  if (isComplete(directory, digest)) return directory;
  removeLeftDrafts(cacheDirectory, `${name}.`);
  const draft = `${directory}.${process.pid}.${randomUUID()}`;
  mkdirSync(draft, { recursive: true });
  try {
    await checkDiskSpace(draft, what, neededMebibytes * MEBIBYTE);
    await fill(draft);
    writeFileSync(join(draft, 'complete'), digest);
    moveIntoPlace(draft, directory, digest);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return directory;
}

function isComplete(directory: string, digest: string): boolean {
  try {
    return readFileSync(join(directory, 'complete'), 'utf8') === digest;
  } catch {
    return false;
  }
}

/** Two starts may fetch at the same time. The one who comes second leaves the folder alone, because a broker may already run from it. */
function moveIntoPlace(draft: string, directory: string, digest: string): void {
  if (isComplete(directory, digest)) return;
  const outdated = `${draft}.outdated`;
  if (existsSync(directory)) renameSync(directory, outdated);
  try {
    renameSync(draft, directory);
  } catch (error) {
    if (!isComplete(directory, digest)) throw error;
  } finally {
    rmSync(outdated, { recursive: true, force: true });
  }
}

/** Half-fetched folders of processes that were killed. */
function removeLeftDrafts(cacheDirectory: string, prefix: string): void {
  const names = existsSync(cacheDirectory) ? readdirSync(cacheDirectory) : [];
  for (const name of names) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('.')[0]) : Number.NaN;
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(cacheDirectory, name), { recursive: true, force: true });
  }
}
