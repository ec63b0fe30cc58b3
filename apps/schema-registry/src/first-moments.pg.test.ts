import { generateTokenKey, signToken, type Principal } from '@truc/access';
import { RegistryStore } from '@truc/registry-store';
import { createLogger, Telemetry } from '@truc/telemetry';
import { testPostgres, type TestPostgres } from '@truc/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { JWK } from 'jose';
import { createRegistryApp } from './registry-app.js';
import { RegistryPolicy } from './registry-policy.js';

describe('the registry in its first moments', () => {
  const telemetry = new Telemetry({ service: 'schema-registry', otlpEndpoint: null });
  const log = createLogger('schema-registry', { level: 'silent' });
  const reader: Principal = { name: 'an', agency: null, role: 'reader' };
  let database: TestPostgres;
  let store: RegistryStore;
  let app: NestExpressApplication;
  beforeAll(async () => {
    database = await testPostgres();
    store = await RegistryStore.open({ url: database.url });
  });
  afterEach(() => app.close());
  afterAll(async () => {
    await store.close();
    await database.drop();
    await telemetry.shutdown();
  });

  /** @param keys that it knows by now */
  async function start(keys: readonly JWK[]): Promise<string> {
    app = await createRegistryApp({ store, policy: new RegistryPolicy(null, keys, log), telemetry, log, isOpen: false });
    await app.listen(0, '127.0.0.1');
    return app.getUrl();
  }

  it('asks every caller to come again while it does not know whose tokens are good, and turns none away', async () => {
    const { privateJwk } = await generateTokenKey();
    const token = await signToken(privateJwk, reader, { expiresInSeconds: 60 });
    const url = await start([]);
    for (const headers of [{ authorization: `Bearer ${token}` }, { authorization: 'Bearer guessed' }, {}] as Record<string, string>[]) {
      const answer = await fetch(`${url}/subjects`, { headers });
      expect({ status: answer.status, again: answer.headers.get('retry-after') }).toEqual({ status: 503, again: '5' });
      expect(answer.headers.get('www-authenticate')).toBeNull();
      expect(await answer.json()).toMatchObject({ message: expect.stringContaining('try again in a moment') as string });
    }
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it('tells good tokens from bad ones once it knows', async () => {
    const { privateJwk, publicJwk } = await generateTokenKey();
    const token = await signToken(privateJwk, reader, { expiresInSeconds: 60 });
    const url = await start([publicJwk]);
    expect((await fetch(`${url}/subjects`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    expect((await fetch(`${url}/subjects`, { headers: { authorization: 'Bearer guessed' } })).status).toBe(401);
    expect((await fetch(`${url}/subjects`)).status).toBe(401);
  });
});
