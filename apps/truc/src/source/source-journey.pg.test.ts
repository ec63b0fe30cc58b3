import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PostgresChangeSource } from '@truc/postgres-capture';
import { demoSource, testPostgres, type TestPostgres } from '@truc/testing';
import { parse } from 'yaml';
import { CommandLine } from '../commands/command-line.test-data.js';
import { statementsOf } from './agency-database.test-data.js';

interface Written {
  readonly tables: readonly { readonly table: string; readonly publish: boolean; readonly primaryKey: readonly string[] }[];
}

/** From the first look to rows that are read, with what the commands write and nothing else, and back. */
describe('a grown database', () => {
  let line: CommandLine;
  let database: TestPostgres;
  beforeEach(async () => {
    line = new CommandLine();
    database = await testPostgres();
  });
  afterEach(async () => {
    line.close();
    await database.drop();
  });

  it.each([
    ['population', 'G01'],
    ['land', 'G10'],
    ['business-registration', 'G12'],
  ] as const)('of %s becomes a source by its proposed mapping and the written script, and is left as it was', async (name, agency) => {
    const { schemaSql, sampleSql } = demoSource(name);
    await database.query(schemaSql);
    await database.query(sampleSql);
    const role = `truc_capture_${database.database}`;
    const about = ['--url', database.url, '--slot', `truc_${database.database}`, '--publication', `truc_${database.database}`];
    expect((await line.run('source', 'init', ...about, '--agency', agency, '--name', 'grown')).code).toBe(0);

    const check = (...more: string[]) =>
      line.run('source', 'check', ...about, '--role', role, '-f', '.', '--free-disk', '40GB', '-o', 'json', ...more);
    const missing = (out: string): string[] =>
      (JSON.parse(out) as { findings: { code: string; severity: string }[] }).findings
        .filter(({ severity }) => severity === 'missing')
        .map(({ code }) => code);
    expect((await check('--sql', 'setup.sql')).code).toBe(2);
    for (const statement of statementsOf(readFileSync(join(line.directory, 'setup.sql'), 'utf8'))) {
      // The server is everybody's here; that its settings take effect is tested where it is not.
      if (!/^ALTER SYSTEM|pg_reload_conf/.test(statement)) await database.query(statement);
    }
    expect(missing((await check()).out)).toEqual(['KEEP_UNLIMITED']);

    await database.query(`alter role ${role} password 'secret'`);
    const written = parse(readFileSync(join(line.directory, 'source-grown.yaml'), 'utf8')) as Written;
    expect(await readAs(role, written)).toEqual(written.tables.filter(({ publish }) => publish).map(({ table }) => table));

    const removed = await line.run('source', 'remove', ...about, '--role', role, '--yes');
    expect(removed.out).toMatch(/Nothing is left\.\n$/);
    expect(removed.code).toBe(0);
    expect((await database.query('select from pg_roles where rolname = $1', [role])).rowCount).toBe(0);
  });

  /** Opens the slot, streams and takes a snapshot of each published table. @returns the tables that were read to their end */
  async function readAs(role: string, { tables }: Written): Promise<string[]> {
    const url = new URL(database.url);
    [url.username, url.password] = [role, 'secret'];
    const published = tables.filter(({ publish }) => publish).map(({ table, primaryKey }) => ({ table, primaryKey }));
    const slot = `truc_${database.database}`;
    const source = new PostgresChangeSource({ connectionString: url.toString(), slot, publication: slot, tables: published });
    const snapshots = published.map(({ table }) => ({ table, lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false }));
    const stop = new AbortController();
    const done: string[] = [];
    for await (const message of source.stream({ after: 0n, snapshots }, stop.signal)) {
      if (message.kind === 'unreadable') throw message.error;
      if (message.kind === 'snapshot' && message.progress.done) done.push(message.progress.table);
      if (done.length === published.length) stop.abort();
    }
    return done;
  }
});
