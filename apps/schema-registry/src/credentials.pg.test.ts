import { generateTokenKey, signToken, type Principal } from '@truc/access';
import { registeredText } from '@truc/avro';
import type { PolicyEntry } from '@truc/coordination';
import { RegistryClient } from '@truc/registry-client';
import { testPostgres } from '@truc/testing';
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { dataset, topic, view, wholePolicy } from './given-policy.test-data.js';
import { RunningRegistry, simple } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);

describe('credentials', () => {
  const integrator: Principal = { name: 'lan.tran', agency: 'G01', role: 'integrator' };
  const bearer = async (principal: Principal, pair = registry.key) => ({
    authorization: `Bearer ${await signToken(pair.privateJwk, principal, { expiresInSeconds: 60 })}`,
  });
  const basic = async (principal: Principal, name = principal.name) => ({
    authorization: `Basic ${Buffer.from(`${name}:${await signToken(registry.key.privateJwk, principal, { expiresInSeconds: 60 })}`).toString('base64')}`,
  });
  const stranger: Principal = { name: 'thu.le', agency: 'G12', role: 'integrator' };
  const onlookers = [
    { name: 'agent.g01', agency: 'G01', role: 'agent' },
    { name: 'an', agency: null, role: 'reader' },
    { name: 'distributor', agency: null, role: 'distributor' },
  ] satisfies Principal[];
  const known = (principal: Principal, sinceSeconds = 0): PolicyEntry => ({ kind: 'principal', ...principal, sinceSeconds });
  const seen = async (principal: Principal) => (await registry.call('GET', '/subjects', undefined, await bearer(principal))).status;
  beforeEach(() => registry.start(false, [...wholePolicy, ...[integrator, stranger, ...onlookers].map((one) => known(one))]));

  it('are needed on every route but health and metrics', async () => {
    for (const [method, path] of [
      ['GET', '/subjects'],
      ['GET', '/schemas/ids/1'],
      ['GET', '/schemas/types'],
      ['GET', '/schemas'],
      ['GET', '/schemas/guids/0-0'],
      ['GET', '/contexts'],
      ['GET', '/contexts/.c/subjects'],
      ['DELETE', '/contexts/.c'],
      ['GET', '/'],
      ['GET', '/v1/metadata/id'],
      ['GET', '/subjects/x/metadata'],
      ['GET', '/config'],
      ['PUT', '/mode'],
      ['POST', '/subjects/x/versions'],
      ['POST', '/compatibility/subjects/x/versions/latest'],
      ['DELETE', '/subjects/x'],
    ] as const) {
      const answer = await registry.call(method, path, method === 'GET' || method === 'DELETE' ? undefined : {});
      expect(answer).toMatchObject({ status: 401, body: { error_code: 40101 } });
      expect(answer.headers.get('www-authenticate')).toContain('Basic');
    }
    for (const path of ['/health/live', '/health/ready', '/metrics']) expect((await registry.call('GET', path)).status).toBe(200);
  });

  it('of another key, expired or under another name are refused', async () => {
    const other = await generateTokenKey();
    const expired = { authorization: `Bearer ${await signToken(registry.key.privateJwk, integrator, { expiresInSeconds: -60 })}` };
    for (const headers of [await bearer(integrator, other), expired, await basic(integrator, 'root'), { authorization: 'Bearer x' }]) {
      expect(await registry.call('GET', '/subjects', undefined, headers)).toMatchObject({ status: 401, body: { error_code: 40101 } });
    }
  });

  it('may be signed by a key that policy brings', async () => {
    const next = await generateTokenKey();
    expect((await registry.call('GET', '/subjects', undefined, await bearer(integrator, next))).status).toBe(401);
    registry.source.arrive([{ kind: 'token-key', keyId: next.keyId, jwk: next.publicJwk as { kty: string } }]);
    expect((await registry.call('GET', '/subjects', undefined, await bearer(integrator, next))).status).toBe(200);
  });

  it('are worth nothing once their principal is removed, whatever the token says', async () => {
    expect(await seen(integrator)).toBe(200);
    registry.source.withdraw((entry) => entry.kind === 'principal' && entry.name === integrator.name);
    expect(await registry.call('GET', '/subjects', undefined, await basic(integrator))).toMatchObject({
      status: 401,
      body: { error_code: 40101, message: expect.stringContaining('not known here any more') },
    });
    // Made again under that name: tokens of its predecessor stay worthless, as do those for another agency or role.
    registry.source.arrive([known(integrator, Math.floor(Date.now() / 1000) + 60)]);
    expect(await seen(integrator)).toBe(401);
    registry.source.withdraw((entry) => entry.kind === 'principal' && entry.name === integrator.name);
    registry.source.arrive([known(integrator)]);
    expect(await seen({ ...integrator, agency: 'G12' })).toBe(401);
    expect(await seen({ name: integrator.name, agency: null, role: 'administrator' })).toBe(401);
    expect(await seen(integrator)).toBe(200);
  });

  it('of a principal who was made a moment ago are looked for in the log, and those of the platform itself need none', async () => {
    const late: Principal = { name: 'late', agency: null, role: 'reader' };
    expect(await seen(late)).toBe(401);
    registry.source.coming = [known(late)];
    expect(await seen(late)).toBe(200);
    expect(await seen({ name: 'platform', agency: null, role: 'platform' })).toBe(200);
    expect(await seen({ name: 'administrator', agency: null, role: 'administrator' })).toBe(200);
  });

  it('are asked for again later while it is not read whose are good', async () => {
    registry.source.isRead = false;
    const answer = await registry.call('GET', '/subjects', undefined, await bearer(integrator));
    expect(answer).toMatchObject({ status: 503, body: { error_code: 50302 } });
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  it("let an integrator register its own agency's schemas, by a real client with Basic", async () => {
    const token = await signToken(registry.key.privateJwk, integrator, { expiresInSeconds: 60 });
    const client = new SchemaRegistry({ host: registry.url, auth: { username: integrator.name, password: token } });
    const full = { subject: `${topic}-value`, compatibility: COMPATIBILITY.FULL_TRANSITIVE };
    const { id } = await client.register({ type: SchemaType.AVRO, schema: dataset.valueSchema }, full);
    expect(id).toBe(1);
  });

  it('let the flows look up and register through their own client', async () => {
    const token = await signToken(registry.key.privateJwk, integrator, { expiresInSeconds: 60 });
    const client = (credentials: { principal: string; token: string }) =>
      new RegistryClient({ url: registry.url, credentials, retryMs: 1 });
    const owner = client({ principal: integrator.name, token });
    expect(await owner.idOf(`${topic}-value`, dataset.valueSchema)).toBeNull();
    const id = await owner.register(`${topic}-value`, dataset.valueSchema);
    const flow = client({ principal: integrator.name, token });
    expect(await flow.idOf(`${topic}-value`, dataset.valueSchema)).toBe(id);
    expect(await flow.idOf(`${topic}-value`, simple('R'))).toBeNull();
    expect(await flow.schemaById(id)).toBe(registeredText(dataset.valueSchema));
    expect(await flow.schemaById(id + 1)).toBeNull();
    await expect(owner.register(`${topic}-key`, simple('Key'))).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      violations: [expect.objectContaining({ rule: 'D5' })],
    });
    await expect(client({ principal: integrator.name, token: 'x' }).schemaById(id)).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
    await registry.app.close();
    await expect(flow.schemaById(id + 2)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE', retry: true });
    expect(await flow.schemaById(id)).toBe(registeredText(dataset.valueSchema));
  });

  it('let the flows find a schema whatever else is told of it, and every id that its subject has or had', async () => {
    const token = await signToken(registry.key.privateJwk, integrator, { expiresInSeconds: 60 });
    const authorization = { authorization: `Bearer ${token}` };
    const subject = `${topic}-value`;
    const register = async (schema: string, owner: string): Promise<number> => {
      const sent = { schema, metadata: { properties: { owner } } };
      return (await registry.call('POST', `/subjects/${subject}/versions`, sent, authorization)).body.id;
    };
    const id = await register(dataset.valueSchema, 'population');
    // The version after it has other metadata, and a look-up without any takes these.
    const later = await register(JSON.stringify({ ...JSON.parse(dataset.valueSchema), note: 'later' }), 'residence');
    expect(later).toBeGreaterThan(id);
    const flow = new RegistryClient({ url: registry.url, credentials: { principal: integrator.name, token }, retryMs: 1 });
    expect(await flow.idOf(subject, dataset.valueSchema)).toBe(id);
    expect(await flow.hasVersion(subject, id)).toBe(true);
    expect(await flow.hasVersion(`${topic}-key`, id)).toBe(false);
    expect(await flow.hasVersion(subject, later + 1)).toBe(false);
    // A stranger's look-up compares everything, as before.
    const strict = await registry.call('POST', `/subjects/${subject}`, { schema: dataset.valueSchema }, authorization);
    expect(strict).toMatchObject({ status: 404, body: { error_code: 40403 } });
  });

  it("do not let an integrator touch another agency's subjects or the platform's own (D6)", async () => {
    const strange = await basic(stranger);
    for (const subject of [`${topic}-value`, `${view.topic}-value`, 'receipts-value']) {
      const { status, body } = await registry.register(subject, dataset.valueSchema, strange);
      expect({ status, code: body.error_code, first: body.violations[0].rule }).toEqual({ status: 422, code: 42201, first: 'D6' });
    }
    expect((await registry.register(`${topic}-value`, dataset.valueSchema, await basic(integrator))).status).toBe(200);
    expect(await registry.register(`${topic}-value`, dataset.valueSchema, strange)).toMatchObject({ status: 422 });
    expect(await registry.call('DELETE', `/subjects/${topic}-value`, undefined, strange)).toMatchObject({
      status: 403,
      body: { error_code: 40301 },
    });
  });

  it("nor to hold another agency's versions by referring to them (D6)", async () => {
    const owner = await basic(integrator);
    expect((await registry.register(`${topic}-value`, dataset.valueSchema, owner)).status).toBe(200);
    const references = [{ name: 'Row', subject: `${topic}-value`, version: 1 }];
    const violations = [expect.objectContaining({ rule: 'D6', found: `${topic}-value 1` })];
    for (const path of ['/subjects/data.g12.own.v1-value/versions', '/compatibility/subjects/data.g12.own.v1-value/versions']) {
      const answer = await registry.call('POST', path, { schema: simple('R'), references }, await basic(stranger));
      expect(answer).toMatchObject({ status: 422, body: { error_code: 42201, violations: expect.arrayContaining(violations) } });
    }
    expect((await registry.call('DELETE', `/subjects/${topic}-value`, undefined, owner)).body).toEqual([1]);
  });

  it('and the limits are judged before tags change a text', async () => {
    const place = { schemaEntity: { entityPath: 'R.none', entityType: 'sr_field' }, tags: ['X'] };
    const register = async (schema: string, headers: Record<string, string>) =>
      (await registry.call('POST', `/subjects/${topic}-value/versions`, { schema, schemaTagsToAdd: [place] }, headers)).body;
    expect((await register(dataset.valueSchema, await basic(stranger))).violations[0]).toMatchObject({ rule: 'D6' });
    const long = `${' '.repeat(70_000)}${dataset.valueSchema}`;
    expect((await register(long, await basic(integrator))).violations[0]).toMatchObject({ rule: 'D12' });
  });

  it('of a role that only reads do not change anything', async () => {
    const denied = { status: 403, body: { error_code: 40301 } };
    for (const principal of onlookers) {
      const headers = await bearer(principal);
      expect((await registry.call('GET', '/subjects', undefined, headers)).status).toBe(200);
      expect(await registry.register(`${topic}-value`, dataset.valueSchema, headers)).toMatchObject(denied);
      expect(await registry.call('DELETE', '/subjects/x', undefined, headers)).toMatchObject(denied);
      expect(await registry.call('PUT', '/config', { compatibility: 'NONE' }, headers)).toMatchObject(denied);
      expect(await registry.call('PUT', '/mode/x', { mode: 'IMPORT' }, headers)).toMatchObject(denied);
      expect(await registry.call('DELETE', '/mode', undefined, headers)).toMatchObject(denied);
      expect(await registry.call('DELETE', '/config/x', undefined, headers)).toMatchObject(denied);
      expect(await registry.call('DELETE', '/contexts/.c', undefined, headers)).toMatchObject(denied);
    }
    expect(await registry.call('PUT', '/config', { compatibility: 'NONE' }, await bearer(integrator))).toMatchObject(denied);
  });
});
