import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TrucError } from '@truc/kernel';
import { canRead, type UnprivilegedUser } from './unprivileged-user.js';

const ROOT = '/var/tmp';

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

export function shelterPath(checkout: string): string {
  return join(ROOT, `truc-${digest(checkout)}`);
}

/**
 * A checkout may lie where the unprivileged user cannot enter, such as /root. Programs and data then live in a folder of ours that it can, named after the checkout, so that every start finds them again.
 * @throws TrucError STACK_SHELTER_UNSAFE when somebody else owns that folder or may write to it, STACK_SHELTER_MISSING
 */
export function shelterOf(checkout: string, user: UnprivilegedUser): string {
  if (!existsSync(ROOT) || !canRead(user, ROOT)) {
    throw new TrucError(
      'STACK_SHELTER_MISSING',
      `the user ${user.name}, whom PostgreSQL runs as, can enter neither ${checkout} nor ${ROOT}: move the checkout to a folder that it can enter`,
    );
  }
  const shelter = shelterPath(checkout);
  mkdirSync(shelter, { recursive: true, mode: 0o711 });
  const { uid, mode } = lstatSync(shelter);
  if (!lstatSync(shelter).isDirectory() || uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new TrucError(
      'STACK_SHELTER_UNSAFE',
      `${shelter} belongs to somebody else or may be written to by others: remove it and start again`,
    );
  }
  chmodSync(shelter, 0o711);
  writeFileSync(join(shelter, 'origin'), `${checkout}\n`);
  return shelter;
}

/** npm under a strict umask installs files for their owner alone, and a copy has the modes of its original. */
function makeReadable(path: string): void {
  const facts = lstatSync(path);
  if (facts.isSymbolicLink()) return;
  const executable = facts.isDirectory() || (facts.mode & 0o100) !== 0;
  chmodSync(path, executable ? 0o755 : 0o644);
  if (facts.isDirectory()) for (const name of readdirSync(path)) makeReadable(join(path, name));
}

/** Copies the programs into the shelter, once per version. @returns the folder of the copy */
export function shelterPrograms(shelter: string, programs: string, version: string): string {
  const target = join(shelter, `postgresql-${version}`);
  if (existsSync(target)) return target;
  const draft = `${target}.${process.pid}`;
  cpSync(programs, draft, { recursive: true, verbatimSymlinks: true });
  makeReadable(draft);
  try {
    renameSync(draft, target);
  } catch (error) {
    // Another start was faster; its copy is as good as ours.
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** Where the data of the server in `directory` lies inside the shelter. */
export function shelteredData(shelter: string, directory: string): string {
  return join(shelter, `${basename(directory)}-${digest(directory)}`);
}
