import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { signToken, type Principal } from '@truc/access';
import type { PolicyEntry } from '@truc/coordination';
import { Secret } from '@truc/kernel';
import { testCa, testPostgres } from '@truc/testing';
import { dataset, topic, wholePolicy } from './given-policy.test-data.js';
import type { ListenerTls } from './listener-tls.js';
import { RunningRegistry, simple, type Json } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);
const lan: Principal = { name: 'lan.tran', agency: 'G01', role: 'integrator' };
const known = (sinceSeconds = 0): PolicyEntry => ({ kind: 'principal', ...lan, sinceSeconds });

describe('the registry over TLS', () => {
  const servers = testCa('of the registry');
  const clients = testCa('of its clients');
  const directory = mkdtempSync(join(tmpdir(), 'truc-listener-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const inFile = (name: string, text: string): Secret => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return new Secret(text, () => readFileSync(path, 'utf8'));
  };
  const tls = (clientCertificate: ListenerTls['clientCertificate'] = 'asked'): ListenerTls => {
    const { certificate, key } = servers.issue({ names: ['127.0.0.1'] });
    return {
      certificate: inFile('own.pem', certificate),
      key: inFile('key.pem', key),
      clientCa: inFile('ca.pem', clients.certificate),
      clientCertificate,
    };
  };
  const start = (how: ListenerTls = tls(), entries: readonly PolicyEntry[] = [known()]) =>
    registry.start(false, [...wholePolicy, ...entries], how);
  interface Asked {
    readonly headers?: Record<string, string>;
    readonly body?: unknown;
    readonly agent?: Agent;
    readonly shown?: { readonly certificate: string; readonly key: string };
  }
  const ask = (
    method: string,
    path: string,
    { headers = {}, body, shown, agent }: Asked = {},
  ): Promise<{ status: number; body: Json; from: string }> =>
    new Promise((resolve, reject) => {
      const own = shown === undefined ? {} : { cert: shown.certificate, key: shown.key };
      const options = { method, headers, ca: servers.certificate, agent: agent ?? new Agent({ maxCachedSessions: 0 }), ...own };
      const asked = request(`${registry.url}${path}`, options, (response) => {
        const from = (response.socket as TLSSocket).getPeerCertificate().serialNumber;
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text), from }));
      });
      asked.once('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const of = (commonName: string, more: object = {}) => clients.issue({ names: [], commonName, ...more });
  const unknown = (message: RegExp) => ({ status: 401, body: { error_code: 40101, message: expect.stringMatching(message) } });

  it('takes a certificate for the principal of its name, with its agency and role', async () => {
    await start();
    const shown = of(lan.name);
    const own = await ask('POST', `/subjects/${topic}-value/versions`, { shown, body: { schema: dataset.valueSchema } });
    expect(own).toMatchObject({ status: 200, body: { id: 1 } });
    // By heart from the second time on, by the same evidence.
    for (let round = 0; round < 3; round++) expect((await ask('GET', '/schemas/ids/1', { shown })).status).toBe(200);
    const strange = await ask('POST', '/subjects/receipts-value/versions', { shown, body: { schema: simple('R') } });
    expect(strange).toMatchObject({ status: 422, body: { error_code: 42201 } });
    expect((await ask('PUT', '/config', { shown, body: { compatibility: 'NONE' } })).status).toBe(403);
  });

  it.each([
    ['of another authority', () => testCa('of its clients').issue({ names: [], commonName: lan.name }), /not of an authority/],
    [
      'that has expired',
      () => of(lan.name, { validFrom: new Date(1_700_000_000_000), validTo: new Date(1_700_000_100_000) }),
      /not good at this time/,
    ],
    ['of a name that nobody has', () => of('thu.le'), /not the name of a principal/],
    ['of the administrator, who is never made', () => of('administrator'), /not the name of a principal/],
    ['of the platform itself', () => of('platform'), /not the name of a principal/],
  ])('knows nobody by a certificate %s, and says why', async (_, shown, told) => {
    await start();
    expect(await ask('GET', '/subjects', { shown: shown() })).toMatchObject(unknown(told));
  });

  it('needs credentials of who shows none, and takes a token in place of a certificate', async () => {
    await start();
    expect(await ask('GET', '/subjects')).toMatchObject(unknown(/credentials are needed/));
    const token = await signToken(registry.key.privateJwk, lan, { expiresInSeconds: 60 });
    expect((await ask('GET', '/subjects', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    expect((await ask('GET', '/health/live')).status).toBe(200);
  });

  it('goes by the header where both say something, and does not fall back on the certificate', async () => {
    await start();
    const answer = await ask('GET', '/subjects', { shown: of(lan.name), headers: { authorization: 'Bearer guessed' } });
    expect(answer).toMatchObject({ status: 401 });
  });

  it('knows nobody any more whose principal is removed, on a connection that is open too, nor by a certificate from before a new one', async () => {
    await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const shown = of(lan.name);
    expect((await ask('GET', '/subjects', { shown, agent })).status).toBe(200);
    registry.source.withdraw((entry) => entry.kind === 'principal');
    expect((await ask('GET', '/subjects', { shown, agent })).status).toBe(401);
    registry.source.arrive([known(Math.floor(Date.now() / 1_000) + 3_600)]);
    expect(await ask('GET', '/subjects', { shown, agent })).toMatchObject(unknown(/older than the principal/));
    agent.destroy();
  });

  it('looks for a principal who was made a moment ago in the log', async () => {
    await start(tls(), []);
    registry.source.coming = [known()];
    expect((await ask('GET', '/subjects', { shown: of(lan.name) })).status).toBe(200);
  });

  it('does not take a resumed session without a certificate for one with', async () => {
    await start();
    const agent = new Agent({ maxCachedSessions: 10 });
    for (let round = 0; round < 3; round++) expect((await ask('GET', '/subjects', { agent })).status).toBe(401);
    agent.destroy();
  });

  it('hears only who shows a certificate where one is required', async () => {
    await start(tls('required'));
    await expect(ask('GET', '/health/live')).rejects.toMatchObject({ code: expect.stringMatching(/ERR_SSL|ECONNRESET/) });
    expect((await ask('GET', '/subjects', { shown: of(lan.name) })).status).toBe(200);
  });

  it('takes a new certificate and key at the next connection, and keeps the old one while they do not fit', async () => {
    const how = tls();
    await start(how);
    const before = (await ask('GET', '/health/live')).from;
    const next = servers.issue({ names: ['127.0.0.1'] });
    writeFileSync(join(directory, 'own.pem'), next.certificate);
    expect((await ask('GET', '/health/live')).from).toBe(before);
    expect(registry.logged()).toContain('the changed certificate is not used');
    writeFileSync(join(directory, 'key.pem'), next.key);
    expect((await ask('GET', '/health/live')).from).not.toBe(before);
  });

  it('does not start with a key of another certificate', async () => {
    const strange = servers.issue({ names: ['127.0.0.1'] });
    const how = { ...tls(), key: inFile('strange.pem', strange.key) };
    await expect(start(how)).rejects.toMatchObject({ code: 'REGISTRY_TLS_UNUSABLE' });
    await start();
  });
});
