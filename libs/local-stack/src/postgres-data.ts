import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TrucError } from '@truc/kernel';
import { runToItsEnd } from './awaited-program.js';
import { checkoutRoot, type Progress } from './checkout.js';
import { lackOfSpace } from './disk-space.js';
import { freshSecret, keptSecret } from './kept-secret.js';
import { reasonOf } from './log-file.js';
import { postgresPrograms, postgresProgramsIn } from './postgres-programs.js';
import { shelteredData, shelterOf, shelterPrograms } from './postgres-shelter.js';
import { canRead, unprivilegedUser, type UnprivilegedUser } from './unprivileged-user.js';

/** Where the server of one directory runs from, and as whom. */
export interface PostgresPlaces {
  readonly programs: string;
  readonly data: string;
  /** Of the programs: `18.4.0`. */
  readonly version: string;
  /** Undefined: as ourselves. */
  readonly user: UnprivilegedUser | undefined;
}

/**
 * Everything stays beside the checkout where the server's user can enter it; else programs and data move to the shelter.
 * @param own directory of another PostgreSQL than the one that came with `npm ci`
 */
export function postgresPlaces(directory: string, progress: Progress, own?: string): PostgresPlaces {
  const { directory: programs, version } = own === undefined ? postgresPrograms() : postgresProgramsIn(own);
  const user = unprivilegedUser();
  const data = join(directory, 'data');
  if (user === undefined || (canRead(user, join(programs, 'bin', 'postgres')) && canRead(user, directory))) {
    return { programs, data, version, user };
  }
  const shelter = shelterOf(checkoutRoot, user);
  const sheltered = shelteredData(shelter, directory);
  progress(`PostgreSQL runs as ${user.name}, who cannot enter ${directory}: its data is in ${sheltered}`);
  return { programs: shelterPrograms(shelter, programs, version), data: sheltered, version, user };
}

/** initdb into a draft that is renamed when complete: an interrupted start leaves no half-made database behind. */
async function initialise(
  { programs, data, version, user }: PostgresPlaces,
  password: string,
  durable: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const draft = `${data}.draft`;
  const passwordFile = `${data}.password`;
  for (const path of [draft, passwordFile]) rmSync(path, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) for (const path of [draft, passwordFile]) chownSync(path, user.uid, user.gid);
  const { code, output } = await runToItsEnd({
    command: join(programs, 'bin', 'initdb'),
    args: [
      ...['--pgdata', draft, '--username', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256', '--encoding', 'UTF8'],
      // The built-in provider, which came with 17, orders and folds text the same on every machine, whatever locales it has.
      ...(Number(version.split('.')[0]) >= 17 ? ['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'] : []),
      ...['--locale', 'C', '--no-instructions'],
      ...(durable ? [] : ['--no-sync']),
    ],
    environment: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    user,
    signal,
  }).finally(() => rmSync(passwordFile, { force: true }));
  if (code !== 0) {
    const lack = lackOfSpace(dirname(data));
    const cure = lack === null ? 'mend that and start again, or choose another data directory' : `${lack}; make room there and start again`;
    throw new TrucError('STACK_POSTGRES_INIT', `PostgreSQL cannot make a database in ${draft} (${reasonOf(output)}): ${cure}`);
  }
  renameSync(draft, data);
}

/**
 * Makes the data the first time, and otherwise checks that it can be used.
 * @returns the superuser's password, kept in `passwordFile`
 * @throws TrucError STACK_POSTGRES_INIT, STACK_POSTGRES_VERSION, STACK_PASSWORD_MISSING
 */
export async function preparePostgresData(
  places: PostgresPlaces,
  passwordFile: string,
  durable: boolean,
  signal?: AbortSignal,
): Promise<string> {
  if (!existsSync(places.data)) {
    const password = keptSecret(passwordFile, freshSecret);
    await initialise(places, password, durable, signal);
    return password;
  }
  const has = readFileSync(join(places.data, 'PG_VERSION'), 'utf8').trim();
  const needs = places.version.split('.')[0];
  if (has !== needs) {
    throw new TrucError(
      'STACK_POSTGRES_VERSION',
      `the data in ${places.data} is of PostgreSQL ${has} and this checkout runs ${needs}: choose another data directory, or remove that one if nobody needs its data`,
    );
  }
  if (!existsSync(passwordFile)) {
    throw new TrucError(
      'STACK_PASSWORD_MISSING',
      `${places.data} holds data, and its superuser's password, ${passwordFile}, is gone: put the file back, or remove the data if nobody needs it`,
    );
  }
  return keptSecret(passwordFile, freshSecret);
}
