import { generateTokenKey, signToken, type Principal, type TokenKeyPair } from '@truc/access';
import { datasetValueSchema, masterDataKeySchema, namespaceOfTopic } from '@truc/change-event';
import { compileView } from '@truc/contracts';
import { releaseToEntries, type DatasetPolicy, type PolicyEntry } from '@truc/coordination';
import { canonicalFieldName, createRelease, parseDictionaryFiles, rowSchema, type FieldPolicy } from '@truc/dictionary';
import { RegistryClient } from '@truc/registry-client';
import { RegistryStore } from '@truc/registry-store';
import { createLogger, Telemetry } from '@truc/telemetry';
import { testPostgres, type TestPostgres } from '@truc/testing';
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { readdirSync, readFileSync } from 'node:fs';
import { contentType, createRegistryApp } from './registry-app.js';
import { RegistryPolicy, type PolicySource } from './registry-policy.js';

const dictionary = new URL('../../../schemas/dictionary/', import.meta.url);
const files = readdirSync(dictionary, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(new URL(path, dictionary), 'utf8') }));
const release = createRelease({ number: 1, ...parseDictionaryFiles(files, {}) });

const field = (name: string, more: Partial<FieldPolicy> = {}): FieldPolicy => {
  const element = `urn:vn:ddict:element:${name}`;
  return { name: canonicalFieldName(element), element, role: 'source', protection: 'none', required: false, ...more };
};
const fields = [
  field('person.personal-id', { required: true }),
  field('person.full-name', { required: true }),
  field('person.date-of-birth'),
];
const topic = 'data.g01.population.resident.v1';
const valueSchemaOf = (fieldsOf: readonly FieldPolicy[], addedLater?: ReadonlySet<string>): string =>
  datasetValueSchema(
    topic,
    rowSchema({ namespace: namespaceOfTopic(topic), name: 'Row', fields: fieldsOf, release, ...(addedLater ? { addedLater } : {}) }),
  );
const dataset: DatasetPolicy = {
  kind: 'dataset',
  name: 'population.resident',
  generation: 1,
  agency: 'G01',
  title: { vi: 'Dân cư', en: 'Residents' },
  topic,
  quarantineTopic: 'quarantine.g01.population.resident',
  partitions: 2,
  scheme: 'personal-id',
  codeElement: 'urn:vn:ddict:element:person.personal-id',
  codeField: 'person_personal_id',
  keyIsCode: true,
  fields,
  release: 1,
  valueSchema: valueSchemaOf(fields),
};
const view = compileView(dataset, [fields[0]!.element, fields[2]!.element], release);
const wholePolicy: PolicyEntry[] = [
  { kind: 'agency', code: 'G01', name: { vi: 'Bộ Công an', en: 'Public Security' } },
  ...releaseToEntries(release),
  dataset,
  view,
];

/** Policy as the log would bring it: what is `coming` is in the log and not read yet. */
class GivenPolicy implements PolicySource {
  isReady = true;
  readonly ready = Promise.resolve();
  readonly topics = new Set<string>();
  coming: PolicyEntry[] = [];
  readonly #listeners = new Set<() => void>();
  #entries: PolicyEntry[] = [];

