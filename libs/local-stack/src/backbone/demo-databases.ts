import pg from 'pg';
import type { SecretsDirectory } from './secrets-directory.js';

/** Every database of the demo by the name that documents and configurations use. */
export const demoDatabases = {
  platform: { database: 'truc_platform', owner: 'truc_platform' },
  registry: { database: 'truc_registry', owner: 'truc_registry' },
  /** Sources belong to their agency's administrator; an agent comes in by a role of its own that may do much less. */
  population: { database: 'population', owner: null },
  administrative: { database: 'administrative', owner: null },
  socialInsurance: { database: 'social_insurance', owner: 'truc_agent_g12_34' },
  generalDatabase: { database: 'national_general_database', owner: 'truc_general_database' },
} as const satisfies Record<string, { readonly database: string; readonly owner: string | null }>;
export type DemoDatabase = keyof typeof demoDatabases;

/** Address of a database for its owner, or for the server's administrator where it has no owner of its own. */
export type DemoDatabaseUrls = Readonly<Record<DemoDatabase, string>>;

/** Addresses of the superuser, into any database of the servers; one server may be both. */
export interface DemoServers {
  readonly postgresUrl: string;
  /** Where the agencies' own databases are. */
  readonly sourcesUrl: string;
}

export function demoDatabaseUrls({ postgresUrl, sourcesUrl }: DemoServers, secrets: SecretsDirectory): DemoDatabaseUrls {
  const urls = Object.entries(demoDatabases).map(([name, { database, owner }]) => [
    name,
    urlOf(owner === null ? sourcesUrl : postgresUrl, database, owner, secrets),
  ]);
  return Object.fromEntries(urls) as DemoDatabaseUrls;
}

/** The same server, another database, and another role with the password that we keep for it. */
export function urlOf(serverUrl: string, database: string, role: string | null, secrets: SecretsDirectory): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  if (role !== null) {
    url.username = role;
    url.password = secrets.password(passwordFile(role));
  }
  return url.href;
}

export function passwordFile(role: string): string {
  return `postgres.${role}.password`;
}

/** Makes databases and owners that are not there yet. Nobody but the owner and those who are granted it may connect. */
export async function createDemoDatabases({ postgresUrl, sourcesUrl }: DemoServers, secrets: SecretsDirectory): Promise<void> {
  for (const { database, owner } of Object.values(demoDatabases)) {
    await asAdministrator(owner === null ? sourcesUrl : postgresUrl, async (client) => {
      if (owner !== null) await ensureRole(client, owner, secrets.password(passwordFile(owner)));
      await ensureDatabase(client, database, owner);
    });
  }
}

/** Empties both source databases: a load that was cut short begins anew. */
export async function recreateSources({ sourcesUrl }: DemoServers): Promise<void> {
  await asAdministrator(sourcesUrl, async (client) => {
    for (const { database, owner } of [demoDatabases.population, demoDatabases.administrative]) {
      await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(database)} WITH (FORCE)`);
      await ensureDatabase(client, database, owner);
    }
  });
}

async function ensureRole(client: pg.Client, role: string, password: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${pg.escapeIdentifier(role)} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
}

async function ensureDatabase(client: pg.Client, database: string, owner: string | null): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  const name = pg.escapeIdentifier(database);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${name}${owner === null ? '' : ` OWNER ${pg.escapeIdentifier(owner)}`}`);
  await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
}

async function asAdministrator(serverUrl: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl, application_name: 'truc-up' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
