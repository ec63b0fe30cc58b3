import { testPostgres } from '@truc/testing';
import { RunningRegistry, simple, type Json } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);
const post = async (path: string, body: object) => (await registry.call('POST', `/compatibility/subjects/${path}`, body)).body;
const b = { name: 'b', type: 'int' };
const kinds = (messages: string[]) => messages.flatMap((message) => /^\{errorType:'([A-Z_]+)'/.exec(message)?.[1] ?? []);

describe('/compatibility', () => {
  beforeEach(() => registry.start(true));

  it('checks against one version or as a registration would, verbose or not', async () => {
    await registry.register('s', simple('R'));
    const next = { schema: simple('R', b) };
    for (const path of ['versions', 'versions/latest', 'versions/-1', 'versions/1']) {
      expect(await post(`s/${path}`, next)).toEqual({ is_compatible: false });
      const { is_compatible, messages } = await post(`s/${path}?verbose=true`, next);
      expect({ is_compatible, kinds: kinds(messages) }).toEqual({ is_compatible: false, kinds: ['READER_FIELD_MISSING_DEFAULT_VALUE'] });
      expect(messages.slice(1)).toEqual([
        '{oldSchemaVersion: 1}',
        `{oldSchema: '${simple('R')}'}`,
        "{validateFields: 'false', compatibility: 'BACKWARD'}",
      ]);
      expect(messages[0]).toMatch(/new schema.*\/fields\/1.*additionalInfo:'b'\}$/);
    }
    expect(await post('s/versions?verbose=true', { schema: simple('R', { ...b, default: 0 }) })).toEqual({
      is_compatible: true,
      messages: [],
    });
    expect(await post('new/versions/latest', next)).toEqual({ is_compatible: true });
    expect(await post('new/versions?verbose=true', next)).toEqual({ is_compatible: true, messages: [] });
  });

  it('tells every incompatibility, in both directions where the level asks for both', async () => {
    await registry.call('PUT', '/config/s', { compatibility: 'FULL_TRANSITIVE' });
    await registry.register('s', simple('R'));
    await registry.register('s', simple('R', { ...b, default: 0 }));
    const schema = JSON.stringify({
      type: 'record',
      name: 'R',
      fields: [
        { name: 'a', type: 'int' },
        { name: 'c', type: 'int' },
      ],
    });
    const { messages } = await post('s/versions?verbose=true', { schema });
    expect(kinds(messages)).toEqual([
      'TYPE_MISMATCH',
      'READER_FIELD_MISSING_DEFAULT_VALUE',
      'TYPE_MISMATCH',
      'TYPE_MISMATCH',
      'READER_FIELD_MISSING_DEFAULT_VALUE',
      'TYPE_MISMATCH',
    ]);
    expect(messages.filter((message: string) => message.startsWith('{oldSchemaVersion'))).toEqual([
      '{oldSchemaVersion: 2}',
      '{oldSchemaVersion: 1}',
    ]);
  });

  it.each([
    ['NONE', true, true],
    ['BACKWARD', false, true],
    ['BACKWARD_TRANSITIVE', false, true],
    ['FORWARD', true, false],
    ['FORWARD_TRANSITIVE', true, false],
    ['FULL', false, false],
    ['FULL_TRANSITIVE', false, false],
  ])('judges by %s', async (compatibility, addsField, dropsField) => {
    await registry.register('s', simple('R', { name: 'x', type: 'int' }));
    await registry.call('PUT', '/config/s', { compatibility });
    expect(await post('s/versions/latest', { schema: simple('R', { name: 'x', type: 'int' }, b) })).toEqual({ is_compatible: addsField });
    expect(await post('s/versions/latest', { schema: simple('R') })).toEqual({ is_compatible: dropsField });
  });

  it('compares with versions of the same group alone', async () => {
    await registry.call('PUT', '/config/s', { compatibilityGroup: 'major' });
    const of = (major: string, schema: string) => ({ schema, metadata: { properties: { major } } });
    await registry.call('POST', '/subjects/s/versions', of('1', simple('R')));
    expect((await registry.call('POST', '/subjects/s/versions', of('1', '"int"'))).status).toBe(409);
    expect((await registry.call('POST', '/subjects/s/versions', of('2', '"int"'))).status).toBe(200);
    expect(await post('s/versions', of('1', simple('R', { ...b, default: 0 })))).toEqual({ is_compatible: true });
    expect(await post('s/versions', of('2', simple('R')))).toEqual({ is_compatible: false });
  });

  it('tells a schema that is none among the reasons, when it is asked for them', async () => {
    const answer = await post('s/versions?verbose=true', { schema: '{' });
    expect(answer).toEqual({ is_compatible: false, messages: [expect.stringContaining('Invalid schema')] });
  });

  it.each<[string, Json, number, number]>([
    ['s/versions/7', { schema: '"int"' }, 404, 40402],
    ['none/versions/1', { schema: '"int"' }, 404, 40402],
    ['s/versions/x', { schema: '"int"' }, 422, 42202],
    ['s/versions/0?verbose=true', { schema: '"int"' }, 422, 42202],
    ['s/versions/latest', { schema: '{' }, 422, 42201],
    ['s/versions', { schema: '' }, 422, 42201],
    ['s/versions', {}, 422, 42201],
    ['s/versions', undefined, 422, 422],
    ['s/versions', '[]', 400, 400],
    ['s/versions', { schema: '{}', schemaType: 'JSON' }, 422, 42201],
    ['s/versions?verbose=true', { schema: '{}', schemaType: 'PROTOBUF' }, 422, 42201],
    ['data.g01.population.resident.v1-value/versions?verbose=true', { schema: simple('R') }, 422, 42201],
    ['%3A.x%3Adata.g01.population.resident.v1-value/versions', { schema: simple('R') }, 422, 42208],
  ])('%s %j is answered with its code', async (path, body, status, errorCode) => {
    await registry.register('s', '"int"');
    expect(await registry.call('POST', `/compatibility/subjects/${path}`, body)).toMatchObject({ status, body: { error_code: errorCode } });
  });
});
