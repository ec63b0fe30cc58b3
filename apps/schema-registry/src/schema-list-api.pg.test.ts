import { request } from 'node:http';
import { testPostgres } from '@truc/testing';
import { RunningRegistry, simple, type Json } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);
const get = async (path: string) => (await registry.call('GET', path)).body;
const note = 'x'.repeat(200_000);
const schemaOf = (version: number) => simple('R', { name: 'b', type: 'int', default: version });
const described = (version: number) => ({ schema: schemaOf(version), metadata: { properties: { note, version: String(version) } } });

describe('GET /schemas', () => {
  beforeEach(() => registry.start(true));

  it('hands out a list that is longer than what is read at a time, whole and in order', async () => {
    for (const version of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) await registry.call('POST', '/subjects/s/versions', described(version));
    const answer = await registry.call('GET', '/schemas');
    expect(answer.headers.get('content-type')).toBe('application/vnd.schemaregistry.v1+json; charset=utf-8');
    expect(answer.body.map(({ version }: Json) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (const { version, metadata, schema } of answer.body) {
      expect(metadata.properties).toEqual({ note, version: String(version) });
      expect(schema).toBe(schemaOf(version));
    }
    expect(await get('/schemas?offset=10')).toHaveLength(2);
    expect(await get('/schemas?latestOnly=true')).toHaveLength(1);
    expect(await get('/schemas?subjectPrefix=none')).toEqual([]);
  });

  it('goes on answering others when somebody leaves in the middle', async () => {
    for (const version of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) await registry.call('POST', '/subjects/s/versions', described(version));
    for (let count = 0; count < 20; count += 1) {
      await new Promise<void>((resolve, reject) => {
        const asked = request(`${registry.url}/schemas`, (response) => {
          response.once('data', () => asked.destroy());
          response.once('close', resolve);
          response.on('error', () => undefined);
        });
        asked.once('error', reject);
        asked.end();
      });
    }
    expect(await get('/schemas?limit=1')).toHaveLength(1);
  });

  it('tells of an error before its first part as of any other', async () => {
    expect(await registry.call('GET', '/schemas?subjectPrefix=%00')).toMatchObject({ status: 400, body: { error_code: 400 } });
    expect(await registry.call('GET', '/schemas?lifecycle=SOME')).toMatchObject({ status: 404, body: { error_code: 404 } });
  });

  it('knows that nothing is associated with anything', async () => {
    await registry.register('s', simple('R'));
    for (const asked of ['resourceType=topic', 'associationType=value', 'lifecycle=STRONG', 'lifecycle=STRONG&lifecycle=WEAK'])
      expect(await get(`/schemas?${asked}`)).toEqual([]);
    for (const asked of ['lifecycle=NONE', 'lifecycle=STRONG&lifecycle=NONE', 'resourceType=topic&lifecycle=NONE'])
      expect(await get(`/schemas?${asked}`)).toHaveLength(1);
  });
});

describe('a subject with many versions', () => {
  beforeEach(() => registry.start(true));

  it('takes no more than a registry can look at, says so, and goes on knowing what it has', async () => {
    const codes: unknown[] = [];
    for (let version = 1; version <= 90 && !codes.includes(42205); version += 1)
      codes.push((await registry.call('POST', '/subjects/s/versions', described(version))).body.error_code);
    expect(codes.filter((code) => code === undefined)).toHaveLength(83);
    expect(codes.at(-1)).toBe(42205);
    expect((await registry.call('POST', '/subjects/s/versions', described(1))).body).toMatchObject({ version: 1 });
    expect((await registry.call('POST', '/subjects/t/versions', described(90))).body).toMatchObject({ version: 1 });
    await registry.call('DELETE', '/subjects/s/versions/1');
    await registry.call('DELETE', '/subjects/s/versions/1?permanent=true');
    expect((await registry.call('POST', '/subjects/s/versions', described(90))).body).toMatchObject({ version: 84 });
  }, 120_000);
});