  all = () => this.#entries;
  onChange(listener: () => void) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  addTopic(name: string) {
    this.topics.add(name);
  }
  async untilRead() {
    if (this.coming.length > 0) this.arrive(this.coming.splice(0));
  }
  arrive(entries: PolicyEntry[]) {
    this.#entries = [...this.#entries, ...entries];
    for (const listener of this.#listeners) listener();
  }
}

let database: TestPostgres;
let store: RegistryStore;
let source: GivenPolicy;
let app: NestExpressApplication;
let url: string;
let key: TokenKeyPair;
const telemetry = new Telemetry({ service: 'schema-registry', otlpEndpoint: null });
const log = createLogger('schema-registry', { level: 'silent' });

async function startApp(isOpen: boolean, entries: PolicyEntry[] = wholePolicy): Promise<void> {
  source = new GivenPolicy();
  const policy = new RegistryPolicy(source, [key.publicJwk], log);
  app = await createRegistryApp({ store, policy, telemetry, log, isOpen });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
  source.arrive(entries);
}

beforeAll(async () => {
  database = await testPostgres();
  key = await generateTokenKey();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.query('DROP SCHEMA IF EXISTS registry CASCADE');
  store = await RegistryStore.open({ url: database.url });
});
afterEach(async () => {
  await app.close();
  await store.close();
});

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;
interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly headers: Headers;
}
async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': contentType, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  let parsed: Json = text;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Some answers are plain text.
  }
  return { status: response.status, body: parsed, headers: response.headers };
}
const register = (subject: string, schema: string, headers?: Record<string, string>) =>
  call('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schema }, headers);
const simple = (name: string, ...more: object[]) =>
  JSON.stringify({ type: 'record', name, fields: [{ name: 'a', type: 'string' }, ...more] });

describe("Confluent's API", () => {
  beforeEach(() => startApp(true));

  it('registers, finds and shows', async () => {
    const schema = simple('R');
    expect(await register('free-value', schema)).toMatchObject({ status: 200, body: { id: 1 } });
    expect(await register('other/value', schema)).toMatchObject({ status: 200, body: { id: 1 } });
    expect((await call('GET', '/subjects')).body).toEqual(['free-value', 'other/value']);
    expect((await call('GET', '/subjects?subjectPrefix=free')).body).toEqual(['free-value']);
    expect((await call('GET', '/subjects/free-value/versions')).body).toEqual([1]);
    for (const version of ['1', 'latest', '-1']) {
      expect((await call('GET', `/subjects/free-value/versions/${version}`)).body).toEqual({
        subject: 'free-value',
        version: 1,
        id: 1,
        schema,
      });
    }
    expect((await call('GET', '/subjects/free-value/versions/1/schema')).body).toEqual(JSON.parse(schema));
    expect((await call('POST', '/subjects/free-value', { schema: JSON.stringify(JSON.parse(schema), null, 1) })).body).toMatchObject({
      id: 1,
      version: 1,
    });
    const byId = await call('GET', '/schemas/ids/1');
    expect(byId.body).toEqual({ schema });
    expect(byId.headers.get('content-type')).toContain(contentType);
    expect((await call('GET', '/schemas/ids/1/schema')).body).toEqual(JSON.parse(schema));
    expect((await call('GET', '/schemas/ids/1/subjects')).body).toEqual(['free-value', 'other/value']);
    expect((await call('GET', '/schemas/ids/1/versions')).body).toContainEqual({ subject: 'free-value', version: 1 });
    expect((await call('GET', '/schemas/types')).body).toEqual(['AVRO']);
  });

  it.each([
    ['GET', '/subjects/none/versions', undefined, 404, 40401],
    ['GET', '/subjects/free-value/versions/9', undefined, 404, 40402],
    ['GET', '/subjects/free-value/versions/x', undefined, 422, 42202],
    ['GET', '/schemas/ids/99', undefined, 404, 40403],
    ['GET', '/schemas/ids/99999999999999', undefined, 404, 40403],
    ['GET', '/schemas/ids/x', undefined, 404, 40403],
    ['POST', '/subjects/free-value', { schema: '"int"' }, 404, 40403],
    ['POST', '/subjects/none', { schema: '"int"' }, 404, 40401],
    ['DELETE', '/subjects/none', undefined, 404, 40401],
    ['GET', '/config/free-value', undefined, 404, 40408],
    ['GET', '/mode/free-value', undefined, 404, 40409],
    ['PUT', '/config', { compatibility: 'SOME' }, 422, 42203],
    ['PUT', '/config', undefined, 422, 42203],
    ['PUT', '/mode', { mode: 'SOME' }, 422, 42204],
    ['PUT', '/mode/free-value', { mode: 'IMPORT' }, 422, 42205],
    ['POST', '/subjects/free-value/versions', '{"schema": ', 422, 42201],
    ['POST', '/subjects/free-value/versions', undefined, 422, 42201],
    ['POST', '/subjects/free-value/versions', '[]', 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: '{' }, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: 'syntax = "proto3"', schemaType: 'PROTOBUF' }, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: '"int"', id: 7 }, 422, 42205],
    ['POST', '/subjects/free-value/versions', { schema: '"int"' }, 409, 409],
    ['POST', '/subjects/%3A.other%3Adata.g01.x.v1-value/versions', { schema: '"int"' }, 422, 42208],
    ['POST', '/subjects/free-value/versions', { schema: 'x'.repeat(70_000) }, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: 'x'.repeat(300_000) }, 413, 413],
    ['GET', '/nothing', undefined, 404, 404],
    ['GET', '/subjects/%ff', undefined, 422, 42201],
  ])('%s %s is answered with its code', async (method, path, body, status, errorCode) => {
    await register('free-value', simple('R'));
    const answer = await call(method, path, body);
    expect(answer).toMatchObject({ status, body: { error_code: errorCode, message: expect.any(String) } });
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|\.js:/);
  });

  it('checks compatibility, verbose or not', async () => {
    await register('free-value', simple('R'));
    const next = { schema: simple('R', { name: 'b', type: 'int' }) };
    for (const path of ['versions', 'versions/latest', 'versions/1']) {
      expect((await call('POST', `/compatibility/subjects/free-value/${path}`, next)).body).toEqual({ is_compatible: false });
      const verbose = await call('POST', `/compatibility/subjects/free-value/${path}?verbose=true`, next);
      expect(verbose.body.messages.join()).toContain('READER_FIELD_MISSING_DEFAULT_VALUE');
    }
    expect((await call('POST', '/compatibility/subjects/new-value/versions/latest', next)).body).toEqual({ is_compatible: true });
    expect(await call('POST', '/compatibility/subjects/free-value/versions/7', next)).toMatchObject({ body: { error_code: 40402 } });
  });

  it('keeps levels and modes', async () => {
    expect((await call('GET', '/config')).body).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect((await call('PUT', '/config', { compatibility: 'NONE' })).body).toEqual({ compatibility: 'NONE' });
    expect((await call('PUT', '/config/free-value', { compatibility: 'FULL' })).body).toEqual({ compatibility: 'FULL' });
    expect((await call('GET', '/config/free-value')).body).toEqual({ compatibilityLevel: 'FULL' });
    expect((await call('GET', '/config/new-value?defaultToGlobal=true')).body).toEqual({ compatibilityLevel: 'NONE' });
    expect((await call('DELETE', '/config/free-value')).body).toEqual({ compatibilityLevel: 'FULL' });
    expect((await call('GET', '/config/free-value')).status).toBe(404);
    expect((await call('PUT', '/mode', { mode: 'READONLY' })).body).toEqual({ mode: 'READONLY' });
    expect((await call('GET', '/mode')).body).toEqual({ mode: 'READONLY' });
    expect((await register('free-value', simple('R'))).body).toMatchObject({ error_code: 42205 });
    expect((await call('PUT', '/mode/free-value', { mode: 'READWRITE' })).body).toEqual({ mode: 'READWRITE' });
    expect((await register('free-value', simple('R'))).status).toBe(200);
  });

  it('deletes', async () => {
    await register('free-value', simple('R'));
    await register('free-value', simple('R', { name: 'b', type: 'int', default: 0 }));
    expect((await call('DELETE', '/subjects/free-value/versions/1')).body).toBe(1);
    expect((await call('DELETE', '/subjects/free-value/versions/1')).body).toMatchObject({ error_code: 40406 });
    expect((await call('DELETE', '/subjects/free-value/versions/1?permanent=true')).body).toBe(1);
    expect((await call('DELETE', '/subjects/free-value?permanent=true')).body).toMatchObject({ error_code: 40405 });
    expect((await call('DELETE', '/subjects/free-value')).body).toEqual([2]);
    expect((await call('DELETE', '/subjects/free-value')).body).toMatchObject({ error_code: 40404 });
    expect((await call('GET', '/subjects')).body).toEqual([]);
    expect((await call('GET', '/subjects?deleted=true')).body).toEqual(['free-value']);
    expect((await call('DELETE', '/subjects/free-value?permanent=true')).body).toEqual([2]);
  });

  it('serves a real client: register, encode, decode, look up', async () => {
    const client = new SchemaRegistry({ host: url });
    const { id } = await client.register({ type: SchemaType.AVRO, schema: simple('R') }, { subject: 'free-value' });
    expect(await client.decode(await client.encode(id, { a: 'xin chào' }))).toMatchObject({ a: 'xin chào' });
    const stranger = new SchemaRegistry({ host: url });
    expect(await stranger.decode(await client.encode(id, { a: 'x' }))).toMatchObject({ a: 'x' });
    expect(await stranger.getLatestSchemaId('free-value')).toBe(id);
    expect(await stranger.getRegistryIdBySchema('free-value', { type: SchemaType.AVRO, schema: simple('R') })).toBe(id);
    // A dataset's subject has its level from the beginning, so the client does not try to set another.
    const full = { subject: `${topic}-value`, compatibility: COMPATIBILITY.FULL_TRANSITIVE };
    const registered = await client.register({ type: SchemaType.AVRO, schema: dataset.valueSchema }, full);
    expect(await stranger.getLatestSchemaId(`${topic}-value`)).toBe(registered.id);
  });

  it('tells its health and its metrics to everybody', async () => {
    await register('free-value', simple('R'));
    expect((await call('GET', '/health/live')).status).toBe(200);
    expect((await call('GET', '/health/ready')).body).toMatchObject({ status: 'ready', database: 'answers', policy: 'read', rules: true });
    const { body } = await call('GET', '/metrics');
    expect(body).toMatch(/truc_http_requests.*POST \/subjects\/:subject\/versions/);
    expect(body).not.toContain('free-value');
  });
});

