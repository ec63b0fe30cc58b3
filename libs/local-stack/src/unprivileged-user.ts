import { spawnSync } from 'node:child_process';
import { TrucError } from '@truc/kernel';

export interface UnprivilegedUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root. These are taken in this order. */
const CANDIDATES = ['postgres', 'nobody'];

function id(flag: string, name: string): number | null {
  const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
  return status === 0 ? Number(stdout.trim()) : null;
}

/**
 * The user that a server runs as when we are root; undefined when we are not, and the server runs as we do.
 * @throws TrucError STACK_USER_MISSING
 */
export function unprivilegedUser(): UnprivilegedUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of CANDIDATES) {
    const [uid, gid] = [id('-u', name), id('-g', name)];
    if (uid !== null && gid !== null && uid !== 0) return { name, uid, gid };
  }
  throw new TrucError(
    'STACK_USER_MISSING',
    `PostgreSQL refuses to run as root, and this machine has none of the users ${CANDIDATES.join(', ')} to run it as: make one (useradd --system postgres), or start Truc as an ordinary user`,
  );
}

/** Whether the user can reach and read the file or folder. The user itself is asked: modes alone miss access lists and mount options. */
export function canRead(user: UnprivilegedUser, path: string): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', 'test -r "$1" && { ! test -d "$1" || test -x "$1"; }', 'sh', path], {
    cwd: '/',
    uid: user.uid,
    gid: user.gid,
  });
  return status === 0;
}
