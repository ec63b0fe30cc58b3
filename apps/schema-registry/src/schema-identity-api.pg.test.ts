import { testPostgres } from '@truc/testing';
import { RunningRegistry, simple } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);
const get = async (path: string) => (await registry.call('GET', path)).body;
const post = async (path: string, body: unknown) => (await registry.call('POST', path, body)).body;
const withDefault = (type: string, value: string) =>
  `{"type":"record","name":"R","fields":[{"name":"n","type":${type},"default":${value}}]}`;

describe('what a schema is told apart by', () => {
  beforeEach(() => registry.start(true));

  it('holds numbers that no double tells apart, as they were sent', async () => {
    const values = ['9007199254740992', '9007199254740993', '9223372036854775807'];
    for (const [index, value] of values.entries())
      expect((await registry.register('s', withDefault('"long"', value))).body).toMatchObject({ id: index + 1, version: index + 1 });
    for (const [index, value] of values.entries()) {
      expect(await get(`/schemas/ids/${index + 1}`)).toMatchObject({ schema: withDefault('"long"', value) });
      expect(await post('/subjects/s', { schema: withDefault('"long"', value) })).toMatchObject({ id: index + 1 });
    }
  });

  it.each([
    ['"int"', '1.0'],
    ['"long"', '9223372036854775808'],
    ['"double"', '1e400'],
  ])('is refused where no reader takes it: a default of %s that is %s', async (type, value) => {
    expect(await registry.register('s', withDefault(type, value))).toMatchObject({ status: 422, body: { error_code: 42201 } });
  });

  it('is the schema without its comments', async () => {
    expect((await registry.register('s', `/* of R */ ${simple('R')} // end`)).body).toMatchObject({ id: 1, schema: simple('R') });
    expect((await registry.register('t', simple('R'))).body).toMatchObject({ id: 1 });
  });

  it('is the one spelling where it was kept in one: what is handed out is known when it comes back', async () => {
    const schema = '{"aliases":["Z","B"],"doc":"","name":"R","type":"record","fields":[{"name":"a","type":"int","aliases":["c","b"]}]}';
    const made = await post('/subjects/s/versions?normalize=true', { schema });
    expect(made).toMatchObject({ id: 1, version: 1 });
    expect(made.schema).not.toBe(schema);
    for (const normalize of ['', '?normalize=true']) {
      expect(await post(`/subjects/s/versions${normalize}`, { schema: made.schema })).toMatchObject({ id: 1, version: 1 });
      expect(await post(`/subjects/s${normalize}`, { schema: made.schema })).toMatchObject({ id: 1, version: 1 });
    }
    expect(await post('/subjects/s?normalize=true', { schema })).toMatchObject({ id: 1, version: 1 });
    expect(await post('/subjects/s', { schema })).toMatchObject({ error_code: 40403 });
  });

  it('is one version for ever, though the settings add to it and its metadata note the version', async () => {
    await registry.call('PUT', '/config/s', { defaultMetadata: { properties: { team: 'x' } } });
    expect(await post('/subjects/s/versions', { schema: simple('R'), version: 1 })).toMatchObject({
      version: 1,
      metadata: { properties: { team: 'x', 'confluent:version': '1' } },
    });
    for (let count = 0; count < 3; count += 1)
      expect((await registry.register('s', simple('R'))).body).toMatchObject({ id: 1, version: 1 });
    expect(await get('/subjects/s/versions')).toEqual([1]);
  });
});

describe('a look-up', () => {
  beforeEach(() => registry.start(true));

  it('finds what was deleted softly where that is asked for', async () => {
    await registry.register('s', simple('R'));
    await registry.register('s', simple('R', { name: 'b', type: 'int', default: 0 }));
    await registry.call('DELETE', '/subjects/s/versions/1');
    expect(await post('/subjects/s', { schema: simple('R') })).toMatchObject({ error_code: 40403 });
    expect(await post('/subjects/s?deleted=true', { schema: simple('R') })).toMatchObject({ id: 1, version: 1, deleted: true });
    await registry.call('DELETE', '/subjects/s');
    expect(await post('/subjects/s', { schema: simple('R') })).toMatchObject({ error_code: 40401 });
    expect(await post('/subjects/s?deleted=true', { schema: simple('R') })).toMatchObject({ id: 1 });
  });
});
