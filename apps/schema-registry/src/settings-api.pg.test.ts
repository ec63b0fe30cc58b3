import { testPostgres } from '@truc/testing';
import { RunningRegistry, simple } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);
const get = async (path: string) => (await registry.call('GET', path)).body;
const put = async (path: string, body: object) => (await registry.call('PUT', path, body)).body;
const remove = async (path: string) => (await registry.call('DELETE', path)).body;
const b = { name: 'b', type: 'int', default: 0 };

describe('/config', () => {
  beforeEach(() => registry.start(true));

  it('has BACKWARD for all, and what is set for all or for one', async () => {
    expect(await get('/config')).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect(await get('/config/s')).toMatchObject({ error_code: 40408 });
    expect(await get('/config/s?defaultToGlobal=true')).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect(await put('/config', { compatibility: 'NONE' })).toEqual({ compatibility: 'NONE' });
    expect(await get('/config?defaultToGlobal=true')).toEqual({ compatibilityLevel: 'NONE' });
    expect(await put('/config/s', { compatibility: 'full' })).toEqual({ compatibility: 'FULL' });
    expect(await get('/config/s')).toEqual({ compatibilityLevel: 'FULL' });
    expect(await get('/config/t?defaultToGlobal=true')).toEqual({ compatibilityLevel: 'NONE' });
    expect(await remove('/config/s')).toEqual({ compatibilityLevel: 'FULL' });
    expect(await remove('/config/s')).toMatchObject({ error_code: 40401 });
    expect(await remove('/config')).toEqual({ compatibilityLevel: 'NONE' });
    expect(await remove('/config')).toEqual({ compatibilityLevel: 'BACKWARD' });
  });

  it('keeps everything that Confluent keeps, changes what is named and takes back what is null', async () => {
    const all = {
      alias: 'other',
      aliasForDeks: 'keys',
      normalize: true,
      validateFields: false,
      validateNewSchemas: true,
      validateRules: false,
      compatibilityPolicy: 'LENIENT',
      compatibilityGroup: 'major',
      defaultMetadata: { properties: { a: '1' } },
      overrideMetadata: { tags: { f: ['PII'] } },
      defaultRuleSet: { domainRules: [{ name: 'r', kind: 'TRANSFORM', mode: 'WRITEREAD', type: 'CEL', disabled: false }] },
      overrideRuleSet: {},
    };
    expect(await put('/config/s', { compatibility: 'FORWARD', ...all, unheard: 1 })).toEqual({ compatibility: 'FORWARD', ...all });
    expect(await put('/config/s', { alias: null, compatibilityGroup: 'minor' })).toMatchObject({
      compatibility: 'FORWARD',
      compatibilityGroup: 'minor',
    });
    const { alias, ...others } = all;
    expect(alias).toBe('other');
    expect(await get('/config/s')).toEqual({ compatibilityLevel: 'FORWARD', ...others, compatibilityGroup: 'minor' });
    expect(await put('/config/s', {})).toMatchObject({ compatibility: 'FORWARD' });
  });

  it.each([
    ['PUT', '/config', { compatibility: 'SOME' }, 422, 42203],
    ['PUT', '/config/s', { compatibility: '' }, 422, 42203],
    ['PUT', '/config', undefined, 422, 422],
    ['PUT', '/config', '[]', 400, 400],
    ['PUT', '/config', { normalize: 'perhaps' }, 400, 400],
    ['PUT', '/config', { compatibility: 4 }, 400, 400],
    ['PUT', '/config', { defaultMetadata: { properties: { a: '\u0000' } } }, 400, 400],
    ['PUT', '/config', { overrideRuleSet: { migrationRules: [{ name: 'm', type: 'JSONATA', mode: 'READ' }] } }, 422, 42210],
    ['PUT', '/config/%0A', { compatibility: 'NONE' }, 422, 42208],
    ['PUT', '/config/__EMPTY', { compatibility: 'NONE' }, 422, 42208],
    ['PUT', '/config/%3A.x%3Adata.g01.x.v1-value', { compatibility: 'NONE' }, 422, 42208],
    ['PUT', '/config/data.g01.x.v1-value', { alias: 'free' }, 422, 42205],
    ['PUT', '/config/data.g01.x.v1-value', { compatibilityGroup: 'major' }, 422, 42205],
    ['PUT', '/config/free', { alias: 'data.g01.x.v1-value' }, 422, 42205],
    ['GET', '/config/%00', undefined, 400, 400],
    ['DELETE', '/config/none', undefined, 404, 40401],
    ['POST', '/config', {}, 405, 405],
  ])('%s %s %j is answered with its code', async (method, path, body, status, errorCode) => {
    expect(await registry.call(method, path, body)).toMatchObject({ status, body: { error_code: errorCode } });
  });
});

