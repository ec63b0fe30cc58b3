import { join } from 'node:path';
import pg from 'pg';
import type { Progress } from './checkout.js';
import { DirectoryLock } from './directory-lock.js';
import { checkDiskSpace } from './disk-space.js';
import { checkPort, freePort } from './port.js';
import { postgresPlaces, preparePostgresData } from './postgres-data.js';
import { postgresArguments, type PostgresSettings } from './postgres-settings.js';
import { StackProcess } from './stack-process.js';
import { endStrayProcess } from './stray-process.js';

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
  /** Directory with the bin, lib and share of another PostgreSQL than the one that came with `npm ci`. */
  readonly programs?: string | undefined;
  /** False gives up durability for speed, for data that nobody will miss. Default true. */
  readonly durable?: boolean;
  readonly readyTimeoutMs?: number;
  readonly progress?: Progress;
  /** Gives the start up. */
  readonly signal?: AbortSignal | undefined;
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
 * @throws TrucError STACK_PORT_BUSY, STACK_DISK_FULL, STACK_DIRECTORY_IN_USE, STACK_POSTGRES_MISSING, STACK_POSTGRES_INIT, STACK_POSTGRES_VERSION, STACK_PASSWORD_MISSING, STACK_CHILD_EXITED, STACK_CHILD_NOT_READY
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { directory, name = 'PostgreSQL', durable = true, progress = () => undefined } = options;
  const lock = DirectoryLock.acquire(directory, name);
  try {
    const places = postgresPlaces(directory, progress, options.programs);
    const pidFile = join(directory, 'postgres.pid');
    await endStrayProcess(pidFile, places.data, 'SIGINT');
    await checkDiskSpace(directory, name, NEEDED_BYTES);
    const port = options.port ?? (await freePort());
    await checkPort(port, name, options.portSetting);
    const password = await preparePostgresData(places, join(directory, 'superuser.password'), durable, options.signal);
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const child = await StackProcess.start({
      name,
      command: join(places.programs, 'bin', 'postgres'),
      args: postgresArguments(places.data, port, durable, options.settings ?? {}),
      environment: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      ...(places.user && { user: { uid: places.user.uid, gid: places.user.gid } }),
      logFile: join(directory, 'postgres.log'),
      pidFile,
      isReady: () => answers(url),
      readyTimeoutMs: options.readyTimeoutMs ?? 60_000,
      signal: options.signal,
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
