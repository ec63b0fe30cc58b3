import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './port.js';
import { startPostgres } from './postgres-server.js';
import { removeServerDirectory } from './server-directory.js';

const isRoot = process.getuid?.() === 0;
/** The user is changed by root alone. */
const asRoot = isRoot ? it : it.skip;

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a local PostgreSQL', () => {
  let root: string;
  let directory: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'truc-postgres-'));
    chmodSync(root, 0o755);
    directory = join(root, 'server');
  });
  afterEach(() => {
    removeServerDirectory(directory);
    rmSync(root, { recursive: true });
  });

  it('is ready for logical replication, closed without its password, and keeps data and password between starts', async () => {
    const first = await startPostgres({ directory });
    try {
      expect(
        await query(first.url, `select current_setting('wal_level') as level, current_setting('max_replication_slots')::int as slots`),
      ).toEqual([{ level: 'logical', slots: 60 }]);
      await expect(query(first.url.replace(first.password, 'wrong'), 'select 1')).rejects.toMatchObject({ code: '28P01' });
      expect(statSync(join(directory, 'superuser.password')).mode & 0o777).toBe(0o600);
      await query(first.url, `create table kept as select 'thôn Đông' as place`);
      // Text is ordered and folded alike on every machine.
      expect(await query(first.url, `select upper('đông') as folded, 'Z' < 'a' as by_code_point`)).toEqual([
        { folded: 'ĐÔNG', by_code_point: true },
      ]);
    } finally {
      await first.stop();
    }
    const second = await startPostgres({ directory });
    try {
      expect(second.password).toBe(first.password);
      expect(await query(second.url, 'select place from kept')).toEqual([{ place: 'thôn Đông' }]);
    } finally {
      await second.stop();
    }
  });

  it('is not started twice on one directory', async () => {
    const first = await startPostgres({ directory, durable: false });
    try {
      await expect(startPostgres({ directory })).rejects.toMatchObject({ code: 'STACK_DIRECTORY_IN_USE' });
      expect(() => removeServerDirectory(directory)).toThrow(expect.objectContaining({ code: 'STACK_DIRECTORY_IN_USE' }));
      expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    } finally {
      await first.stop();
    }
  });

  it('says that its port is taken, and lets go of the directory', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    const refused = startPostgres({ directory, port, portSetting: '--postgres-port', durable: false });
    await expect(refused).rejects.toMatchObject({ code: 'STACK_PORT_BUSY', message: expect.stringContaining('--postgres-port') });
    await new Promise((resolve) => other.close(resolve));
    await (await startPostgres({ directory, port, durable: false })).stop();
  });

  it('survives being killed: the end is told, and the next start recovers', async () => {
    const first = await startPostgres({ directory });
    await query(first.url, 'create table kept as select 1 as n');
    const ended = new Promise((resolve) => first.process.once('exit', resolve));
    process.kill(first.pid, 'SIGKILL');
    expect(await ended).toEqual({ name: 'PostgreSQL', code: null, signal: 'SIGKILL', wanted: false });
    const second = await startPostgres({ directory });
    try {
      expect(await query(second.url, 'select n from kept')).toEqual([{ n: 1 }]);
    } finally {
      await second.stop();
    }
  });

  it('refuses data of another release, and data whose password is gone, by name', async () => {
    const { dataDirectory, stop } = await startPostgres({ directory, durable: false });
    await stop();
    const password = readFileSync(join(directory, 'superuser.password'));
    rmSync(join(directory, 'superuser.password'));
    await expect(startPostgres({ directory })).rejects.toMatchObject({ code: 'STACK_PASSWORD_MISSING' });
    writeFileSync(join(directory, 'superuser.password'), password, { mode: 0o600 });
    const version = join(dataDirectory, 'PG_VERSION');
    writeFileSync(version, '12\n');
    await expect(startPostgres({ directory })).rejects.toMatchObject({
      code: 'STACK_POSTGRES_VERSION',
      message: expect.stringContaining('PostgreSQL 12'),
    });
  });

  asRoot('runs as an unprivileged user when we are root', async () => {
    const server = await startPostgres({ directory, durable: false });
    try {
      const uid = Number(execFileSync('stat', ['-c', '%u', `/proc/${server.pid}`], { encoding: 'utf8' }));
      expect(uid).toBeGreaterThan(0);
      expect(statSync(server.dataDirectory).uid).toBe(uid);
    } finally {
      await server.stop();
    }
  });

  asRoot('moves programs and data to where that user can enter, when it cannot enter ours', async () => {
    chmodSync(root, 0o700);
    mkdirSync(directory);
    const said: string[] = [];
    const start = () => startPostgres({ directory, durable: false, progress: (sentence) => said.push(sentence) });
    const first = await start();
    try {
      expect(first.dataDirectory).toMatch(/^\/var\/tmp\/truc-/);
      expect(said.join()).toContain(first.dataDirectory);
      await query(first.url, 'create table kept as select 1 as n');
    } finally {
      await first.stop();
    }
    const second = await start();
    try {
      expect(second.dataDirectory).toBe(first.dataDirectory);
      expect(await query(second.url, 'select n from kept')).toEqual([{ n: 1 }]);
    } finally {
      await second.stop();
    }
    removeServerDirectory(directory);
    expect(existsSync(first.dataDirectory)).toBe(false);
  });
});
