import { appendFileSync, chmodSync, chownSync, cpSync, lchownSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { postgresPlaces } from './postgres-data.js';
import { startPostgres, type PostgresOptions, type PostgresServer } from './postgres-server.js';

export interface StandbyOptions extends Omit<PostgresOptions, 'directory'> {
  /** Of the standby; nothing is in it yet. */
  readonly directory: string;
  readonly primary: PostgresServer;
  /** Of the primary: where its password is kept. */
  readonly primaryDirectory: string;
}

/**
 * Starts a standby of a local server, which streams from it. The package brings no pg_basebackup, so its data are what the low-level backup functions of PostgreSQL let be copied
 * while the primary runs.
 */
export async function startStandby({ primary, primaryDirectory, directory, ...options }: StandbyOptions): Promise<PostgresServer> {
  const { data } = postgresPlaces(directory, () => undefined, options.programs);
  const { uid, gid } = statSync(primary.dataDirectory);
  const own = (path: string): void => chownSync(path, uid, gid);
  const client = new pg.Client({ connectionString: primary.url });
  await client.connect();
  try {
    await client.query("SELECT pg_backup_start('standby', true)");
    cpSync(primary.dataDirectory, data, {
      recursive: true,
      verbatimSymlinks: true,
      // What belongs to the running server and not to its data.
      filter: (from) => !/\/(postmaster\.(pid|opts)|pg_internal\.init|pg_wal\/.+|pg_replslot\/.+|pg_stat_tmp\/.+|pgsql_tmp.*)$/.test(from),
    });
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    writeFileSync(join(data, 'backup_label'), rows[0]?.labelfile ?? '');
  } finally {
    await client.end();
  }
  mkdirSync(join(data, 'pg_wal', 'archive_status'), { recursive: true });
  writeFileSync(join(data, 'standby.signal'), '');
  const { port, password } = primary;
  appendFileSync(
    join(data, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${port} user=postgres password=${password}'\nhot_standby_feedback = on\nwal_receiver_status_interval = 1\n`,
  );
  const hand = (path: string): void => {
    lchownSync(path, uid, gid);
    if (statSync(path).isDirectory()) for (const name of readdirSync(path)) hand(join(path, name));
  };
  hand(data);
  own(data);
  chmodSync(data, 0o700);
  cpSync(join(primaryDirectory, 'superuser.password'), join(directory, 'superuser.password'));
  rmSync(join(data, 'postmaster.pid'), { force: true });
  return startPostgres({ ...options, directory });
}
