import { compileCodec } from '@truc/avro';
import { RegistryClient } from '@truc/registry-client';
import { testPostgres } from '@truc/testing';
import { RunningRegistry, simple, type Json } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);
const get = async (path: string) => (await registry.call('GET', path)).body;
const b = { name: 'b', type: 'int', default: 0 };

describe('/schemas', () => {
  beforeEach(() => registry.start(true));

  it('hands the flows a schema with all that it refers to inside', async () => {
    await registry.register('inner', simple('Inner'));
    const schema = JSON.stringify({ type: 'record', name: 'Outer', fields: [{ name: 'inner', type: 'Inner' }] });
    const references = [{ name: 'Inner', subject: 'inner', version: 1 }];
    const { body } = await registry.call('POST', '/subjects/outer/versions', { schema, references });
    const flow = new RegistryClient({ url: registry.url, credentials: null });
    expect(compileCodec((await flow.schemaById(body.id)) ?? '').schema).toMatchObject({ name: 'Outer' });
  });

  it('shows a schema by its id', async () => {
    const schema = simple('R');
    await registry.register('s', schema);
    await registry.register('t', schema);
    const whole = { guid: expect.any(String), schemaType: 'AVRO', schema, ts: expect.any(Number), deleted: false };
    expect(await get('/schemas/ids/1')).toEqual(whole);
    expect(await get('/schemas/ids/1?fetchMaxId=true')).toEqual({ ...whole, maxId: 1 });
    expect(await get('/schemas/ids/1?subject=t')).toEqual({ subject: 't', version: 1, ...whole });
    expect(await get('/schemas/ids/1?subject=elsewhere')).toMatchObject({ subject: 's', schema });
    expect(await get('/schemas/ids/1/schema')).toEqual(JSON.parse(schema));
    expect(await get('/schemas/ids/1/subjects')).toEqual(['s', 't']);
    expect(await get('/schemas/ids/1/subjects?offset=1&limit=1')).toEqual(['t']);
    expect(await get('/schemas/ids/1/versions')).toEqual([
      { subject: 's', version: 1 },
      { subject: 't', version: 1 },
    ]);
    expect(await get('/schemas/ids/1/versions?limit=1')).toHaveLength(1);
    expect(await get('/schemas/types')).toEqual(['AVRO']);
  });

  it('goes on showing what was deleted softly, and not what was deleted for good', async () => {
    await registry.register('s', '"int"');
    await registry.call('DELETE', '/subjects/s');
    expect(await get('/schemas/ids/1')).toMatchObject({ schema: '"int"', deleted: true });
    expect(await get('/schemas/ids/1/subjects')).toEqual([]);
    expect(await get('/schemas/ids/1/subjects?deleted=true')).toEqual(['s']);
    expect(await get('/schemas/ids/1/versions')).toEqual([]);
    expect(await get('/schemas/ids/1/versions?deleted=true')).toEqual([{ subject: 's', version: 1 }]);
    const { guid } = await get('/schemas/ids/1');
    await registry.call('DELETE', '/subjects/s?permanent=true');
    for (const path of [
      '/schemas/ids/1',
      '/schemas/ids/1/schema',
      '/schemas/ids/1/subjects',
      '/schemas/ids/1/versions',
      `/schemas/guids/${guid}`,
    ]) {
      expect(await get(path)).toMatchObject({ error_code: 40403 });
    }
    expect(await get(`/schemas/guids/${guid}/ids`)).toEqual([]);
  });

  it.each([
    ['/schemas/ids/99', 40403, 404],
    ['/schemas/ids/-1', 40403, 404],
    ['/schemas/ids/0', 40403, 404],
    ['/schemas/ids/99999999999999', 404, 404],
    ['/schemas/ids/x', 404, 404],
    ['/schemas/ids/1.0', 404, 404],
    ['/schemas/ids/x/schema', 404, 404],
    ['/schemas/ids/99/schema', 40403, 404],
    ['/schemas/ids/99/subjects', 40403, 404],
    ['/schemas/ids/99/versions', 40403, 404],
    ['/schemas/ids/1?subject=%3A.other%3A', 40403, 404],
    ['/schemas/ids/1?subject=%00', 40401, 404],
    ['/schemas/guids/00000000-0000-0000-0000-000000000000', 40403, 404],
    ['/schemas/guids/nonsense', 40403, 404],
    ['/schemas?offset=x', 404, 404],
    ['/schemas?limit=99999999999', 404, 404],
    ['/schemas/ids', 404, 404],
    ['/schemas/nothing', 404, 404],
  ])('%s is answered with %d', async (path, errorCode, status) => {
    await registry.register('s', '"int"');
    expect(await registry.call('GET', path)).toMatchObject({ status, body: { error_code: errorCode, message: expect.any(String) } });
  });

  it('finds by the GUID that Confluent gives, in whatever context', async () => {
    const { body } = await registry.register('s', '{ "type": "string" }');
    expect(body.guid).toBe('095d71cf-1255-6b9d-5e33-0ad575b3df5d');
    await registry.register(':.other:s', '"string"');
    expect(await get(`/schemas/guids/${body.guid}`)).toMatchObject({ schema: '"string"', guid: body.guid });
    expect(await get(`/schemas/guids/${body.guid.toUpperCase()}`)).toMatchObject({ schema: '"string"' });
    expect(await get(`/schemas/guids/${body.guid}/ids`)).toEqual([
      { context: '.', id: 1 },
      { context: '.other', id: 1 },
    ]);
  });

  it('lists versions by prefix, state, rule and page', async () => {
    const ruleSet = { domainRules: [{ name: 'r', type: 'ENCRYPT' }] };
    await registry.register('a', simple('A'));
    await registry.register('a', simple('A', b));
    await registry.call('POST', '/subjects/b/versions', { schema: simple('B'), ruleSet });
    await registry.register(':.c:a', simple('A'));
    const told = async (query: string) => (await get(`/schemas${query}`)).map(({ subject, version }: Json) => `${subject} ${version}`);
    expect(await told('')).toEqual([':.c:a 1', 'a 1', 'a 2', 'b 1']);
    expect(await told('?latestOnly=true')).toEqual([':.c:a 1', 'a 2', 'b 1']);
    expect(await told('?subjectPrefix=a')).toEqual(['a 1', 'a 2']);
    expect(await told('?subjectPrefix=:.c:')).toEqual([':.c:a 1']);
    expect(await told('?subjectPrefix=:*:a')).toEqual([':.c:a 1', 'a 1', 'a 2']);
    expect(await told('?ruleType=ENCRYPT')).toEqual(['b 1']);
    expect(await told('?ruleType=CEL')).toEqual([]);
    expect(await told('?offset=1&limit=2')).toEqual(['a 1', 'a 2']);
    expect(await told('?limit=5000')).toHaveLength(4);
    await registry.call('DELETE', '/subjects/a/versions/2');
    expect(await told('?latestOnly=true&subjectPrefix=a')).toEqual(['a 1']);
    expect(await told('?latestOnly=true&subjectPrefix=a&deleted=true')).toEqual(['a 2']);
  });
});
