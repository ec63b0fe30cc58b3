import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegistryHttp } from './registry-http.js';

let directory: string;
let server: Server;
let told: (string | undefined)[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'truc-registry-tls-'));
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=registry'];
  const files = ['-keyout', join(directory, 'key.pem'), '-out', join(directory, 'ca.pem'), '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...options, ...files], { stdio: 'ignore' });
  server = createServer(
    { key: readFileSync(join(directory, 'key.pem')), cert: readFileSync(join(directory, 'ca.pem')) },
    (request, response) => {
      told.push(request.headers.authorization);
      response.writeHead(200).end('[]');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => (told = []));
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true, force: true });
});

const url = () => `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe('RegistryHttp over TLS', () => {
  it('takes the word of the CA that it is given, and tells its token there alone', async () => {
    const ca = readFileSync(join(directory, 'ca.pem'), 'utf8');
    const http = new RegistryHttp({ url: url(), ca, credentials: { bearer: 'a-token' } });
    expect(await http.ask('GET', '/subjects')).toEqual({ ok: true, body: [] });
    expect(told).toEqual(['Bearer a-token']);
  });

  it('says nothing to a registry that nobody vouches for', async () => {
    const http = new RegistryHttp({ url: url(), credentials: { bearer: 'a-token' }, attemptsMax: 1 });
    await expect(http.ask('GET', '/subjects')).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
    expect(told).toEqual([]);
  });
});
