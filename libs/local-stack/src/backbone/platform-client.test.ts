import { createServer, type Server } from 'node:https';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testCa, type TestLeaf } from '@truc/testing';
import { PlatformClient } from './platform-client.js';

const ca = testCa();

describe('the way to the platform over TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-platform-tls-'));
  const caFile = join(directory, 'ca.pem');
  writeFileSync(caFile, ca.certificate);
  const open: Server[] = [];
  const serving = async (leaf: TestLeaf): Promise<string> => {
    const { certificate, key } = ca.issue(leaf);
    const server = createServer({ cert: certificate, key }, (request, response) => {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ asked: request.url, as: request.headers.authorization }));
    });
    open.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterAll(() => open.forEach((server) => server.close()));

  it('brings the token to whom the CA vouches for', async () => {
    const url = await serving({ names: ['127.0.0.1'] });
    expect(await new PlatformClient(url, 'token', { caFile }).status()).toEqual({ asked: '/v1/status', as: 'Bearer token' });
    await expect(new PlatformClient(url, 'token').status()).rejects.toMatchObject({ code: 'PLATFORM_TLS_UNTRUSTED', retry: true });
    await expect(new PlatformClient(url, 'token', { caFile: join(directory, 'none.pem') }).status()).rejects.toThrow(/none\.pem/);
  });

  it('and to nobody else, nor in plain text to another machine', async () => {
    const elsewhere = new PlatformClient(await serving({ names: ['platform.example'] }), 'token', { caFile });
    await expect(elsewhere.status()).rejects.toMatchObject({ code: 'PLATFORM_TLS_WRONG_NAME' });
    const expired = await serving({ names: ['127.0.0.1'], validFrom: new Date('2020-01-01'), validTo: new Date('2020-02-01') });
    await expect(new PlatformClient(expired, 'token', { caFile }).status()).rejects.toMatchObject({ code: 'PLATFORM_TLS_EXPIRED' });
    await expect(new PlatformClient('http://platform.example', 'token').status()).rejects.toMatchObject({
      code: 'PLATFORM_PLAIN_TEXT',
      message: expect.stringContaining('platform.example'),
    });
  });
});
