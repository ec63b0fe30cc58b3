import { createServer, connect, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { generateTokenKey } from '@truc/access';
import { RegistryStore, wholePage } from '@truc/registry-store';
import { createLogger, Telemetry } from '@truc/telemetry';
import { eventually, testPostgres, type TestPostgres } from '@truc/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { GivenPolicy, wholePolicy } from './given-policy.test-data.js';
import { createRegistryApp } from './registry-app.js';
import { RegistryPolicy } from './registry-policy.js';
import { simple, type Json } from './running-registry.test-data.js';

/** A way to the database that can be cut, and frozen so that nothing comes back. */
class Wire {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;
  isFrozen = false;

  constructor(url: string) {
    this.#target = new URL(url);
  }

  async open(): Promise<void> {
    this.#server = createServer((near) => {
      const far = connect(Number(this.#target.port), this.#target.hostname);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (bytes: Buffer) => this.isFrozen || to.write(bytes));
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
      }
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async cut(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  get url(): string {
    const url = new URL(this.#target);
    url.hostname = '127.0.0.1';
    url.port = String(this.#port);
    return url.href;
  }
}

describe('the registry without its database', () => {
  const telemetry = new Telemetry({ service: 'schema-registry', otlpEndpoint: null });
  const log = createLogger('schema-registry', { level: 'silent' });
  let database: TestPostgres;
  let wire: Wire;
  let store: RegistryStore;
  let app: NestExpressApplication;
  let url: string;

  const call = async (method: string, path: string, body?: object): Promise<{ status: number; body: Json; again: string | null }> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: response.status, body: await response.json(), again: response.headers.get('retry-after') };
  };

  beforeEach(async () => {
    database = await testPostgres();
    wire = new Wire(database.url);
    await wire.open();
    store = await RegistryStore.open({ url: wire.url });
    const policy = new GivenPolicy();
    const registryPolicy = new RegistryPolicy(policy, [(await generateTokenKey()).publicJwk], log);
    app = await createRegistryApp({ store, policy: registryPolicy, telemetry, log, isOpen: true });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
    policy.arrive(wholePolicy);
  });
  afterEach(async () => {
    wire.isFrozen = false;
    await app.close();
    await wire.cut().catch(() => undefined);
    await store.close();
    await database.drop();
  });

  const known = [
    '/schemas/ids/1',
    '/schemas/ids/1/schema',
    '/subjects/s/versions/latest',
    '/subjects/s/versions/1',
    '/config/s?defaultToGlobal=true',
    '/mode',
  ];
  const writes = [
    ['POST', '/subjects/s/versions', { schema: simple('R') }],
    ['POST', '/subjects/data.g01.population.resident.v1-value/versions', { schema: simple('R') }],
    ['DELETE', '/subjects/s', undefined],
    ['DELETE', '/subjects/s/versions/1?permanent=true', undefined],
    ['PUT', '/config', { compatibility: 'NONE' }],
    ['PUT', '/mode/s', { mode: 'READONLY' }],
    ['DELETE', '/config/s', undefined],
    ['POST', '/compatibility/subjects/s/versions', { schema: '"int"' }],
  ] as const;

  it('goes on with what it knows, answers the rest with 503 and the reason, and recovers by itself', async () => {
    const made = await call('POST', '/subjects/s/versions', { schema: simple('R') });
    expect(made).toMatchObject({ status: 200, body: { id: 1 } });
    const before = await Promise.all(known.map((path) => call('GET', path)));
    const found = await call('POST', '/subjects/s', { schema: simple('R') });
    await wire.cut();
    for (const [index, path] of known.entries()) expect(await call('GET', path)).toEqual(before[index]);
    expect(await call('POST', '/subjects/s', { schema: simple('R') })).toEqual(found);
    for (const [method, path, body] of writes) {
      const refused = await call(method, path, body);
      expect({ path, ...refused }).toMatchObject({
        path,
        status: 503,
        again: '5',
        body: { error_code: 50301, message: expect.stringContaining('database') },
      });
    }
    for (const path of ['/schemas/ids/2', '/subjects', '/subjects/t/versions/latest']) expect((await call('GET', path)).status).toBe(503);
    // Whoever takes what is not ready out of service would keep everybody from what it knows.
    expect(await call('GET', '/health/ready')).toMatchObject({ status: 200, body: { database: 'does not answer' } });
    await wire.open();
    await eventually(async () => expect((await call('POST', '/subjects/s/versions', { schema: simple('R') })).status).toBe(200));
    expect(await call('GET', '/health/ready')).toMatchObject({ status: 200, body: { database: 'answers' } });
  }, 60_000);

  it('does not wait for a database that is frozen with what it knows', async () => {
    await call('POST', '/subjects/s/versions', { schema: simple('R') });
    const before = await Promise.all(known.map((path) => call('GET', path)));
    wire.isFrozen = true;
    for (const [index, path] of known.entries()) expect(await call('GET', path)).toEqual(before[index]);
    wire.isFrozen = false;
    await wire.cut();
    await wire.open();
    await eventually(async () => expect((await call('POST', '/subjects/s/versions', { schema: '"int"' })).status).toBe(409));
  }, 60_000);

  it('holds up no other registry for ever when it freezes in the middle of a change', async () => {
    const other = await RegistryStore.open({ url: database.url });
    const register = (of: RegistryStore, subject: string, rules: () => null) =>
      of.register(
        { subject, text: simple('R'), references: [], metadata: null, ruleSet: null, id: null, version: null },
        { name: 'root', agencySlug: null },
        rules,
      );
    const frozen = register(store, 's', () => {
      // It has the change lock, and nothing that it says arrives any more.
      wire.isFrozen = true;
      return null;
    });
    const told = expect(frozen).rejects.toMatchObject({ reason: 'storeUnavailable' });
    await eventually(() => Promise.resolve(expect(wire.isFrozen).toBe(true)));
    expect(await register(other, 't', () => null)).toMatchObject({ id: 1, version: 1 });
    await other.close();
    await wire.cut();
    await told;
  }, 60_000);

  it('changes the subject that a name stands for now, and not the one that it remembers', async () => {
    const other = await RegistryStore.open({ url: database.url });
    await call('PUT', '/config/also', { alias: 'old' });
    await call('POST', '/subjects/also/versions', { schema: simple('R') });
    const read = async (): Promise<Json> => (await call('GET', '/subjects/also/versions/latest')).body;
    expect(await read()).toMatchObject({ subject: 'old' });
    await wire.cut();
    // What is remembered stands for a moment after the database was away.
    expect(await read()).toMatchObject({ subject: 'old' });
    await other.changeConfig('also', { alias: 'new' });
    await wire.open();
    await eventually(async () => expect((await call('POST', '/subjects/also/versions', { schema: simple('R') })).status).toBe(200));
    expect(await other.catalogue.versions('new', 'live', wholePage)).toHaveLength(1);
    expect(await other.catalogue.versions('old', 'live', wholePage)).toHaveLength(1);
    expect((await call('DELETE', '/subjects/also')).body).toEqual([1]);
    await expect(other.catalogue.versions('new', 'live', wholePage)).rejects.toMatchObject({ reason: 'subjectNotFound' });
    await other.close();
  }, 60_000);

  it('sees what another registry on the database wrote, and forgets what it deleted', async () => {
    const other = await RegistryStore.open({ url: database.url });
    await call('POST', '/subjects/s/versions', { schema: simple('R') });
    expect((await call('GET', '/subjects/s/versions/latest')).body).toMatchObject({ version: 1 });
    await other.deleteSubject('s', false, () => null);
    expect((await call('GET', '/subjects/s/versions/latest')).status).toBe(404);
    await other.close();
    await wire.cut();
    expect((await call('GET', '/subjects/s/versions/latest')).status).toBe(503);
  }, 60_000);
});
