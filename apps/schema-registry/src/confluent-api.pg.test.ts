import { testPostgres } from '@truc/testing';
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { dataset, topic } from './given-policy.test-data.js';
import { contentType } from './registry-app.js';
import { RunningRegistry, simple } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);

describe("Confluent's API", () => {
  beforeEach(() => registry.start(true));

  it('registers, finds and shows', async () => {
    const schema = simple('R');
    expect(await registry.register('free-value', schema)).toMatchObject({ status: 200, body: { id: 1 } });
    expect(await registry.register('other/value', schema)).toMatchObject({ status: 200, body: { id: 1 } });
    expect((await registry.call('GET', '/subjects')).body).toEqual(['free-value', 'other/value']);
    expect((await registry.call('GET', '/subjects?subjectPrefix=free')).body).toEqual(['free-value']);
    expect((await registry.call('GET', '/subjects/free-value/versions')).body).toEqual([1]);
    for (const version of ['1', 'latest', '-1']) {
      expect((await registry.call('GET', `/subjects/free-value/versions/${version}`)).body).toEqual({
        subject: 'free-value',
        version: 1,
        id: 1,
        schema,
      });
    }
    expect((await registry.call('GET', '/subjects/free-value/versions/1/schema')).body).toEqual(JSON.parse(schema));
    expect(
      (await registry.call('POST', '/subjects/free-value', { schema: JSON.stringify(JSON.parse(schema), null, 1) })).body,
    ).toMatchObject({
      id: 1,
      version: 1,
    });
    const byId = await registry.call('GET', '/schemas/ids/1');
    expect(byId.body).toEqual({ schema });
    expect(byId.headers.get('content-type')).toContain(contentType);
    expect((await registry.call('GET', '/schemas/ids/1/schema')).body).toEqual(JSON.parse(schema));
    expect((await registry.call('GET', '/schemas/ids/1/subjects')).body).toEqual(['free-value', 'other/value']);
    expect((await registry.call('GET', '/schemas/ids/1/versions')).body).toContainEqual({ subject: 'free-value', version: 1 });
    expect((await registry.call('GET', '/schemas/types')).body).toEqual(['AVRO']);
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
    ['POST', '/subjects/free-value/versions', { schema: 'x'.repeat(300_000) }, 422, 42201],
    ['GET', '/nothing', undefined, 404, 404],
    ['GET', '/subjects/%ff', undefined, 422, 42201],
  ])('%s %s is answered with its code', async (method, path, body, status, errorCode) => {
    await registry.register('free-value', simple('R'));
    const answer = await registry.call(method, path, body);
    expect(answer).toMatchObject({ status, body: { error_code: errorCode, message: expect.any(String) } });
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|\.js:/);
  });

  it('checks compatibility, verbose or not', async () => {
    await registry.register('free-value', simple('R'));
    const next = { schema: simple('R', { name: 'b', type: 'int' }) };
    for (const path of ['versions', 'versions/latest', 'versions/1']) {
      expect((await registry.call('POST', `/compatibility/subjects/free-value/${path}`, next)).body).toEqual({ is_compatible: false });
      const verbose = await registry.call('POST', `/compatibility/subjects/free-value/${path}?verbose=true`, next);
      expect(verbose.body.messages.join()).toContain('READER_FIELD_MISSING_DEFAULT_VALUE');
    }
    expect((await registry.call('POST', '/compatibility/subjects/new-value/versions/latest', next)).body).toEqual({ is_compatible: true });
    expect(await registry.call('POST', '/compatibility/subjects/free-value/versions/7', next)).toMatchObject({
      body: { error_code: 40402 },
    });
  });

  it('keeps levels and modes', async () => {
    expect((await registry.call('GET', '/config')).body).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect((await registry.call('PUT', '/config', { compatibility: 'NONE' })).body).toEqual({ compatibility: 'NONE' });
    expect((await registry.call('PUT', '/config/free-value', { compatibility: 'FULL' })).body).toEqual({ compatibility: 'FULL' });
    expect((await registry.call('GET', '/config/free-value')).body).toEqual({ compatibilityLevel: 'FULL' });
    expect((await registry.call('GET', '/config/new-value?defaultToGlobal=true')).body).toEqual({ compatibilityLevel: 'NONE' });
    expect((await registry.call('DELETE', '/config/free-value')).body).toEqual({ compatibilityLevel: 'FULL' });
    expect((await registry.call('GET', '/config/free-value')).status).toBe(404);
    expect((await registry.call('PUT', '/mode', { mode: 'READONLY' })).body).toEqual({ mode: 'READONLY' });
    expect((await registry.call('GET', '/mode')).body).toEqual({ mode: 'READONLY' });
    expect((await registry.register('free-value', simple('R'))).body).toMatchObject({ error_code: 42205 });
    expect((await registry.call('PUT', '/mode/free-value', { mode: 'READWRITE' })).body).toEqual({ mode: 'READWRITE' });
    expect((await registry.register('free-value', simple('R'))).status).toBe(200);
  });

  it('deletes', async () => {
    await registry.register('free-value', simple('R'));
    await registry.register('free-value', simple('R', { name: 'b', type: 'int', default: 0 }));
    expect((await registry.call('DELETE', '/subjects/free-value/versions/1')).body).toBe(1);
    expect((await registry.call('DELETE', '/subjects/free-value/versions/1')).body).toMatchObject({ error_code: 40406 });
    expect((await registry.call('DELETE', '/subjects/free-value/versions/1?permanent=true')).body).toBe(1);
    expect((await registry.call('DELETE', '/subjects/free-value?permanent=true')).body).toMatchObject({ error_code: 40405 });
    expect((await registry.call('DELETE', '/subjects/free-value')).body).toEqual([2]);
    expect((await registry.call('DELETE', '/subjects/free-value')).body).toMatchObject({ error_code: 40404 });
    expect((await registry.call('GET', '/subjects')).body).toEqual([]);
    expect((await registry.call('GET', '/subjects?deleted=true')).body).toEqual(['free-value']);
    expect((await registry.call('DELETE', '/subjects/free-value?permanent=true')).body).toEqual([2]);
  });

  it('serves a real client: register, encode, decode, look up', async () => {
    const client = new SchemaRegistry({ host: registry.url });
    const { id } = await client.register({ type: SchemaType.AVRO, schema: simple('R') }, { subject: 'free-value' });
    expect(await client.decode(await client.encode(id, { a: 'xin chào' }))).toMatchObject({ a: 'xin chào' });
    const stranger = new SchemaRegistry({ host: registry.url });
    expect(await stranger.decode(await client.encode(id, { a: 'x' }))).toMatchObject({ a: 'x' });
    expect(await stranger.getLatestSchemaId('free-value')).toBe(id);
    expect(await stranger.getRegistryIdBySchema('free-value', { type: SchemaType.AVRO, schema: simple('R') })).toBe(id);
    // A dataset's subject has its level from the beginning, so the client does not try to set another.
    const full = { subject: `${topic}-value`, compatibility: COMPATIBILITY.FULL_TRANSITIVE };
    const registered = await client.register({ type: SchemaType.AVRO, schema: dataset.valueSchema }, full);
    expect(await stranger.getLatestSchemaId(`${topic}-value`)).toBe(registered.id);
  });

  it('tells its health and its metrics to everybody', async () => {
    await registry.register('free-value', simple('R'));
    expect((await registry.call('GET', '/health/live')).status).toBe(200);
    expect((await registry.call('GET', '/health/ready')).body).toMatchObject({
      status: 'ready',
      database: 'answers',
      policy: 'read',
      rules: true,
    });
    const { body } = await registry.call('GET', '/metrics');
    expect(body).toMatch(/truc_http_requests.*POST \/subjects\/:subject\/versions/);
    expect(body).not.toContain('free-value');
  });

  it('logs what failed when its database does, and nothing of what it was given', async () => {
    const canary = 'canary_001099012345';
    await registry.database.query('DROP TABLE registry.schema CASCADE');
    registry.logged();
    const answer = await registry.register(`${canary}-value`, simple('R', { name: canary, type: 'int' }));
    expect(answer).toMatchObject({ status: 500, body: { error_code: 50001 } });
    const logged = registry.logged();
    expect(logged).toContain('42P01');
    expect(logged).not.toContain(canary);
  });
});
