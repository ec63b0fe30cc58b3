import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, systemClock } from '@truc/kernel';
import { startTlsPostgres, type TlsPostgres } from '@truc/local-stack';
import { eventually, testCa } from '@truc/testing';
import { PostgresTarget } from './postgres-target.js';

const ca = testCa();

describe('applying over TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-apply-tls-'));
  let postgres: TlsPostgres;
  let url: string;
  const target = (connectionString: Secret | string) => new PostgresTarget({ connectionString, consumer: 'test', clock: systemClock });
  const taking = async (connectionString: Secret | string): Promise<unknown> => {
    const one = target(connectionString);
    return one.take([{ topic: 'view.a', partition: 0 }]).finally(() => one.close());
  };

  beforeAll(async () => {
    writeFileSync(join(directory, 'ca.pem'), ca.certificate);
    writeFileSync(join(directory, 'other.pem'), testCa('another').certificate);
    postgres = await startTlsPostgres(ca.issue({ names: ['127.0.0.1'] }));
    url = `${postgres.server.url}?sslmode=verify-full&sslrootcert=${join(directory, 'ca.pem')}`;
  });
  afterAll(() => postgres.stop());

  it('takes partitions where it trusts the server, and says why where it does not', async () => {
    await expect(taking(url.replace('ca.pem', 'other.pem'))).rejects.toMatchObject({ code: 'APPLY_TLS_UNTRUSTED', retry: true });
    await expect(taking(url)).resolves.toBeDefined();
    expect(
      (await postgres.query("SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name LIKE 'truc apply%'")).rows,
    ).toEqual([{ n: 0 }]);
    await postgres.useCertificate(ca.issue({ names: ['elsewhere.agency'] }));
    await eventually(() => expect(taking(url)).rejects.toMatchObject({ code: 'APPLY_TLS_WRONG_NAME' }));
    await postgres.useCertificate(ca.issue({ names: ['127.0.0.1'], validFrom: new Date('2020-01-01'), validTo: new Date('2020-02-01') }));
    await eventually(() => expect(taking(url)).rejects.toMatchObject({ code: 'APPLY_TLS_EXPIRED' }));
    await postgres.useCertificate(ca.issue({ names: ['127.0.0.1'] }));
  });

  it('takes a new password at the next connection', async () => {
    await postgres.query("CREATE ROLE applier LOGIN SUPERUSER PASSWORD 'one'");
    let password = 'one';
    const secret = new Secret('x', () => {
      const made = new URL(url);
      [made.username, made.password] = ['applier', password];
      return made.href;
    });
    const one = target(secret);
    await eventually(() => expect(one.take([{ topic: 'view.a', partition: 0 }])).resolves.toBeDefined());
    await postgres.query("ALTER ROLE applier PASSWORD 'two'");
    await postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'applier'");
    await eventually(() => expect(one.take([{ topic: 'view.a', partition: 0 }])).rejects.toMatchObject({ code: 'APPLY_LOGIN_REFUSED' }));
    password = 'two';
    await expect(one.take([{ topic: 'view.a', partition: 0 }])).resolves.toBeDefined();
    await one.close();
  });
});
