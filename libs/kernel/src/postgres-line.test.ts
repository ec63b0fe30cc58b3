import { jest } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresLine, postgresPoolLogin, postgresUrl } from './postgres-line.js';
import { Secret } from './secret.js';

const refusal = (url: string): unknown => {
  try {
    postgresLine(url);
  } catch (error) {
    return error;
  }
  return null;
};

describe('the line to a PostgreSQL', () => {
  it('is encrypted and held against host and CA wherever it leaves this machine, unless the URL asks for more', () => {
    for (const url of [
      'postgres://a:b@db.agency/x',
      'postgresql://a:b@10.0.0.7/x',
      'postgres://a@db/x?sslmode=require',
      'postgres://a@db/x?ssl=true',
    ])
      expect(postgresLine(url).ssl).toMatchObject({ minVersion: 'TLSv1.2' });
    expect(postgresLine('postgres://a:b@db.agency/x').ssl).toEqual({ host: 'db.agency', minVersion: 'TLSv1.2' });
    expect(postgresLine('postgres://a:b@db.agency/x?sslmode=verify-ca').ssl).toHaveProperty('checkServerIdentity');
    for (const host of ['127.0.0.1', '127.8.8.8', 'localhost', '[::1]', ''])
      expect(postgresLine(`postgres://a:b@${host}/x`).ssl).toBe(false);
    expect(postgresLine('postgres://a:b@127.0.0.1/x?sslmode=verify-full').ssl).toMatchObject({ host: '127.0.0.1' });
  });

  it('goes where the driver goes, whatever stands ahead of it in the URL', () => {
    expect(postgresLine('postgres://localhost/x?host=db.agency').ssl).toMatchObject({ host: 'db.agency' });
    expect(postgresLine('postgres:///x?host=/var/run/postgresql').ssl).toBe(false);
    expect(postgresLine('postgres://127.0.0.1.evil.example/x').ssl).not.toBe(false);
  });

  it('is refused in plain text by name, and without the password', () => {
    for (const asked of ['sslmode=disable', 'sslmode=prefer', 'sslmode=allow', 'sslmode=no-verify', 'ssl=false', 'ssl=0']) {
      const error = refusal(`postgres://a:hunter2@db.agency/x?${asked}`);
      expect(error).toMatchObject({ code: 'POSTGRES_PLAIN_TEXT', message: expect.stringMatching(/db\.agency[\s\S]*sslrootcert/) });
      expect(String(error)).not.toContain('hunter2');
    }
    expect(postgresLine('postgres://a@127.0.0.1/x?sslmode=disable').ssl).toBe(false);
    expect(refusal('postgres://a@db.agency/x?sslmode=verify-fully')).toMatchObject({ code: 'POSTGRES_URL_INVALID' });
    for (const text of ['hunter2', 'http://a:hunter2@db/x', '']) {
      const error = refusal(text);
      expect(error).toMatchObject({ code: 'POSTGRES_URL_INVALID' });
      expect(String(error)).not.toContain('hunter2');
    }
  });

  it('is plain inside of one machine where somebody says so, and warns once', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
    for (let i = 0; i < 2; i++) expect(postgresLine('postgres://a@postgres/x?sslmode=disable&onOneMachine=true').ssl).toBe(false);
    expect(warn.mock.calls).toEqual([[expect.stringContaining('PostgreSQL at postgres'), { code: 'TRUC_PLAIN_TEXT' }]]);
    warn.mockRestore();
    expect(postgresLine('postgres://a@postgres/x?onOneMachine=true').ssl).not.toBe(false);
  });

  it('reads its files at each call, and leaves the driver a URL that says nothing of TLS', () => {
    const directory = mkdtempSync(join(tmpdir(), 'truc-line-'));
    const ca = join(directory, 'ca.pem');
    const url = `postgres://a:b@db.agency:5433/x?sslmode=verify-full&sslrootcert=${ca}&application_name=y`;
    expect(refusal(url)).toMatchObject({ code: 'POSTGRES_TLS_FILE_UNREADABLE', retry: true, message: expect.stringContaining(ca) });
    writeFileSync(ca, 'one');
    expect(postgresLine(url)).toMatchObject({
      ssl: { ca: Buffer.from('one') },
      connectionString: 'postgres://a:b@db.agency:5433/x?application_name=y',
    });
    writeFileSync(ca, 'two');
    expect(postgresLine(url)).toMatchObject({ ssl: { ca: Buffer.from('two') } });
  });

  it('gives a pool the parts, and the password of the moment', () => {
    let url = 'postgres://me:one%40@db.agency/x%20y?sslmode=verify-full';
    const login = postgresPoolLogin(new Secret(url, () => url));
    expect(login).toMatchObject({ host: 'db.agency', port: 5432, user: 'me', database: 'x y', ssl: { host: 'db.agency' } });
    expect(login.password?.()).toBe('one@');
    url = 'postgres://me:two@db.agency/x%20y';
    expect(login.password?.()).toBe('two');
    expect(postgresPoolLogin('postgres://me@127.0.0.1/x')).not.toHaveProperty('password');
  });

  it('is judged as a setting at the start', () => {
    expect(postgresUrl.safeParse('postgres://a:b@db.agency/x').success).toBe(true);
    const told = postgresUrl.safeParse(new Secret('postgres://a:hunter2@db.agency/x?sslmode=disable')).error?.issues[0]?.message;
    expect(told).toMatch(/plain text to PostgreSQL at db\.agency is refused/);
    expect(told).not.toContain('hunter2');
  });
});
