import { testPostgres } from '@truc/testing';
import { RunningRegistry, simple } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);
const get = async (path: string) => (await registry.call('GET', path)).body;
const post = async (path: string, body: unknown) => (await registry.call('POST', path, body)).body;
const tag = (entityPath: string, ...tags: string[]) => ({ schemaEntity: { entityPath, entityType: 'sr_field' }, tags });
const rule = (name: string) => ({ name, kind: 'TRANSFORM', mode: 'WRITEREAD', type: 'ENCRYPT', disabled: false });
const b = { name: 'b', type: 'int', default: 0 };

describe('tags of schemas', () => {
  beforeEach(() => registry.start(true));

  it('make a new version of the same schema, with rules and metadata', async () => {
    await post('/subjects/s/versions', { schema: simple('R'), ruleSet: { domainRules: [rule('one'), rule('two')] } });
    const made = await post('/subjects/s/versions/latest/tags', {
      tagsToAdd: [tag('R.a', 'PII')],
      newVersion: 2,
      rulesToMerge: { domainRules: [rule('three')] },
      rulesToRemove: ['one'],
    });
    expect(made).toMatchObject({ version: 2, metadata: { properties: { 'confluent:version': '2' } } });
    expect(made.ruleSet.domainRules.map(({ name }: { name: string }) => name)).toEqual(['two', 'three']);
    expect(JSON.parse(made.schema).fields).toEqual([{ name: 'a', type: 'string', 'confluent:tags': ['PII'] }]);
    expect(await get('/subjects/s/versions/2?findTags=PII')).toMatchObject({ schemaTags: [tag('R.a', 'PII')] });
    expect(await get(`/schemas/ids/${made.id}?findTags=*`)).toMatchObject({ schemaTags: [tag('R.a', 'PII')] });
    expect(await get('/subjects/s/versions/2?findTags=OTHER')).not.toHaveProperty('schemaTags');
    expect(await post('/subjects/s/versions/2/tags', { tagsToRemove: [tag('R.a', 'PII')] })).toMatchObject({
      version: 3,
      schema: simple('R'),
    });
  });

  it('add to the rules of the version before the new one, note its version, and change nothing where nothing is asked for', async () => {
    const named = (...names: string[]) => ({ domainRules: names.map(rule) });
    const rulesOf = (answer: { ruleSet?: { domainRules: { name: string }[] } }) => answer.ruleSet?.domainRules.map(({ name }) => name);
    await post('/subjects/s/versions', { schema: simple('R'), ruleSet: named('one') });
    await post('/subjects/s/versions', { schema: simple('R', b), ruleSet: named('two') });
    const made = await post('/subjects/s/versions/1/tags', { rulesToMerge: named('three') });
    expect(made).toMatchObject({ version: 3, schema: simple('R'), metadata: { properties: { 'confluent:version': '3' } } });
    expect(rulesOf(made)).toEqual(['two', 'three']);
    expect(rulesOf(await post('/subjects/s/versions/1/tags', { tagsToAdd: [tag('R.a', 'PII')] }))).toEqual(['two', 'three']);
    expect(await post('/subjects/s/versions/latest/tags', {})).toMatchObject({ version: 4 });
    expect(rulesOf(await post('/subjects/s/versions/2/tags', { rulesToMerge: named('four'), newVersion: 5 }))).toEqual([
      'two',
      'three',
      'four',
    ]);
  });

  it('come with a registration, and go on to the next where that is asked for', async () => {
    await post('/subjects/s/versions', { schema: simple('R'), schemaTagsToAdd: [tag('R.a', 'PII')] });
    const kept = await post('/subjects/s/versions', { schema: simple('R', b), propagateSchemaTags: true });
    expect(JSON.parse(kept.schema).fields[0]).toEqual({ name: 'a', type: 'string', 'confluent:tags': ['PII'] });
    const left = await post('/subjects/s/versions', { schema: simple('R', b, { ...b, name: 'c' }) });
    expect(JSON.parse(left.schema).fields[0]).toEqual({ name: 'a', type: 'string' });
  });

  it.each([
    ['/subjects/none/versions/1/tags', {}, 404, 40401],
    ['/subjects/s/versions/9/tags', {}, 404, 40402],
    ['/subjects/s/versions/x/tags', {}, 422, 42202],
    ['/subjects/s/versions/1/tags', { tagsToAdd: [tag('R.none', 'X')] }, 422, 42201],
    ['/subjects/s/versions/1/tags', { tagsToAdd: [tag('R.a', 'X')], newVersion: 7 }, 422, 42201],
    ['/subjects/s/versions/1/tags', { tagsToAdd: 'X' }, 400, 400],
    ['/subjects/s/versions/1/tags', { ruleSet: {}, rulesToRemove: ['x'] }, 422, 42210],
    ['/subjects/s/versions/1/tags', undefined, 422, 422],
    ['/subjects/s/versions', { schema: simple('R'), schemaTagsToAdd: [tag('R.none', 'X')] }, 422, 42201],
    ['/subjects/s/versions', { schema: '{', schemaTagsToAdd: [tag('R.a', 'X')] }, 422, 42201],
  ])('%s %j is answered with its code', async (path, body, status, errorCode) => {
    await registry.register('s', simple('R'));
    expect(await registry.call('POST', path, body)).toMatchObject({ status, body: { error_code: errorCode } });
  });

  it('and rules and metadata come to no more than there may be of them, merged or sent', async () => {
    const named = (count: number, prefix: string) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, '']));
    const rules = (count: number, prefix: string) => ({ domainRules: Object.keys(named(count, prefix)).map(rule) });
    expect(await post('/subjects/s/versions', { schema: simple('R'), ruleSet: rules(200, 'a') })).toMatchObject({ id: 1 });
    const merged = await registry.call('POST', '/subjects/s/versions/1/tags', { rulesToMerge: rules(57, 'b') });
    expect(merged).toMatchObject({ status: 422, body: { error_code: 42210, message: expect.stringContaining('257') } });
    expect(await post('/subjects/s/versions/1/tags', { rulesToMerge: rules(56, 'b') })).toMatchObject({ version: 2 });
    const params = { domainRules: [{ ...rule('a'), params: named(257, 'p') }] };
    for (const path of ['/subjects/t/versions', '/subjects/t', '/compatibility/subjects/t/versions'])
      expect(await registry.call('POST', path, { schema: simple('R'), ruleSet: params })).toMatchObject({
        status: 422,
        body: { error_code: 42210 },
      });

    const metadata = (count: number, prefix = 'p') => ({ properties: named(count, prefix) });
    const many = { status: 422, body: { error_code: 42201, message: expect.stringContaining('1001') } };
    expect(await registry.call('POST', '/subjects/t/versions', { schema: simple('R'), metadata: metadata(1_001) })).toMatchObject(many);
    expect(await registry.call('PUT', '/config/t', { defaultMetadata: metadata(1_001) })).toMatchObject(many);
    expect((await registry.call('PUT', '/config/t', { defaultMetadata: metadata(600, 'd') })).status).toBe(200);
    expect(await registry.call('POST', '/subjects/t/versions', { schema: simple('R'), metadata: metadata(401) })).toMatchObject(many);
    expect(await post('/subjects/t/versions', { schema: simple('R'), metadata: metadata(400) })).toMatchObject({ version: 1 });
  });
});