describe('/mode', () => {
  beforeEach(() => registry.start(true));
  const readOnly = { error_code: 42205 };

  it('is READWRITE for all, and what is set for all or for one', async () => {
    expect(await get('/mode')).toEqual({ mode: 'READWRITE' });
    expect(await get('/mode/s')).toMatchObject({ error_code: 40409 });
    expect(await get('/mode/s?defaultToGlobal=true')).toEqual({ mode: 'READWRITE' });
    expect(await put('/mode/s', { mode: 'readonly' })).toEqual({ mode: 'READONLY' });
    expect(await get('/mode/s')).toEqual({ mode: 'READONLY' });
    expect(await put('/mode/s', { mode: null })).toEqual({ mode: null });
    expect(await remove('/mode/s')).toMatchObject({ error_code: 40401 });
    await put('/mode/s', { mode: 'READONLY' });
    expect(await remove('/mode?recursive=true')).toEqual({ mode: 'READWRITE' });
    expect(await get('/mode/s')).toMatchObject({ error_code: 40409 });
  });

  it('READONLY lets nothing be registered, deleted or configured, for one or for all', async () => {
    await registry.register('s', simple('R'));
    for (const path of ['/mode/s', '/mode']) {
      expect(await put(path, { mode: 'READONLY' })).toEqual({ mode: 'READONLY' });
      expect((await registry.register('s', simple('R', b))).body).toMatchObject(readOnly);
      expect(await remove('/subjects/s')).toMatchObject(readOnly);
      expect(await remove('/subjects/s/versions/1')).toMatchObject(readOnly);
      expect(await put('/config/s', { compatibility: 'NONE' })).toMatchObject(readOnly);
      expect(await remove('/config/s')).toMatchObject({ error_code: 40401 });
      expect(await get('/subjects/s/versions/1')).toMatchObject({ version: 1 });
      // What is there already is found, as in every mode.
      expect((await registry.register('s', simple('R'))).body).toMatchObject({ id: 1, version: 1 });
      await remove(path);
    }
    await put('/mode', { mode: 'READONLY' });
    await put('/mode/t', { mode: 'READWRITE' });
    expect((await registry.register('t', '"int"')).status).toBe(200);
    expect(await put('/config', { compatibility: 'NONE' })).toMatchObject(readOnly);
  });

  it('READONLY_OVERRIDE for all goes before the mode of one', async () => {
    await put('/mode/s', { mode: 'READWRITE' });
    await put('/mode', { mode: 'READONLY_OVERRIDE' });
    expect((await registry.register('s', '"int"')).body).toMatchObject(readOnly);
    await put('/mode', { mode: 'READWRITE' });
    expect((await registry.register('s', '"int"')).status).toBe(200);
  });

  it('IMPORT takes ids and versions of elsewhere, and nothing else', async () => {
    const load = async (subject: string, body: object) => (await registry.call('POST', `/subjects/${subject}/versions`, body)).body;
    await registry.register('there', '"int"');
    expect(await put('/mode', { mode: 'IMPORT' })).toMatchObject({ error_code: 42205 });
    expect(await put('/mode/there', { mode: 'IMPORT' })).toMatchObject({ error_code: 42205 });
    expect(await put('/mode/there?force=true', { mode: 'IMPORT' })).toEqual({ mode: 'IMPORT' });
    await put('/mode/s', { mode: 'IMPORT' });
    expect(await load('s', { schema: simple('R') })).toMatchObject(readOnly);
    expect(await load('s', { schema: '', id: 9 })).toMatchObject({ error_code: 42201 });
    expect(await load('s', { schema: simple('R', b), id: 100, version: 3 })).toMatchObject({ id: 100, version: 3 });
    expect(await load('s', { schema: simple('R'), id: 40, version: 1 })).toMatchObject({ id: 40, version: 1 });
    expect(await load('s', { schema: simple('R'), id: 40, version: 1 })).toMatchObject({ id: 40, version: 1 });
    expect(await load('s', { schema: simple('X'), id: 40, version: 4 })).toMatchObject({ error_code: 42205 });
    expect(await load('s', { schema: simple('X'), id: 41, version: 3 })).toMatchObject({ error_code: 42205 });
    expect(await load('s', { schema: '"int"', id: 42, version: 7 })).toMatchObject({ id: 42, version: 7 });
    expect(await get('/subjects/s/versions')).toEqual([1, 3, 7]);
    await put('/mode/s', { mode: 'READWRITE' });
    expect((await registry.register('t', '"long"')).body).toMatchObject({ id: 101, version: 1 });
  });

  it('IMPORT clears away what was deleted softly, unless it is referred to', async () => {
    await registry.register('s', simple('R'));
    await registry.call('POST', '/subjects/t/versions', {
      schema: '{"type":"record","name":"T","fields":[{"name":"r","type":"R"}]}',
      references: [{ name: 'R', subject: 's', version: 1 }],
    });
    await remove('/subjects/t');
    await remove('/subjects/s');
    expect(await put('/mode/s', { mode: 'IMPORT' })).toMatchObject({ error_code: 42206 });
    expect(await put('/mode', { mode: 'IMPORT' })).toEqual({ mode: 'IMPORT' });
    expect(await get('/subjects?deleted=true')).toEqual([]);
  });

  it('IMPORT clears away nothing of what is read-only all the same', async () => {
    await registry.register('s', simple('R'));
    await remove('/subjects/s');
    await put('/mode/s', { mode: 'READONLY' });
    expect(await put('/mode', { mode: 'IMPORT' })).toMatchObject(readOnly);
    await put('/mode', { mode: 'READONLY_OVERRIDE' });
    expect(await put('/mode/s', { mode: 'IMPORT' })).toMatchObject(readOnly);
    expect(await get('/subjects?deleted=true')).toEqual(['s']);
    expect(await put('/mode?force=true', { mode: 'IMPORT' })).toEqual({ mode: 'IMPORT' });
    expect(await get('/subjects?deleted=true')).toEqual(['s']);
    await remove('/mode');
    // Who takes a subject out of READONLY into IMPORT means it.
    expect(await put('/mode/s', { mode: 'IMPORT' })).toEqual({ mode: 'IMPORT' });
    expect(await get('/subjects?deleted=true')).toEqual([]);
  });

  it.each([
    ['PUT', '/mode', { mode: 'SOME' }, 422, 42204],
    ['PUT', '/mode', { mode: 'FORWARD' }, 422, 42204],
    ['PUT', '/mode', {}, 422, 42204],
    ['PUT', '/mode', undefined, 422, 422],
    ['PUT', '/mode', { mode: 4 }, 400, 400],
    ['PUT', '/mode/%0A', { mode: 'READONLY' }, 422, 42208],
    ['PUT', '/mode/%3A.x%3Adata.g01.x.v1-value', { mode: 'IMPORT' }, 422, 42208],
    ['DELETE', '/mode/none', undefined, 404, 40401],
    ['POST', '/mode', {}, 405, 405],
  ])('%s %s %j is answered with its code', async (method, path, body, status, errorCode) => {
    expect(await registry.call(method, path, body)).toMatchObject({ status, body: { error_code: errorCode } });
  });
});
