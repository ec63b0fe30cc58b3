import { RegistryClient } from '@truc/registry-client';
import { testPostgres } from '@truc/testing';
import { RunningRegistry, simple } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);
const get = async (path: string) => (await registry.call('GET', path)).body;
const post = async (path: string, body: unknown) => (await registry.call('POST', path, body)).body;
const holding = (...types: string[]) =>
  JSON.stringify({ type: 'record', name: 'S', fields: types.map((type) => ({ name: type.toLowerCase(), type })) });
const reference = (name: string, subject: string, version = 1) => ({ name, subject, version });
const b = { name: 'b', type: 'int', default: 0 };

describe('references', () => {
  beforeEach(() => registry.start(true));

  it('go on meaning what they meant when it is deleted softly, and nothing new may rest on it', async () => {
    const tagged = simple('C', { ...b, 'confluent:tags': ['PII'] });
    await registry.register('c', tagged);
    const body = { schema: holding('C'), references: [reference('C', 'c')] };
    await post('/subjects/s/versions', body);
    const whole = await get('/subjects/s/versions/1?format=resolved');
    await registry.call('DELETE', '/subjects/s');
    expect((await registry.call('DELETE', '/subjects/c')).status).toBe(200);
    expect(await get('/subjects/s/versions/1?format=resolved&deleted=true')).toMatchObject({ schema: whole.schema });
    // As the flows read it: rows of it are still in the log.
    expect(await new RegistryClient({ url: registry.url, credentials: null }).schemaById(2)).toBe(whole.schema);
    expect(await get('/schemas/ids/2?findTags=PII')).toMatchObject({ schemaTags: [{ tags: ['PII'] }] });
    expect(await post('/subjects/s?deleted=true', body)).toMatchObject({ id: 2, version: 1 });
    expect(await post('/subjects/t/versions', body)).toMatchObject({ error_code: 42201 });
    expect(await post('/compatibility/subjects/t/versions', body)).toMatchObject({ error_code: 42201 });
    await registry.call('PUT', '/mode/t', { mode: 'IMPORT' });
    expect(await post('/subjects/t/versions', { ...body, id: 2, version: 1 })).toMatchObject({ id: 2, version: 1 });
    const latest = { ...body, references: [reference('C', 'c', -1)], id: 9, version: 2 };
    expect(await post('/subjects/t/versions', latest)).toMatchObject({ error_code: 42201 });
  });

  it('mean by a name what it meant first, where two of them lead to different versions', async () => {
    await registry.register('c', simple('C'));
    await registry.register('c', simple('C', b));
    await post('/subjects/d/versions', {
      schema: JSON.stringify({ type: 'record', name: 'D', fields: [{ name: 'c', type: 'C' }] }),
      references: [reference('C', 'c', 1)],
    });
    const references = [reference('C', 'c', 2), reference('D', 'd')];
    const made = await post('/subjects/s/versions', { schema: holding('C', 'D'), references });
    expect(made).toMatchObject({ version: 1, references });
    const { schema } = await get('/subjects/s/versions/1?format=resolved');
    expect(JSON.parse(schema).fields[0].type.fields.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
  });

  it('stand inside the answer to a registration that asks for it', async () => {
    await registry.register('c', simple('C'));
    const body = { schema: holding('C'), references: [reference('C', 'c')] };
    const made = await post('/subjects/s/versions?format=resolved', body);
    expect(JSON.parse(made.schema).fields[0].type).toEqual(JSON.parse(simple('C')));
    expect(await get('/subjects/s/versions/1')).toMatchObject({ schema: holding('C'), guid: made.guid });
    expect(await post('/subjects/s/versions?format=resolved', body)).toMatchObject({ schema: made.schema, id: made.id });
    expect(await post('/subjects/s?format=resolved', body)).toMatchObject({ schema: made.schema });
    expect(await get(`/schemas/guids/${made.guid}?format=resolved`)).toMatchObject({ schema: made.schema });
    expect(await post('/subjects/s/versions?format=unheard', body)).toMatchObject({ schema: holding('C') });
  });
});
