import { testPostgres } from '@truc/testing';
import { dataset, topic } from './given-policy.test-data.js';
import { RunningRegistry, simple, type Json } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);
const get = async (path: string) => (await registry.call('GET', path)).body;
const staged = (path: string) => `/contexts/.staging${path}`;
const b = { name: 'b', type: 'int', default: 0 };

describe('/contexts', () => {
  beforeEach(() => registry.start(true));

  it('have subjects and ids of their own', async () => {
    await registry.register('s', simple('R'));
    await registry.register('s', simple('R', b));
    expect((await registry.register(':.staging:s', '"int"')).body).toMatchObject({ id: 1, version: 1 });
    expect(await get('/contexts')).toEqual(['.', '.staging']);
    expect(await get('/contexts?contextPrefix=.s&limit=1')).toEqual(['.staging']);
    expect(await get('/contexts?offset=1')).toEqual(['.staging']);
    expect(await get('/subjects')).toEqual([':.staging:s', 's']);
    expect(await get('/subjects?subjectPrefix=:.staging:')).toEqual([':.staging:s']);
    expect(await get('/subjects?subjectPrefix=:*:s')).toEqual([':.staging:s', 's']);
    expect(await get('/subjects?subjectPrefix=:.:')).toEqual(['s']);
    expect(await get('/schemas/ids/1/schema')).toEqual(JSON.parse(simple('R')));
    expect(await get('/schemas/ids/1?subject=:.staging:')).toMatchObject({ schema: '"int"', subject: ':.staging:s' });
    expect(await get('/subjects/:.staging:s/versions/1')).toMatchObject({ subject: ':.staging:s', schema: '"int"' });
    expect(await get('/subjects/:.:s/versions/1')).toMatchObject({ subject: 's', id: 1 });
  });

  it('stand before every path', async () => {
    expect((await registry.call('POST', staged('/subjects/s/versions'), { schema: '"int"' })).body).toMatchObject({ id: 1 });
    await registry.register('s', '"long"');
    expect(await get(staged('/subjects'))).toEqual([':.staging:s']);
    expect(await get(staged('/subjects?subjectPrefix=x'))).toEqual([]);
    expect(await get('/contexts/:.:/subjects')).toEqual(['s']);
    expect(await get(staged('/subjects/s/versions/latest'))).toMatchObject({ subject: ':.staging:s', schema: '"int"' });
    expect(await get('/contexts/staging/subjects/s/versions')).toEqual([1]);
    expect(await get('/contexts/:.staging:/schemas/ids/1')).toMatchObject({ schema: '"int"', subject: ':.staging:s' });
    expect(await get(staged('/schemas/ids/1/subjects'))).toEqual([':.staging:s']);
    expect((await get(staged('/schemas'))).map(({ subject }: Json) => subject)).toEqual([':.staging:s']);
    expect(await get(staged('/schemas/types'))).toEqual(['AVRO']);
    expect((await registry.call('POST', staged('/compatibility/subjects/s/versions/latest'), { schema: '"string"' })).body).toEqual({
      is_compatible: false,
    });
    expect((await registry.call('PUT', staged('/config'), { compatibility: 'NONE' })).body).toEqual({ compatibility: 'NONE' });
    expect((await registry.call('POST', staged('/compatibility/subjects/s/versions/latest'), { schema: '"string"' })).body).toEqual({
      is_compatible: true,
    });
    expect(await get('/config')).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect(await get(staged('/config/s?defaultToGlobal=true'))).toEqual({ compatibilityLevel: 'NONE' });
    expect((await registry.call('PUT', staged('/mode/s'), { mode: 'READONLY' })).body).toEqual({ mode: 'READONLY' });
    expect(await get('/mode/:.staging:s')).toEqual({ mode: 'READONLY' });
    expect((await registry.call('DELETE', staged('/mode?recursive=true'))).status).toBe(200);
    expect(await get('/mode/:.staging:s')).toMatchObject({ error_code: 40409 });
    expect((await registry.call('GET', '/contexts/a%3Ab/subjects')).status).toBe(400);
  });

  it('are looked into for a subject that the default one does not have', async () => {
    await registry.register(':.b:only', '"int"');
    expect(await get('/subjects/only/versions/latest')).toMatchObject({ subject: ':.b:only' });
    expect((await registry.call('POST', '/subjects/only', { schema: '"int"' })).body).toMatchObject({ subject: ':.b:only', version: 1 });
    expect(await get('/subjects/:.c:only/versions/latest')).toMatchObject({ error_code: 40401 });
    await registry.register('other', '"long"');
    expect(await get('/schemas/ids/1?subject=only')).toMatchObject({ subject: ':.b:only', schema: '"int"' });
  });

  it('refer to their own subjects, and to those of others by their whole name', async () => {
    await registry.register(':.a:c', simple('C'));
    const body = (subject: string) => ({
      schema: '{"type":"record","name":"S","fields":[{"name":"c","type":"C"}]}',
      references: [{ name: 'C', subject, version: 1 }],
    });
    expect((await registry.call('POST', '/subjects/:.a:s/versions', body('c'))).body).toMatchObject({ id: 2 });
    expect(await get('/subjects/:.a:s/versions/1?referenceFormat=qualified')).toMatchObject({ references: [{ subject: ':.a:c' }] });
    expect(await get('/subjects/:.a:s/versions/1')).toMatchObject({ references: [{ subject: 'c' }] });
    expect((await registry.call('POST', '/subjects/s/versions', body('c'))).body).toMatchObject({ error_code: 42201 });
    expect((await registry.call('POST', '/subjects/s/versions', body(':.a:c'))).body).toMatchObject({ id: 1 });
    expect((await registry.call('DELETE', '/subjects/:.a:s')).status).toBe(200);
    expect((await registry.call('DELETE', '/subjects/:.a:c')).body).toMatchObject({ error_code: 42206 });
  });

  it('are deleted when they are empty, and never give an id twice', async () => {
    await registry.register(':.a:s', '"int"');
    expect((await registry.call('DELETE', '/contexts/.a')).body).toMatchObject({ error_code: 42211 });
    await registry.call('DELETE', '/subjects/:.a:s');
    await registry.call('DELETE', '/subjects/:.a:s?permanent=true');
    expect((await registry.call('DELETE', '/contexts/.a')).status).toBe(204);
    expect(await get('/contexts')).toEqual(['.']);
    expect((await registry.register(':.a:s', '"long"')).body).toMatchObject({ id: 2 });
    expect(await get('/contexts')).toEqual(['.', '.a']);
  });

  it('do not lead around the dictionary', async () => {
    const name = `${topic}-value`;
    for (const path of [
      `/subjects/:.evil:${name}/versions`,
      `/contexts/.evil/subjects/${name}/versions`,
      `/contexts/evil/subjects/${name}/versions`,
    ]) {
      expect((await registry.call('POST', path, { schema: simple('R') })).body).toMatchObject({ error_code: 42208 });
    }
    // Another way of writing the default one is judged like the default one.
    for (const path of [`/subjects/:.:${name}/versions`, `/contexts/:.:/subjects/${name}/versions`]) {
      expect((await registry.call('POST', path, { schema: simple('R') })).body.violations).toBeDefined();
    }
    expect((await registry.register(`:.:${name}`, dataset.valueSchema)).body).toMatchObject({ id: 1 });
    expect(await get('/subjects?deleted=true')).toEqual([name]);
    for (const force of ['', '?force=true']) {
      await registry.call('PUT', `/mode${force}`, { mode: 'IMPORT' });
      const refused = await registry.call('POST', `/subjects/${name}/versions${force}`, { schema: simple('R'), id: 77, version: 9 });
      expect(refused.status).toBe(422);
    }
    expect(await get(`/subjects/${name}/versions?deleted=true`)).toEqual([1]);
  });
});
