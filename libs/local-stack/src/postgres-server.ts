import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { TrucError } from '@truc/kernel';
import { checkoutRoot, type Progress } from './checkout.js';
import { DirectoryLock } from './directory-lock.js';
import { checkDiskSpace } from './disk-space.js';
import { checkPort, freePort } from './port.js';
import { postgresPrograms } from './postgres-programs.js';
import { postgresArguments, type PostgresSettings } from './postgres-settings.js';
import { shelteredData, shelterOf, shelterPrograms } from './postgres-shelter.js';
import { StackProcess } from './stack-process.js';
import { endStrayProcess } from './stray-process.js';
import { canRead, unprivilegedUser, type UnprivilegedUser } from './unprivileged-user.js';

const NEEDED_BYTES = 256 * 1024 * 1024;

export interface PostgresOptions {
  /** Holds lock, log and password, and the data unless the server's user cannot enter it. */
  readonly directory: string;
  /** Default: any free one. */
  readonly port?: number;
  /** Name for messages. Default `PostgreSQL`. */
  readonly name?: string;
  /** How a person chooses another port, for the message when it is taken. */
  readonly portSetting?: string;
  readonly settings?: PostgresSettings;
  /** False gives up durability for speed, for data that nobody will miss. Default true. */
  readonly durable?: boolean;
  readonly readyTimeoutMs?: number;
  readonly progress?: Progress;
}

export interface PostgresServer {
  readonly port: number;
  readonly pid: number;
  /** Of the superuser, into the database `postgres`. */
  readonly url: string;
  readonly password: string;
  /** Where the data really lies. */
  readonly dataDirectory: string;
  readonly process: StackProcess;
  stop(): Promise<void>;
}

interface Places {
  readonly programs: string;
  readonly data: string;
  readonly user: UnprivilegedUser | undefined;
}

/** Everything stays beside the checkout where the server's user can enter it; else programs and data move to the shelter. */
function choosePlaces(directory: string, progress: Progress): Places {
  const { directory: programs, version } = postgresPrograms();
  const user = unprivilegedUser();
  const data = join(directory, 'data');
  if (user === undefined || (canRead(user, join(programs, 'bin', 'postgres')) && canRead(user, directory))) return { programs, data, user };
  const shelter = shelterOf(checkoutRoot, user);
  progress(`PostgreSQL runs as ${user.name}, who cannot enter ${directory}: its data is in ${shelteredData(shelter, directory)}`);
  return { programs: shelterPrograms(shelter, programs, version), data: shelteredData(shelter, directory), user };
}

/** Made once and kept: `file` is for us alone. */
function superuserPassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}

/** initdb into a draft that is renamed when complete: an interrupted start leaves no half-made database behind. */
function initialise({ programs, data, user }: Places, password: string): void {
  const draft = `${data}.draft`;
  const passwordFile = `${data}.password`;
  for (const path of [draft, passwordFile]) rmSync(path, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) for (const path of [draft, passwordFile]) chownSync(path, user.uid, user.gid);
  const { status, stderr, error } = spawnSync(
    join(programs, 'bin', 'initdb'),
    [
      ...['--pgdata', draft, '--username', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256', '--encoding', 'UTF8'],
      // The built-in provider orders and folds text the same on every machine, whatever locales it has.
      ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C', '--no-sync', '--no-instructions'],
    ],
    { cwd: '/', encoding: 'utf8', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }, ...(user && { uid: user.uid, gid: user.gid }) },
  );
  rmSync(passwordFile, { force: true });
  if (status !== 0) {
    throw new TrucError('STACK_POSTGRES_INIT', `PostgreSQL cannot make a database in ${draft}: ${(error?.message ?? stderr).trim()}`, {
      cause: error,
    });
  }
  renameSync(draft, data);
}

/** Asks the server itself, with the real password. */
async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Starts the PostgreSQL of this checkout on 127.0.0.1, ready for logical replication; passwords are needed for everything. A second start on the same directory finds the data of the first.
 * As root the server runs as an unprivileged user.
 * @throws TrucError STACK_PORT_BUSY, STACK_DISK_FULL, STACK_DIRECTORY_IN_USE, STACK_POSTGRES_MISSING, STACK_POSTGRES_INIT, STACK_CHILD_EXITED, STACK_CHILD_NOT_READY
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { directory, name = 'PostgreSQL', progress = () => undefined } = options;
  const lock = DirectoryLock.acquire(directory, name);
  try {
    const places = choosePlaces(directory, progress);
    const pidFile = join(directory, 'postgres.pid');
    await endStrayProcess(pidFile, places.data, 'SIGINT');
    await checkDiskSpace(directory, name, NEEDED_BYTES);
    const port = options.port ?? (await freePort());
    await checkPort(port, name, options.portSetting);
    const password = superuserPassword(join(directory, 'superuser.password'));
    if (!existsSync(places.data)) initialise(places, password);
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const child = await StackProcess.start({
      name,
      command: join(places.programs, 'bin', 'postgres'),
      args: postgresArguments(places.data, port, options.durable ?? true, options.settings ?? {}),
      environment: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      ...(places.user && { user: { uid: places.user.uid, gid: places.user.gid } }),
      logFile: join(directory, 'postgres.log'),
      pidFile,
      isReady: () => answers(url),
      readyTimeoutMs: options.readyTimeoutMs ?? 60_000,
      // SIGINT ends sessions and shuts down; SIGQUIT gives that up when a replication client will not let go.
      stopSteps: [
        { signal: 'SIGINT', waitMs: 15_000 },
        { signal: 'SIGQUIT', waitMs: 5_000 },
      ],
    });
    child.once('exit', () => lock.release());
    const stop = async () => void (await child.stop());
    return { port, pid: child.pid, url, password, dataDirectory: places.data, process: child, stop };
  } catch (error) {
    lock.release();
    throw error;
  }
}
