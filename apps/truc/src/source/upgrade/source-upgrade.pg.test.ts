import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedPostgres, oldestPostgres, removeServerDirectory, startPostgres, type PostgresServer } from '@truc/local-stack';
import { PostgresChangeSource, publicationSql } from '@truc/postgres-capture';
import { eventually } from '@truc/testing';
import pg from 'pg';
import { CommandLine } from '../../commands/command-line.test-data.js';

const table = 'dan_cu.cong_dan';
const ddl = `
  create schema dan_cu;
  create table dan_cu.cong_dan (so text primary key, ho_ten text not null, luong numeric(12, 2), sinh date, ghi_chu jsonb, luc timestamptz default now())`;

/** Reads the changes of a server, keeps their names, and confirms them, as an agent does whose address can be changed while it runs. */
class Reader {
  readonly seen: string[] = [];
  url = '';
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** State of its flow, as the platform tells it. */
  state: { readonly kind: string; readonly code?: string } = { kind: 'running' };

  async #run(): Promise<void> {
    const first = this.url;
    await this.#read().catch(() => undefined);
    // The connection to the old server ended; the address is looked up again.
    if (!this.#stop.signal.aborted && this.url !== first) this.state = { kind: 'stopped', code: 'CAPTURE_SOURCE_REPLACED' };
  }

  /** A new epoch: the slot is made at the server that the address now leads to. */
  resolve(): void {
    this.state = { kind: 'running' };
    this.#running = this.#read().catch(() => undefined);
  }

  async #read(): Promise<void> {
    const source = new PostgresChangeSource({
      connectionString: this.url,
      slot: 'truc_population',
      publication: 'truc_population',
      tables: [{ table, primaryKey: ['so'] }],
      limits: { idleIntervalMs: 100 },
    });
    for await (const message of source.stream({ after: 0n, snapshots: [] }, this.#stop.signal)) {
      if (message.kind === 'rows')
        for (const change of message.changes)
          if ('after' in change) this.seen.push(String(change.after[change.relation.columns.findIndex(({ name }) => name === 'ho_ten')]));
      if (message.kind === 'commit' || message.kind === 'idle') source.acknowledge(message.sequence);
    }
  }
}

