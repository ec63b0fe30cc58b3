import { generateTokenKey } from '@truc/access';
import { RegistryStore } from '@truc/registry-store';
import { createLogger, Telemetry } from '@truc/telemetry';
import { eventually, testPostgres, type TestPostgres } from '@truc/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { dataset, GivenPolicy, topic, wholePolicy } from './given-policy.test-data.js';
import { createRegistryApp } from './registry-app.js';
import { RegistryPolicy } from './registry-policy.js';
import { simple, type Json } from './running-registry.test-data.js';

describe('three registries on one database', () => {
  const telemetry = new Telemetry({ service: 'schema-registry', otlpEndpoint: null });
  const log = createLogger('schema-registry', { level: 'silent' });
  let database: TestPostgres;
  const running: { app: NestExpressApplication; store: RegistryStore; url: string }[] = [];

  const call = async (at: number, method: string, path: string, body?: object): Promise<Json> => {
    const url = running[at % running.length]!.url;
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return response.json();
  };

  beforeAll(async () => {
    database = await testPostgres();
    const { publicJwk } = await generateTokenKey();
    // All of them find an empty database at the same moment.
    const stores = await Promise.all([1, 2, 3].map(() => RegistryStore.open({ url: database.url, connectionsMax: 4 })));
    for (const store of stores) {
      const source = new GivenPolicy();
      source.arrive(wholePolicy);
      const app = await createRegistryApp({ store, policy: new RegistryPolicy(source, [publicJwk], log), telemetry, log, isOpen: true });
      await app.listen(0, '127.0.0.1');
      running.push({ app, store, url: await app.getUrl() });
    }
  });
  afterAll(async () => {
    for (const { app, store } of running) {
      await app.close();
      await store.close();
    }
    await database.drop();
  });

  it('give one schema one id and others dense ones, and each sees at once what another wrote', async () => {
    const field = (index: number) => ({ name: `b${index}`, type: 'int', default: 0 });
    const made = await Promise.all(
      Array.from({ length: 30 }, (_, index) => call(index, 'POST', '/subjects/s/versions', { schema: simple('R', field(index % 10)) })),
    );
    expect(new Set(made.map(({ id, version }) => `${id} ${version}`)).size).toBe(10);
    expect(Math.max(...made.map(({ id }) => id))).toBe(10);
    for (const [index, { id, version, guid }] of made.entries()) {
      expect(await call(index + 1, 'GET', `/schemas/ids/${id}`)).toMatchObject({ guid });
      expect(await call(index + 2, 'GET', `/subjects/s/versions/${version}`)).toMatchObject({ id });
    }
  });

  it('hold to what another was told: modes, levels, deletions, and never an id twice', async () => {
    await call(0, 'PUT', '/mode/s', { mode: 'READONLY' });
    expect(await call(1, 'POST', '/subjects/s/versions', { schema: '"int"' })).toMatchObject({ error_code: 42205 });
    await call(2, 'DELETE', '/mode/s');
    await call(0, 'PUT', '/config/s', { compatibility: 'NONE' });
    const { id } = await call(1, 'POST', '/subjects/s/versions', { schema: '"int"' });
    for (const at of [0, 1, 2]) expect(await call(at, 'GET', `/schemas/ids/${id}`)).toMatchObject({ schema: '"int"' });
    await call(2, 'DELETE', '/subjects/s');
    expect(await call(0, 'GET', '/subjects/s/versions')).toMatchObject({ error_code: 40401 });
    await call(1, 'DELETE', '/subjects/s?permanent=true');
    // What an id means is known by heart, until the database has told of the change.
    await eventually(async () => expect(await call(2, 'GET', `/schemas/ids/${id}`)).toMatchObject({ error_code: 40403 }));
    expect(await call(1, 'GET', `/schemas/ids/${id}`)).toMatchObject({ error_code: 40403 });
    expect((await call(0, 'POST', '/subjects/t/versions', { schema: '"long"' })).id).toBe(id + 1);
    expect((await call(1, 'POST', '/subjects/t/versions', { schema: '"double"' })).id).toBe(id + 2);
    // What was gone for good has its id again, and no other schema ever gets it.
    expect((await call(2, 'POST', '/subjects/u/versions', { schema: '"int"' })).id).toBe(id);
  });

  it('judge by the dictionary, whichever is asked', async () => {
    for (const at of [0, 1, 2]) {
      expect(await call(at, 'POST', `/subjects/${topic}-value/versions`, { schema: simple('R') })).toMatchObject({ error_code: 42201 });
      expect(await call(at, 'POST', `/subjects/${topic}-value/versions`, { schema: dataset.valueSchema })).toMatchObject({ version: 1 });
    }
  });
});
