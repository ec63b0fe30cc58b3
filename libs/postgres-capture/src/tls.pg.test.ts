import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@truc/kernel';
import { startTlsPostgres, type TlsPostgres } from '@truc/local-stack';
import { eventually, testCa, testPostgres } from '@truc/testing';
import { inspectSlot } from './replication-slot.js';
import { changesOf, CapturedStream, publish } from './test-support/captured-stream.js';

const ca = testCa();
const tables = [{ table: 'public.person', primaryKey: ['id'] }];

describe('capturing over TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-tls-test-'));
  const file = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  let postgres: TlsPostgres;
  /** @param more parameters over a URL that asks for the certificate's host and CA */
  const url = (more: Readonly<Record<string, string>> = {}): string => {
    const made = new URL(postgres.server.url);
    for (const [name, value] of Object.entries({ sslmode: 'verify-full', sslrootcert: join(directory, 'ca.pem'), ...more }))
      made.searchParams.set(name, value);
    return made.href;
  };
  const refused = (code: string, sentence: RegExp) =>
    expect.objectContaining({ code, retry: true, message: expect.stringMatching(sentence) });

  beforeAll(async () => {
    file('ca.pem', ca.certificate);
    postgres = await startTlsPostgres(ca.issue({ names: ['127.0.0.1'] }));
  });
  afterAll(() => postgres.stop());

  it('streams and snapshots, encrypted from end to end', async () => {
    await postgres.query('CREATE TABLE person (id int PRIMARY KEY, name text)');
    await postgres.query("INSERT INTO person VALUES (1, 'An')");
    await publish(postgres.server.url, 'truc_pub', tables);
    const stream = new CapturedStream({ connectionString: url(), slot: 'tls', publication: 'truc_pub', tables });
    let lines: unknown[] = [];
    const messages = await stream.read({
      start: { snapshots: [{ table: 'public.person', lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false }] },
      each: async ({ kind }) => {
        if (kind !== 'snapshot') return;
        const asked =
          "SELECT s.ssl, s.version FROM pg_stat_ssl s JOIN pg_stat_activity USING (pid) WHERE application_name = 'truc-capture'";
        lines = (await postgres.query(asked)).rows;
        await postgres.query("INSERT INTO person VALUES (2, 'Bình')");
      },
      until: ({ kind }) => kind === 'rows',
    });
    expect(messages.filter(({ kind }) => kind === 'snapshot')).toHaveLength(1);
    expect(changesOf(messages)).toHaveLength(1);
    expect(lines).toEqual([
      { ssl: true, version: 'TLSv1.3' },
      { ssl: true, version: 'TLSv1.3' },
    ]);
  });

  it('does not trust a certificate of another CA, of another host, or of another time, and says which it was', async () => {
    const other = file('other.pem', testCa('another').certificate);
    await expect(inspectSlot(url({ sslrootcert: other }), 'x')).rejects.toEqual(
      refused('CAPTURE_TLS_UNTRUSTED', /PostgreSQL at 127\.0\.0\.1:\d+ cannot be trusted[\s\S]*CA/),
    );
    await postgres.useCertificate(ca.issue({ names: ['db.agency'] }));
    await eventually(() =>
      expect(inspectSlot(url(), 'x')).rejects.toEqual(refused('CAPTURE_TLS_WRONG_NAME', /certificate is of another host/)),
    );
    await expect(inspectSlot(url({ sslmode: 'verify-ca' }), 'x')).resolves.toMatchObject({ exists: false });
    await postgres.useCertificate(ca.issue({ names: ['127.0.0.1'], validFrom: new Date('2020-01-01'), validTo: new Date('2020-02-01') }));
    await eventually(() => expect(inspectSlot(url(), 'x')).rejects.toEqual(refused('CAPTURE_TLS_EXPIRED', /has expired/)));
    await postgres.useCertificate(ca.issue({ names: ['127.0.0.1'], validFrom: new Date('2049-01-01'), validTo: new Date('2049-02-01') }));
    await eventually(() => expect(inspectSlot(url(), 'x')).rejects.toEqual(refused('CAPTURE_TLS_NOT_YET_VALID', /clock/)));
    await postgres.useCertificate(ca.issue({ names: ['127.0.0.1'] }));
    await eventually(() => expect(inspectSlot(url(), 'x')).resolves.toMatchObject({ exists: false }));
  });

  it('says so where the server offers no TLS, and where a file is missing', async () => {
    const plain = await testPostgres();
    try {
      await expect(inspectSlot(`${plain.url}?sslmode=verify-full`, 'x')).rejects.toEqual(
        refused('CAPTURE_TLS_NOT_OFFERED', /does not speak TLS/),
      );
    } finally {
      await plain.drop();
    }
    await expect(inspectSlot(url({ sslrootcert: join(directory, 'none.pem') }), 'x')).rejects.toEqual(
      refused('POSTGRES_TLS_FILE_UNREADABLE', /none\.pem/),
    );
  });

  it('shows a certificate of its own where one is asked for, and looks its password up at each connection', async () => {
    const client = ca.issue({ names: [], commonName: 'captor' });
    await postgres.query("CREATE ROLE captor LOGIN REPLICATION PASSWORD 'one'");
    await postgres.useCertificate(ca.issue({ names: ['127.0.0.1'] }), ca.certificate);
    await postgres.admitFirst('hostssl all captor 127.0.0.1/32 scram-sha-256 clientcert=verify-full');
    const own = { sslcert: file('client.crt', client.certificate), sslkey: file('client.key', client.key) };
    let password = 'one';
    const captor = (more: Readonly<Record<string, string>>): string => {
      const made = new URL(url(more));
      [made.username, made.password] = ['captor', password];
      return made.href;
    };
    await eventually(() => expect(inspectSlot(captor({}), 'x')).rejects.toMatchObject({ code: 'CAPTURE_ACCESS_REFUSED' }));
    const secret = new Secret('x', () => captor(own));
    await eventually(() => expect(inspectSlot(secret, 'x')).resolves.toMatchObject({ exists: false }));
    await postgres.query("ALTER ROLE captor PASSWORD 'two'");
    await expect(inspectSlot(secret, 'x')).rejects.toMatchObject({ code: 'CAPTURE_ACCESS_REFUSED' });
    password = 'two';
    await expect(inspectSlot(secret, 'x')).resolves.toMatchObject({ exists: false });
  });
});
