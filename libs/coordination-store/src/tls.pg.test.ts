import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@truc/kernel';
import { startTlsPostgres, type TlsPostgres } from '@truc/local-stack';
import { eventually, testCa } from '@truc/testing';
import { CoordinationStore } from './coordination-store.js';

const ca = testCa();

describe('a store over TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-store-tls-'));
  const place = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  let postgres: TlsPostgres;
  const url = (caFile: string, password = 'one'): string => {
    const made = new URL(postgres.server.url);
    [made.username, made.password] = ['platform', password];
    made.searchParams.set('sslmode', 'verify-full');
    made.searchParams.set('sslrootcert', caFile);
    return made.href;
  };

  beforeAll(async () => {
    postgres = await startTlsPostgres(ca.issue({ names: ['127.0.0.1'] }));
    await postgres.query("CREATE ROLE platform LOGIN SUPERUSER PASSWORD 'one'");
  });
  afterAll(() => postgres.stop());

  it('is opened where the server is trusted, and goes on with a new password', async () => {
    const caFile = place('ca.pem', ca.certificate);
    const other = place('other.pem', testCa('another').certificate);
    await expect(CoordinationStore.open({ url: url(other) })).rejects.toMatchObject({ retry: true });
    let password = 'one';
    const store = await CoordinationStore.open({ url: new Secret('x', () => url(caFile, password)) });
    await store.ping();
    const lines = "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'truc-platform'";
    expect((await postgres.query(lines)).rows).toEqual([{ ssl: true }]);
    await postgres.query("ALTER ROLE platform PASSWORD 'two'");
    await postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'platform'");
    await eventually(() => expect(store.ping()).rejects.toBeDefined());
    password = 'two';
    await eventually(() => store.ping());
    await store.close();
  });
});