describe('an upgrade of PostgreSQL by dump and restore', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-upgrade-'));
  const [installed] = installedPostgres();
  const clients: pg.Client[] = [];
  const reader = new Reader();
  const cli = new CommandLine();
  let old: PostgresServer;
  let fresh: PostgresServer;
  const urlOf = (server: PostgresServer): string => server.url.replace(/\/postgres$/, '/population');
  const connected = async (url: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  const upgrade = async (...more: string[]) => {
    const names = ['--agency', 'G01', '--source', 'population', '--from-url-file', 'old.txt', '--to-url-file', 'new.txt', '--wait', '20'];
    const { code, out, err } = await cli.run('source', 'upgrade', ...names, '-o', 'json', ...more);
    return {
      code,
      err,
      told: code === 1 ? null : (JSON.parse(out) as { standing: { next: string | null; held: string[] }; record: Record<string, unknown> }),
    };
  };

  beforeAll(async () => {
    const programs = installed?.directory ?? (await oldestPostgres()).directory;
    old = await startPostgres({ directory: join(directory, 'old'), programs, durable: false });
    fresh = await startPostgres({ directory: join(directory, 'new'), durable: false });
    for (const server of [old, fresh]) await (await connected(server.url)).query('create database population');
    const client = await connected(urlOf(old));
    await client.query(ddl);
    await client.query(
      `insert into ${table} select '0010990000' || i, 'Nguyễn ' || i, i * 1.1, date '1990-01-01' + i, jsonb_build_object('i', i) from generate_series(10, 60) i`,
    );
    await client.query(publicationSql({ name: 'truc_population', tables: [table] }, 150_000));
    await cli.open();
    writeFileSync(join(cli.directory, 'old.txt'), urlOf(old));
    writeFileSync(join(cli.directory, 'new.txt'), urlOf(fresh));
    Object.defineProperty(cli.answers, 'POST /v1/agents/G01/commands', {
      get: () => {
        const { command } = cli.asked.at(-1)?.body as { command: string };
        if (command === 'resolve') reader.resolve();
        return {
          body: { id: 'x', ok: true, message: command === 'resolve' ? 'epoch 2' : 'status', detail: { 'source/population': reader.state } },
        };
      },
    });
    reader.url = urlOf(old);
  }, 180_000);
  afterAll(async () => {
    await reader.stop();
    cli.close();
    for (const client of clients) await client.end().catch(() => undefined);
    for (const server of [old, fresh]) await server.stop();
    for (const name of ['old', 'new']) removeServerDirectory(join(directory, name));
  });

  async function dumpAndRestore(): Promise<void> {
    const target = await connected(urlOf(fresh));
    if (installed === undefined) {
      // No pg_dump is to be had here: the same rows by the same types.
      await target.query(ddl);
      const { rows } = await (await connected(urlOf(old))).query(`select coalesce(json_agg(t), '[]')::text as all from ${table} t`);
      await target.query(`insert into ${table} select * from json_populate_recordset(null::${table}, $1::json)`, [rows[0]?.all]);
      return;
    }
    const bin = (name: string): string => join(installed.directory, 'bin', name);
    const dump = execFileSync(bin('pg_dump'), ['--no-publications', '--no-subscriptions', `--dbname=${urlOf(old)}`]);
    execFileSync(bin('psql'), ['-v', 'ON_ERROR_STOP=1', '-q', '-d', urlOf(fresh)], { input: dump, stdio: ['pipe', 'ignore', 'inherit'] });
  }

  it('tells its steps before anything, and what is not as it has to be', async () => {
    const { code, out } = await cli.run('source', 'upgrade', '--plan');
    expect(code).toBe(0);
    expect(out.match(/^ +\d\. (truc|you): /gm)).toHaveLength(7);
    expect(await upgrade()).toMatchObject({ code: 1, err: expect.stringMatching(/no slot truc_population/) });
    expect((await cli.run('source', 'upgrade', '--agency', 'G01')).code).toBe(3);
  });

  it('goes through without a gap, and proves it', async () => {
    reader.start();
    const before = await connected(urlOf(old));
    await eventually(async () => expect((await before.query('select 1 from pg_replication_slots where active')).rowCount).toBe(1));
    expect((await upgrade()).told?.standing).toEqual({ next: 'stop', held: [] });
    await before.query(`insert into ${table} values ('001099000099', 'cuối cùng')`);

    expect((await upgrade('--writes-stopped')).told?.standing).toEqual({ next: 'restore', held: [] });
    expect(reader.seen).toContain('cuối cùng');

    // A dump that lacks a row is not passed over.
    await dumpAndRestore();
    const after = await connected(urlOf(fresh));
    await after.query(publicationSql({ name: 'truc_population', tables: [table] }, 180_000));
    await after.query(`delete from ${table} where so = '001099000060'`);
    const lacking = await upgrade('--restored');
    expect(lacking).toMatchObject({
      code: 2,
      told: { standing: { next: 'compare', held: [expect.stringMatching(/52 rows on the old server and 51/)] } },
    });
    await after.query(`drop schema dan_cu cascade`);
    await dumpAndRestore();
    await after.query(`alter publication truc_population add table ${table}`);

    const proven = await upgrade('--restored');
    expect(proven.told?.standing).toEqual({ next: 'switch', held: [] });
    expect(proven.told?.record.verdict).toMatchObject({ kind: 'no gap' });
    expect((await after.query('select 1 from pg_replication_slots')).rowCount).toBe(0);

    reader.url = urlOf(fresh);
    const done = await upgrade('--switched');
    expect(done).toMatchObject({ code: 0, told: { standing: { next: null }, record: { resolved: 'epoch 2' } } });
    const asked = cli.asked.findLast(({ body }) => body?.command === 'resolve')?.body;
    expect(asked.resolution).toMatchObject({
      gap: 'CAPTURE_SOURCE_REPLACED',
      reason: expect.stringMatching(/to 18[\s\S]*no gap: confirmed/),
    });
    // The slot was there ahead of the first write.
    await after.query(`insert into ${table} values ('001099000100', 'trên máy mới')`);
    await eventually(() => expect(reader.seen).toContain('trên máy mới'));
    expect((await upgrade()).code).toBe(0);
  });

  it('names the gap where the old server was written to, and goes on only with a reason', async () => {
    const record = ['--record', 'second.json'];
    const drop = await connected(urlOf(fresh));
    await reader.stop();
    await eventually(() => drop.query("select pg_drop_replication_slot('truc_population')"));
    const again = new Reader();
    again.url = urlOf(old);
    again.start();
    const before = await connected(urlOf(old));
    await eventually(async () => expect((await before.query('select 1 from pg_replication_slots where active')).rowCount).toBe(1));
    expect((await upgrade(...record, '--writes-stopped')).told?.standing).toEqual({ next: 'restore', held: [] });
    await before.query(`insert into ${table} values ('001099000101', 'quá muộn')`);
    await eventually(async () => {
      const held = (await upgrade(...record, '--restored')).told?.standing.held.join('\n');
      expect(held).toMatch(/was written to after [\s\S]*dan_cu\.cong_dan/);
    });
    const accepted = await upgrade(...record, '--restored', '--accept-gap', 'test writes, ticket 9');
    expect(accepted.told).toMatchObject({
      standing: { next: 'switch' },
      record: { verdict: { kind: 'gap', accepted: 'test writes, ticket 9' } },
    });
    await again.stop();
  });
});