describe('the rules of the dictionary', () => {
  const envelope = (change: (row: Json) => void): string => {
    const schema = JSON.parse(dataset.valueSchema);
    change(schema.fields[0].type[1]);
    return JSON.stringify(schema);
  };
  const fieldNamed = (row: Json, name: string): Json => row.fields.find((each: Json) => each.name === name);
  const extra = (of: FieldPolicy) => (row: Json) => row.fields.push(rowSchema({ name: 'Row', fields: [of], release }).fields[0]);

  describe('with a release', () => {
    beforeEach(() => startApp(true));

    it('let the schemas of a dataset and of a view pass, and their key', async () => {
      for (const [subject, schema] of [
        [`${topic}-value`, dataset.valueSchema],
        [`${topic}-key`, masterDataKeySchema],
        [`${view.topic}-value`, view.valueSchema],
        [`${view.topic}-key`, masterDataKeySchema],
      ] as const) {
        expect(await register(subject, schema)).toMatchObject({ status: 200 });
      }
      expect((await call('GET', `/subjects/${view.topic}-key/versions/latest`)).body.id).toBe(
        (await call('GET', `/subjects/${topic}-key/versions/latest`)).body.id,
      );
      const later = field('person.sex');
      const grown = valueSchemaOf([...fields, later], new Set([later.name]));
      expect(await register(`${topic}-value`, grown)).toMatchObject({ status: 200, body: { version: 2 } });
    });

    it.each<[string, string, string]>([
      ['D1', `${topic}-value`, envelope((row) => delete fieldNamed(row, 'person_full_name').dictionaryElement)],
      [
        'D1',
        `${topic}-value`,
        envelope((row) => (fieldNamed(row, 'person_full_name').dictionaryElement = 'urn:vn:ddict:element:person.nickname@1.0.0')),
      ],
      ['D2', `${topic}-value`, envelope((row) => (fieldNamed(row, 'person_full_name').type = 'int'))],
      ['D3', `${topic}-value`, envelope((row) => (fieldNamed(row, 'person_full_name').name = 'hoTen'))],
      [
        'D4',
        `${topic}-value`,
        envelope((row) => Object.assign(fieldNamed(row, 'person_full_name'), { type: ['null', 'string'], default: null })),
      ],
      ['D5', `${topic}-key`, simple('Key')],
      ['D5', 'data.g01.population.visitor.v1-value', dataset.valueSchema],
      ['D5', 'view.0000-value', view.valueSchema],
      ['D5', topic, dataset.valueSchema],
      ['D7', `${topic}-value`, envelope(extra(field('enterprise.name')))],
      ['D8', `${topic}-value`, envelope(extra(field('land.restricted-site-note')))],
      ['D9', `${topic}-value`, envelope(extra(field('person.legacy-identity-number')))],
      [
        'D10',
        `${topic}-value`,
        envelope((row) =>
          row.fields.push({
            ...rowSchema({ name: 'Row', fields: [field('person.ethnic-group', { protection: 'masked' })], release }).fields[0],
            type: ['null', { type: 'enum', name: 'EthnicGroup', symbols: ['KINH', 'TAY'] }],
          }),
        ),
      ],
      ['D12', `${topic}-value`, `${'{"type":"array","items":'.repeat(40)}"int"${'}'.repeat(40)}`],
      ['D12', 'free-value', `${'{"type":"array","items":'.repeat(40)}"int"${'}'.repeat(40)}`],
    ])('%s refuses %s', async (rule, subject, schema) => {
      const refused = {
        status: 422,
        body: {
          error_code: 42201,
          violations: expect.arrayContaining([
            expect.objectContaining({
              rule,
              path: expect.any(String),
              expected: expect.any(String),
              found: expect.any(String),
              hint: expect.any(String),
            }),
          ]),
        },
      };
      expect(await register(subject, schema)).toMatchObject(refused);
      expect(await call('POST', `/compatibility/subjects/${subject}/versions/latest`, { schema })).toMatchObject(refused);
      await call('PUT', `/mode/${subject}`, { mode: 'IMPORT' });
      expect(await call('POST', `/subjects/${subject}/versions`, { schema, id: 77 })).toMatchObject(refused);
      expect((await call('GET', '/subjects?deleted=true')).body).toEqual([]);
    });

    it('D11 keeps the level and the versions', async () => {
      await register(`${topic}-value`, dataset.valueSchema);
      expect((await call('PUT', '/config', { compatibility: 'NONE' })).status).toBe(200);
      const refused = { status: 422, body: { error_code: 42201, violations: [expect.objectContaining({ rule: 'D11' })] } };
      expect(await call('PUT', `/config/${topic}-value`, { compatibility: 'FULL' })).toMatchObject(refused);
      expect((await call('GET', `/config/${topic}-value`)).body).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
      const narrower = valueSchemaOf(fields.slice(0, 1));
      expect(await register(`${topic}-value`, narrower)).toMatchObject({ status: 409, body: { error_code: 409 } });
      expect((await call('DELETE', `/subjects/${topic}-value`)).body).toEqual([1]);
      expect(await call('DELETE', `/subjects/${topic}-value?permanent=true`)).toMatchObject(refused);
      expect(await register(`${topic}-value`, narrower)).toMatchObject({ status: 409 });
    });

    it('lists every violation and tells them in a sentence', async () => {
      const { body } = await register(
        `${topic}-value`,
        envelope((row) => {
          fieldNamed(row, 'person_full_name').type = 'int';
          delete fieldNamed(row, 'person_date_of_birth').dictionaryElement;
        }),
      );
      expect(body.violations.map(({ rule }: Json) => rule)).toEqual(expect.arrayContaining(['D1', 'D2']));
      expect(body.message).toContain(`${topic}-value`);
    });
  });

  it('keep data.* and view.* closed until a release arrives, and then judge by it', async () => {
    await startApp(true, []);
    for (const subject of [`${topic}-value`, `${view.topic}-value`]) {
      const answer = await register(subject, dataset.valueSchema);
      expect(answer).toMatchObject({ status: 503, body: { error_code: 50302, message: expect.stringContaining('policy.common') } });
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    expect((await register('free-value', simple('R'))).status).toBe(200);
    source.arrive(wholePolicy);
    expect((await register(`${topic}-value`, dataset.valueSchema)).status).toBe(200);
    expect([...source.topics]).toEqual(['policy.g01']);
  });

  it('are those of what is in the log already, though not yet read', async () => {
    await startApp(
      true,
      wholePolicy.filter(({ kind }) => kind !== 'dataset' && kind !== 'view'),
    );
    source.coming = [dataset];
    expect((await register(`${topic}-value`, dataset.valueSchema)).status).toBe(200);
  });
});

describe('credentials', () => {
  const integrator: Principal = { name: 'lan.tran', agency: 'G01', role: 'integrator' };
  const bearer = async (principal: Principal, pair = key) => ({
    authorization: `Bearer ${await signToken(pair.privateJwk, principal, { expiresInSeconds: 60 })}`,
  });
  const basic = async (principal: Principal, name = principal.name) => ({
    authorization: `Basic ${Buffer.from(`${name}:${await signToken(key.privateJwk, principal, { expiresInSeconds: 60 })}`).toString('base64')}`,
  });
  beforeEach(() => startApp(false));

  it('are needed on every route but health and metrics', async () => {
    for (const [method, path] of [
      ['GET', '/subjects'],
      ['GET', '/schemas/ids/1'],
      ['GET', '/schemas/types'],
      ['GET', '/config'],
      ['PUT', '/mode'],
      ['POST', '/subjects/x/versions'],
      ['POST', '/compatibility/subjects/x/versions/latest'],
      ['DELETE', '/subjects/x'],
    ] as const) {
      const answer = await call(method, path, method === 'GET' || method === 'DELETE' ? undefined : {});
      expect(answer).toMatchObject({ status: 401, body: { error_code: 40101 } });
      expect(answer.headers.get('www-authenticate')).toContain('Basic');
    }
    for (const path of ['/health/live', '/health/ready', '/metrics']) expect((await call('GET', path)).status).toBe(200);
  });

  it('of another key, expired or under another name are refused', async () => {
    const other = await generateTokenKey();
    const expired = { authorization: `Bearer ${await signToken(key.privateJwk, integrator, { expiresInSeconds: -60 })}` };
    for (const headers of [await bearer(integrator, other), expired, await basic(integrator, 'root'), { authorization: 'Bearer x' }]) {
      expect(await call('GET', '/subjects', undefined, headers)).toMatchObject({ status: 401, body: { error_code: 40101 } });
    }
  });

  it('may be signed by a key that policy brings', async () => {
    const next = await generateTokenKey();
    expect((await call('GET', '/subjects', undefined, await bearer(integrator, next))).status).toBe(401);
    source.arrive([{ kind: 'token-key', keyId: next.keyId, jwk: next.publicJwk as { kty: string } }]);
    expect((await call('GET', '/subjects', undefined, await bearer(integrator, next))).status).toBe(200);
  });

  it("let an integrator register its own agency's schemas, by a real client with Basic", async () => {
    const token = await signToken(key.privateJwk, integrator, { expiresInSeconds: 60 });
    const client = new SchemaRegistry({ host: url, auth: { username: integrator.name, password: token } });
    const full = { subject: `${topic}-value`, compatibility: COMPATIBILITY.FULL_TRANSITIVE };
    const { id } = await client.register({ type: SchemaType.AVRO, schema: dataset.valueSchema }, full);
    expect(id).toBe(1);
  });

  it('let the flows look up and register through their own client', async () => {
    const token = await signToken(key.privateJwk, integrator, { expiresInSeconds: 60 });
    const client = (credentials: { principal: string; token: string }) => new RegistryClient({ url, credentials, retryMs: 1 });
    const registry = client({ principal: integrator.name, token });
    expect(await registry.idOf(`${topic}-value`, dataset.valueSchema)).toBeNull();
    const id = await registry.register(`${topic}-value`, dataset.valueSchema);
    const flow = client({ principal: integrator.name, token });
    expect(await flow.idOf(`${topic}-value`, dataset.valueSchema)).toBe(id);
    expect(await flow.idOf(`${topic}-value`, simple('R'))).toBeNull();
    expect(await flow.schemaById(id)).toBe(dataset.valueSchema);
    expect(await flow.schemaById(id + 1)).toBeNull();
    await expect(registry.register(`${topic}-key`, simple('Key'))).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      violations: [expect.objectContaining({ rule: 'D5' })],
    });
    await expect(client({ principal: integrator.name, token: 'x' }).schemaById(id)).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
    await app.close();
    await expect(flow.schemaById(id + 2)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE', retry: true });
    expect(await flow.schemaById(id)).toBe(dataset.valueSchema);
  });

  it("do not let an integrator touch another agency's subjects or the platform's own (D6)", async () => {
    const stranger = await basic({ ...integrator, agency: 'G12' });
    for (const subject of [`${topic}-value`, `${view.topic}-value`, 'receipts-value']) {
      expect(await register(subject, dataset.valueSchema, stranger)).toMatchObject({
        status: 422,
        body: { error_code: 42201, violations: [expect.objectContaining({ rule: 'D6' })] },
      });
    }
    expect((await register(`${topic}-value`, dataset.valueSchema, await basic(integrator))).status).toBe(200);
    expect(await register(`${topic}-value`, dataset.valueSchema, stranger)).toMatchObject({ status: 422 });
    expect(await call('DELETE', `/subjects/${topic}-value`, undefined, stranger)).toMatchObject({
      status: 403,
      body: { error_code: 40301 },
    });
  });

  it('of a role that only reads do not change anything', async () => {
    const denied = { status: 403, body: { error_code: 40301 } };
    for (const principal of [
      { name: 'agent.g01', agency: 'G01', role: 'agent' },
      { name: 'an', agency: null, role: 'reader' },
      { name: 'distributor', agency: null, role: 'distributor' },
    ] satisfies Principal[]) {
      const headers = await bearer(principal);
      expect((await call('GET', '/subjects', undefined, headers)).status).toBe(200);
      expect(await register(`${topic}-value`, dataset.valueSchema, headers)).toMatchObject(denied);
      expect(await call('DELETE', '/subjects/x', undefined, headers)).toMatchObject(denied);
      expect(await call('PUT', '/config', { compatibility: 'NONE' }, headers)).toMatchObject(denied);
      expect(await call('PUT', '/mode/x', { mode: 'IMPORT' }, headers)).toMatchObject(denied);
    }
    expect(await call('PUT', '/config', { compatibility: 'NONE' }, await bearer(integrator))).toMatchObject(denied);
  });
});
