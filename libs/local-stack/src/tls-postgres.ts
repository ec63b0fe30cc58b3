import { chownSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres, type PostgresServer } from './postgres-server.js';
import { removeServerDirectory } from './server-directory.js';

/** A key and what vouches for it, as PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  /** PKCS #8. */
  readonly key: string;
}

/** A PostgreSQL of its own that speaks TLS, and whose certificate can be changed while it runs. */
export interface TlsPostgres {
  readonly server: PostgresServer;
  /** Answers new connections with this certificate; `clientCa` is what it holds clients' certificates against. */
  useCertificate(certificate: ServerCertificate, clientCa?: string): Promise<void>;
  /** Puts a line ahead of all others in pg_hba.conf. */
  admitFirst(line: string): Promise<void>;
  query(sql: string): Promise<pg.QueryResult>;
  stop(): Promise<void>;
}

export async function startTlsPostgres(certificate: ServerCertificate): Promise<TlsPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'truc-tls-'));
  const server = await startPostgres({ directory, durable: false });
  const { uid, gid } = statSync(server.dataDirectory);
  const put = (name: string, text: string): void => {
    const path = join(server.dataDirectory, name);
    writeFileSync(path, text, { mode: 0o600 });
    chownSync(path, uid, gid);
  };
  const query = async (sql: string): Promise<pg.QueryResult> => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    return client.query(sql).finally(() => client.end());
  };
  const useCertificate = async ({ certificate, key }: ServerCertificate, clientCa?: string): Promise<void> => {
    put('server.crt', certificate);
    put('server.key', key);
    if (clientCa !== undefined) {
      put('root.crt', clientCa);
      await query("ALTER SYSTEM SET ssl_ca_file = 'root.crt'");
    }
    await query('ALTER SYSTEM SET ssl = on');
    await query('SELECT pg_reload_conf()');
    // The postmaster takes it up a moment after the answer, and what it holds is seen by connections that it makes then.
    const until = Date.now() + 10_000;
    while ((await query('SHOW ssl')).rows[0].ssl !== 'on' && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await useCertificate(certificate);
  return {
    server,
    useCertificate,
    admitFirst: async (line) => {
      put('pg_hba.conf', `${line}\n${readFileSync(join(server.dataDirectory, 'pg_hba.conf'), 'utf8')}`);
      await query('SELECT pg_reload_conf()');
    },
    query,
    stop: async () => {
      await server.stop();
      removeServerDirectory(directory);
    },
  };
}
