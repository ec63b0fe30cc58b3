import { testPostgres } from '@truc/testing';
import { RunningRegistry, simple, type Json } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);
const get = async (path: string) => (await registry.call('GET', path)).body;
const b = { name: 'b', type: 'int', default: 0 };
const encoded = encodeURIComponent;

describe('/subjects', () => {
  beforeEach(() => registry.start(true));

  it('registers, finds and shows', async () => {
    const schema = simple('R');
    expect(await registry.register('free-value', schema)).toMatchObject({
      status: 200,
      body: { id: 1, version: 1, schemaType: 'AVRO', schema },
    });
    expect(await registry.register('other/value', schema)).toMatchObject({ status: 200, body: { id: 1, version: 1 } });
    expect(await get('/subjects')).toEqual(['free-value', 'other/value']);
    expect(await get('/subjects/free-value/versions')).toEqual([1]);
    for (const version of ['1', 'latest', 'LATEST', '-1', '%201%20']) {
      expect(await get(`/subjects/free-value/versions/${version}`)).toEqual({
        subject: 'free-value',
        version: 1,
        id: 1,
        guid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        schemaType: 'AVRO',
        schema,
        ts: expect.any(Number),
        deleted: false,
      });
    }
    expect(await get('/subjects/free-value/versions/1/schema')).toEqual(JSON.parse(schema));
    const spaced = JSON.stringify(JSON.parse(schema), null, 1);
    expect((await registry.call('POST', '/subjects/free-value', { schema: spaced })).body).toMatchObject({
      id: 1,
      version: 1,
      subject: 'free-value',
    });
    expect((await registry.register('free-value', spaced)).body).toMatchObject({ id: 1, version: 1 });
  });

  it('gives schemas that say the same one id, an inherited namespace and one that is written out too', async () => {
    const nested = (more: object) => ({
      type: 'record',
      name: 'R',
      namespace: 'n',
      fields: [{ name: 'q', type: { type: 'record', name: 'Q', ...more, fields: [] } }],
    });
    expect((await registry.register('a', JSON.stringify(nested({})))).body).toMatchObject({ id: 1, version: 1 });
    expect((await registry.register('a', JSON.stringify(nested({ namespace: 'n' })))).body).toMatchObject({ id: 1, version: 1 });
    expect((await registry.register('b', JSON.stringify(nested({ namespace: 'n' })))).body).toMatchObject({ id: 1, version: 1 });
    expect(await get('/schemas/ids/1/schema')).toEqual(nested({}));
    expect((await registry.register('c', '{"type":"string"}')).body.schema).toBe('"string"');
  });

  it.each(['a/b', 'đơn hàng', 'two words', 'a%2Fb', '👍', 'a?b#c', 'a:b', '*'])('takes the name %s as it is', async (subject) => {
    expect(await registry.register(subject, '"int"')).toMatchObject({ status: 200 });
    expect(await get('/subjects')).toEqual([subject]);
    expect(await get(`/subjects/${encoded(subject)}/versions/latest`)).toMatchObject({ subject });
    expect((await registry.call('PUT', `/config/${encoded(subject)}`, { compatibility: 'NONE' })).status).toBe(200);
    expect(await get(`/config/${encoded(subject)}`)).toEqual({ compatibilityLevel: 'NONE' });
    expect((await registry.call('DELETE', `/subjects/${encoded(subject)}`)).body).toEqual([1]);
  });

  it.each([
    ['GET', '/subjects/none/versions', undefined, 404, 40401],
    ['GET', '/subjects/none/versions/1', undefined, 404, 40401],
    ['GET', '/subjects/none/versions/latest', undefined, 404, 40401],
    ['GET', '/subjects/none/versions/x', undefined, 422, 42202],
    ['GET', '/subjects/free-value/versions/9', undefined, 404, 40402],
    ['GET', '/subjects/free-value/versions/0', undefined, 422, 42202],
    ['GET', '/subjects/free-value/versions/-2', undefined, 422, 42202],
    ['GET', '/subjects/free-value/versions/1.0', undefined, 422, 42202],
    ['GET', '/subjects/free-value/versions/2147483648', undefined, 422, 42202],
    ['GET', '/subjects/free-value/versions/x/schema', undefined, 422, 42202],
    ['GET', '/subjects/free-value/versions/9/schema', undefined, 404, 40402],
    ['GET', '/subjects/free-value/versions/9/referencedby', undefined, 404, 40402],
    ['GET', '/subjects/none/versions/1/referencedby', undefined, 404, 40401],
    ['GET', '/subjects/none/metadata', undefined, 404, 40401],
    ['GET', '/subjects/free-value/metadata?key=a&value=b', undefined, 404, 40403],
    ['GET', '/subjects/%00/versions', undefined, 404, 40401],
    ['POST', '/subjects/free-value', { schema: '"int"' }, 404, 40403],
    ['POST', '/subjects/none', { schema: '"int"' }, 404, 40401],
    ['POST', '/subjects/free-value', { schema: '{' }, 422, 42201],
    ['DELETE', '/subjects/none', undefined, 404, 40401],
    ['DELETE', '/subjects/none/versions/1', undefined, 404, 40401],
    ['DELETE', '/subjects/free-value/versions/7', undefined, 404, 40402],
    ['DELETE', '/subjects/free-value/versions/x', undefined, 422, 42202],
    ['POST', '/subjects/free-value/versions', '{"schema": ', 400, 400],
    ['POST', '/subjects/free-value/versions', undefined, 422, 422],
    ['POST', '/subjects/free-value/versions', '[]', 400, 400],
    ['POST', '/subjects/free-value/versions', '"text"', 400, 400],
    ['POST', '/subjects/free-value/versions', { schema: 5 }, 400, 400],
    ['POST', '/subjects/free-value/versions', { schema: '"int"', references: {} }, 400, 400],
    ['POST', '/subjects/free-value/versions', { schema: '"int"', references: [{ name: 'x' }] }, 400, 400],
    ['POST', '/subjects/free-value/versions', { schema: '"int"', version: 'one' }, 400, 400],
    ['POST', '/subjects/free-value/versions', { schema: '"int"', metadata: { properties: { a: '\u0000' } } }, 400, 400],
    ['POST', '/subjects/free-value/versions', { schema: '"int"', ruleSet: { domainRules: [{ name: 'a', kind: 'SOME' }] } }, 400, 400],
    ['POST', '/subjects/free-value/versions', { schema: '"int"', ruleSet: { domainRules: [{ name: 'a' }] } }, 422, 42210],
    ['POST', '/subjects/new-value/versions', { schema: '' }, 422, 42201],
    ['POST', '/subjects/new-value/versions', {}, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: '{' }, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: '\u0000' }, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: '"nothing"' }, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: '{"type":"record","name":"R"}' }, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: '"int"', references: [{ name: 'C', subject: 'c', version: 1 }] }, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: 'syntax = "proto3";', schemaType: 'PROTOBUF' }, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: '{}', schemaType: 'JSON' }, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: '"int"', schemaType: 'avro' }, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: '"int"', id: 7 }, 422, 42205],
    ['POST', '/subjects/free-value/versions', { schema: '"int"', id: 0 }, 422, 42205],
    ['POST', '/subjects/free-value/versions', { schema: simple('R', b), version: 4 }, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: '"int"' }, 409, 409],
    ['POST', '/subjects/%0A/versions', { schema: '"int"' }, 422, 42208],
    ['POST', '/subjects/%00/versions', { schema: '"int"' }, 422, 42208],
    ['POST', '/subjects/__GLOBAL/versions', { schema: '"int"' }, 422, 42208],
    ['POST', `/subjects/${'x'.repeat(256)}/versions`, { schema: '"int"' }, 422, 42208],
    ['POST', '/subjects/%3A.other%3Adata.g01.x.v1-value/versions', { schema: '"int"' }, 422, 42208],
    ['POST', '/subjects/free-value/versions', { schema: 'x'.repeat(70_000) }, 422, 42201],
    ['POST', '/subjects/free-value/versions', { schema: 'x'.repeat(300_000) }, 422, 42201],
    ['GET', '/subjects/%ff', undefined, 400, 400],
    ['GET', '/subjects?limit=x', undefined, 404, 404],
    ['GET', '/subjects/free-value', undefined, 405, 405],
    ['PUT', '/subjects', {}, 405, 405],
  ])('%s %s %j is answered with its code', async (method, path, body, status, errorCode) => {
    await registry.register('free-value', simple('R'));
    const answer = await registry.call(method, path, body);
    expect(answer).toMatchObject({ status, body: { error_code: errorCode, message: expect.any(String) } });
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|\.js:/);
  });

  it('says why JSON Schema and Protobuf are refused', async () => {
    for (const schemaType of ['JSON', 'PROTOBUF']) {
      const { body } = await registry.call('POST', '/subjects/s/versions', { schema: '{}', schemaType });
      expect(body.message).toMatch(new RegExp(`^Invalid schema type ${schemaType}: this registry keeps Avro only, because`));
    }
  });

  it('lists subjects by prefix, state and page', async () => {
    for (const subject of ['b-value', 'a-value', 'a-key', 'c']) await registry.register(subject, '"int"');
    await registry.call('DELETE', '/subjects/a-key');
    expect(await get('/subjects')).toEqual(['a-value', 'b-value', 'c']);
    expect(await get('/subjects?subjectPrefix=a')).toEqual(['a-value']);
    expect(await get('/subjects?subjectPrefix=a&deleted=true')).toEqual(['a-key', 'a-value']);
    expect(await get('/subjects?deletedOnly=true')).toEqual(['a-key']);
    expect(await get('/subjects?deletedOnly=true&deleted=true')).toEqual(['a-key']);
    expect(await get('/subjects?deleted=TRUE&offset=1&limit=2')).toEqual(['a-value', 'b-value']);
    expect(await get('/subjects?offset=2')).toEqual(['c']);
    expect(await get('/subjects?limit=0')).toHaveLength(3);
    expect(await get('/subjects?limit=-1&offset=-5')).toHaveLength(3);
    expect(await get('/subjects?deleted=yes')).toHaveLength(3);
    expect(await get('/subjects?subjectPrefix=%25')).toEqual([]);
    expect(await get('/subjects?subjectPrefix=%00')).toMatchObject({ error_code: 400 });
  });

  it('lists versions by state and page', async () => {
    for (const count of [0, 1, 2, 3])
      await registry.register('s', simple('R', ...Array.from({ length: count }, (_, index) => ({ ...b, name: `b${index}` }))));
    await registry.call('DELETE', '/subjects/s/versions/2');
    expect(await get('/subjects/s/versions')).toEqual([1, 3, 4]);
    expect(await get('/subjects/s/versions?deleted=true')).toEqual([1, 2, 3, 4]);
    expect(await get('/subjects/s/versions?deletedOnly=true')).toEqual([2]);
    expect(await get('/subjects/s/versions?deletedAsNegative=true')).toEqual([1, -2, 3, 4]);
    expect(await get('/subjects/s/versions?offset=1&limit=1')).toEqual([3]);
    expect((await registry.call('GET', '/subjects/s/versions/2')).body).toMatchObject({ error_code: 40402 });
    expect(await get('/subjects/s/versions/2?deleted=true')).toMatchObject({ version: 2, deleted: true });
    await registry.call('DELETE', '/subjects/s');
    expect(await get('/subjects/s/versions')).toMatchObject({ error_code: 40401 });
    expect(await get('/subjects/s/versions?deletedAsNegative=true')).toMatchObject({ error_code: 40401 });
    expect(await get('/subjects/s/versions/latest?deleted=true')).toMatchObject({ error_code: 40402, message: 'Version -1 not found.' });
  });

  it('deletes softly, then for good, with its errors in their order', async () => {
    await registry.register('s', simple('R'));
    await registry.register('s', simple('R', b));
    expect((await registry.call('DELETE', '/subjects/s/versions/1?permanent=true')).body).toMatchObject({ error_code: 40407 });
    expect((await registry.call('DELETE', '/subjects/s/versions/1')).body).toBe(1);
    expect((await registry.call('DELETE', '/subjects/s/versions/1')).body).toMatchObject({ error_code: 40406 });
    expect((await registry.call('DELETE', '/subjects/s/versions/1?permanent=true')).body).toBe(1);
    expect((await registry.call('DELETE', '/subjects/s/versions/1')).body).toMatchObject({ error_code: 40402 });
    expect((await registry.call('DELETE', '/subjects/s?permanent=true')).body).toMatchObject({ error_code: 40405 });
    expect((await registry.call('DELETE', '/subjects/s')).body).toEqual([2]);
    expect((await registry.call('DELETE', '/subjects/s')).body).toMatchObject({ error_code: 40404 });
    expect((await registry.call('DELETE', '/subjects/s/versions/latest?permanent=true')).body).toMatchObject({ error_code: 40402 });
    await registry.call('PUT', '/config/s', { compatibility: 'NONE' });
    expect((await registry.call('DELETE', '/subjects/s?permanent=true')).body).toEqual([2]);
    expect((await registry.call('DELETE', '/subjects/s?permanent=true')).body).toMatchObject({ error_code: 40401 });
    expect((await registry.call('GET', '/config/s')).status).toBe(404);
    expect((await registry.register('s', simple('R', b))).body).toMatchObject({ id: 2, version: 1 });
    expect((await registry.register('t', '"long"')).body).toMatchObject({ id: 3 });
  });

  it('keeps what is referred to, and tells by whom', async () => {
    await registry.register('c', simple('C'));
    const references = [{ name: 'C', subject: 'c', version: -1 }];
    const schema = '{"type":"record","name":"S","fields":[{"name":"c","type":"C"}]}';
    const made = await registry.call('POST', '/subjects/s/versions', { schema, references });
    // The latest version is the one that it is at this moment.
    expect(made.body).toMatchObject({ id: 2, schema, references: [{ name: 'C', subject: 'c', version: 1 }] });
    expect(await get('/subjects/c/versions/1/referencedby')).toEqual([2]);
    expect(await get('/subjects/c/versions/latest/referencedby?offset=1')).toEqual([]);
    for (const path of ['/subjects/c', '/subjects/c/versions/1', '/subjects/c?permanent=true']) {
      expect((await registry.call('DELETE', path)).body).toMatchObject({ error_code: 42206 });
    }
    await registry.call('DELETE', '/subjects/s');
    expect(await get('/subjects/c/versions/1/referencedby')).toEqual([]);
    expect(await get('/subjects/c/versions/1/referencedby?deleted=true')).toEqual([2]);
    expect((await registry.call('DELETE', '/subjects/c')).body).toEqual([1]);
    expect((await registry.call('DELETE', '/subjects/c?permanent=true')).body).toMatchObject({ error_code: 42206 });
    expect((await registry.call('DELETE', '/subjects/s?permanent=true')).body).toEqual([1]);
    expect((await registry.call('DELETE', '/subjects/c?permanent=true')).body).toEqual([1]);
  });

  it('finds a schema whose references are written inside', async () => {
    await registry.register('c', simple('C'));
    const schema = '{"type":"record","name":"S","fields":[{"name":"c","type":"C"}]}';
    const body = { schema, references: [{ name: 'C', subject: 'c', version: 1 }] };
    await registry.call('POST', '/subjects/s/versions', body);
    const whole = `{"type":"record","name":"S","fields":[{"name":"c","type":${simple('C')}}]}`;
    for (const asked of [body, { schema: whole }]) {
      expect((await registry.call('POST', '/subjects/s', asked)).body).toMatchObject({ id: 2, version: 1 });
    }
    expect((await get('/subjects/s/versions/1?format=resolved')).schema).toBe(whole);
    expect(await get('/schemas/ids/2/schema?format=resolved')).toEqual(JSON.parse(whole));
    expect((await get('/subjects/s/versions/1?format=unheard')).schema).toBe(schema);
  });

  it('keeps metadata and rules, merges what the settings say, and hands them out', async () => {
    const rule = { name: 'check', kind: 'CONDITION', mode: 'WRITE', type: 'CEL', expr: 'true', tags: ['PII'] };
    const body = {
      schema: simple('R'),
      metadata: { properties: { owner: 'x' }, tags: { '**.a': ['PII'] }, sensitive: ['owner'] },
      ruleSet: { domainRules: [rule] },
    };
    const made = (await registry.call('POST', '/subjects/s/versions', body)).body;
    expect(made).toMatchObject(body);
    expect(await get('/subjects/s/versions/1')).toMatchObject({ ...body, ruleSet: { domainRules: [{ ...rule, disabled: false }] } });
    expect(await get('/schemas/ids/1')).toMatchObject(body);
    // The schema alone has them all the same, and another one takes them over.
    expect((await registry.register('s', simple('R'))).body).toMatchObject({ id: 1, version: 1 });
    expect((await registry.call('POST', '/subjects/s', { schema: simple('R') })).body).toMatchObject({ id: 1 });
    expect((await registry.register('s', simple('R', b))).body).toMatchObject({ id: 2, metadata: body.metadata, ruleSet: body.ruleSet });
    // New metadata alone make a new version of the same schema.
    expect((await registry.call('POST', '/subjects/s/versions', { metadata: { properties: { owner: 'y' } } })).body).toMatchObject({
      id: 3,
      version: 3,
      schema: simple('R', b),
      metadata: { properties: { owner: 'y' } },
    });
    expect(await get('/subjects/s/metadata?key=owner&value=x')).toMatchObject({ version: 2 });
    await registry.call('PUT', '/config/s', {
      defaultMetadata: { properties: { team: 'a' } },
      overrideMetadata: { properties: { owner: 'z' } },
    });
    const merged = await registry.call('POST', '/subjects/s/versions', {
      schema: simple('R', b),
      metadata: { properties: { owner: 'me' } },
    });
    expect(merged.body).toMatchObject({ version: 4, metadata: { properties: { owner: 'z', team: 'a' } } });
    expect(
      (await registry.call('POST', '/subjects/s/versions', { schema: simple('R', b), version: 5 })).body.metadata.properties,
    ).toMatchObject({
      'confluent:version': '5',
    });
  });

  it('keeps one spelling where it is asked to normalize', async () => {
    const spelled = (doc: string) => `{"z":1,"a":2,"name":"R","type":"record","fields":[],"doc":"${doc}"}`;
    const made = await registry.call('POST', '/subjects/s/versions?normalize=true', { schema: spelled('d') });
    expect(made.body.schema).toBe('{"name":"R","type":"record","fields":[],"doc":"d","a":2,"z":1}');
    await registry.call('PUT', '/config/t', { normalize: true });
    expect((await registry.register('t', spelled('e'))).body.schema).toBe('{"name":"R","type":"record","fields":[],"doc":"e","a":2,"z":1}');
  });

  it('follows an alias', async () => {
    await registry.register('real', simple('R'));
    await registry.call('PUT', '/config/also', { alias: 'real' });
    expect(await get('/subjects/also/versions/latest')).toMatchObject({ subject: 'real', id: 1 });
    expect((await registry.register('also', simple('R', b))).body).toMatchObject({ version: 2 });
    expect(await get('/subjects')).toEqual(['real']);
    expect((await get('/schemas?aliases=true')).map(({ aliases }: Json) => aliases)).toEqual([['also'], ['also']]);
    expect((await get('/schemas?aliases=true&subjectPrefix=al')).map(({ subject }: Json) => subject)).toEqual(['real', 'real']);
    expect((await registry.call('DELETE', '/subjects/also')).body).toEqual([1, 2]);
  });
});
