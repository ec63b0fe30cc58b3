import { randomBytes, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** 24 random bytes as Base64url: letters, digits, - and _, so it needs no escaping in an address, a JAAS string or a shell. */
export function freshSecret(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * The content of `file`, which is made by `make` the first time and is for us alone (mode 0600). The file appears complete or not at all.
 */
export function keptSecret(file: string, make: () => string): string {
  const read = () => readFileSync(file, 'utf8').trim();
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, `${make()}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return read();
}
