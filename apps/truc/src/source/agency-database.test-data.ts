import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedPostgres, oldestPostgres, removeServerDirectory, startPostgres, type PostgresServer } from '@truc/local-stack';
import pg from 'pg';

/** The oldest PostgreSQL that changes are captured from, which npm brings when it is first asked for; the directory of another; undefined is the newest, which came with `npm ci`. */
export type TestedPrograms = string | undefined;

export function testedServers(): { readonly version: string; readonly programs: TestedPrograms }[] {
  return [
    { version: 'the oldest', programs: 'the oldest' },
    ...installedPostgres().map(({ major, directory }) => ({ version: String(major), programs: directory })),
    { version: 'the newest', programs: undefined },
  ];
}

/** A whole server of one agency: what is tested changes settings and roles, which a shared server has for everybody. */
export class AgencyDatabase {
  readonly directory: string;
  readonly #server: PostgresServer;
  readonly #clients: pg.Client[] = [];

  private constructor(directory: string, server: PostgresServer) {
    this.directory = directory;
    this.#server = server;
  }

  /** @param ddl run by the administrator, who owns the database and is no superuser */
  static async start(programs: TestedPrograms, ddl: string): Promise<AgencyDatabase> {
    const directory = mkdtempSync(join(tmpdir(), 'truc-agency-'));
    chmodSync(directory, 0o755);
    const server = await startPostgres({
      directory: join(directory, 'server'),
      programs: programs === 'the oldest' ? (await oldestPostgres()).directory : programs,
      durable: false,
    });
    const database = new AgencyDatabase(directory, server);
    const superuser = await database.connect(server.url);
    await superuser.query(`create role dba login createrole replication password 'dba'`);
    await superuser.query('create database agency owner dba');
    await (await database.connect(database.url('dba'))).query(ddl);
    return database;
  }

  /** @param role whose password is its name; the superuser's own otherwise */
  url(role: string): string {
    const url = new URL(this.#server.url);
    url.pathname = '/agency';
    if (role !== 'postgres') [url.username, url.password] = [role, role];
    return url.toString();
  }

  async as(role: string): Promise<pg.Client> {
    return this.connect(this.url(role));
  }

  async connect(url: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  file(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) await client.end().catch(() => undefined);
    await this.#server.stop();
    removeServerDirectory(join(this.directory, 'server'));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The statements of a script, in order. */
export function statementsOf(script: string): string[] {
  const text = script
    .split('\n')
    .filter((line) => !line.startsWith('--'))
    .join('\n');
  return text
    .split(/;\n/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** Everything that a script of ours could leave behind. Rights that are written out and rights by default are the same rights. */
export async function catalogue(client: pg.Client): Promise<unknown> {
  const acl = (list: string, kind: string, owner: string): string =>
    `(select array_agg(a::text order by a::text) from unnest(coalesce(${list}, acldefault('${kind}', ${owner}))) a)`;
  const { rows } = await client.query(`
    select 'role' as kind, rolname as name, to_jsonb(r) - 'oid' - 'rolpassword' as facts from pg_roles r
    union all select 'database', datname, to_jsonb(${acl('datacl', 'd', 'datdba')}) from pg_database
    union all select 'schema', nspname, to_jsonb(${acl('nspacl', 'n', 'nspowner')}) from pg_namespace
    union all select 'table', relname, jsonb_build_object('acl', ${acl('relacl', 'r', 'relowner')}, 'identity', relreplident, 'kind', relkind)
      from pg_class where relnamespace::regnamespace::text in ('public', 'dan_cu')
    union all select 'column', attrelid::regclass || '.' || attname, to_jsonb(attacl::text) from pg_attribute where attacl is not null
    union all select 'publication', pubname, to_jsonb(p) from pg_publication p
    union all select 'slot', slot_name, null from pg_replication_slots
    union all select 'setting', name, to_jsonb(setting) from pg_settings where name in ('wal_level', 'max_slot_wal_keep_size', 'max_replication_slots')
    order by 1, 2`);
  return rows;
}
