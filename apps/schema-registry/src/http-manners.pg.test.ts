import { request } from 'node:http';
import { testPostgres } from '@truc/testing';
import { contentType } from './registry-app.js';
import { RunningRegistry, simple } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);

/** As a client would that is not as orderly as fetch. */
function raw(
  path: string,
  headers: Record<string, string>,
  body = '',
  method = 'GET',
): Promise<{ status: number; type: string; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${registry.url}${path}`, { method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body: text }));
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

describe('over HTTP', () => {
  beforeEach(() => registry.start(true));

  it.each([
    [undefined, contentType],
    ['*/*', contentType],
    ['application/*', contentType],
    ['application/json', 'application/json'],
    ['application/vnd.schemaregistry+json', 'application/vnd.schemaregistry+json'],
    ['application/vnd.schemaregistry.v1+json, application/vnd.schemaregistry+json; q=0.9, application/json; q=0.5', contentType],
    ['text/html, application/json;q=0.9, */*;q=0.8', 'application/json'],
    ['application/json; q=0.4, application/vnd.schemaregistry+json; q=0.2', 'application/json'],
  ])('a caller that accepts %s gets %s', async (accept, type) => {
    const answer = await raw('/subjects', accept === undefined ? {} : { accept });
    expect({ status: answer.status, type: answer.type.split(';')[0], body: answer.body }).toEqual({ status: 200, type, body: '[]' });
  });

  it.each(['text/html', 'application/xml, image/png', 'application/json;q=0'])(
    'a caller that accepts %j is told that there is none',
    async (accept) => {
      const { status, body } = await raw('/subjects', { accept });
      expect({ status, body: JSON.parse(body) }).toMatchObject({ status: 406, body: { error_code: 406 } });
    },
  );

  it.each([
    contentType,
    `${contentType}; charset=utf-8`,
    'application/vnd.schemaregistry+json',
    'application/json',
    'application/octet-stream',
    undefined,
  ])('a body of type %s is read', async (type) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    const { status, body } = await raw('/subjects/s/versions', headers, JSON.stringify({ schema: simple('R') }), 'POST');
    expect({ status, body: JSON.parse(body) }).toMatchObject({ status: 200, body: { id: 1 } });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])('a body of type %s is not', async (type) => {
    const { status, body } = await raw('/subjects/s/versions', { 'content-type': type }, JSON.stringify({ schema: '"int"' }), 'POST');
    expect({ status, body: JSON.parse(body) }).toMatchObject({ status: 415, body: { error_code: 415 } });
  });

  it.each([
    ['GET', '/nothing', 404],
    ['GET', '/subjects/s/versions/1/nothing', 404],
    ['POST', '/nothing/at/all', 404],
    ['GET', '/Subjects', 404],
    ['PATCH', '/nothing', 404],
    ['GET', '/schemas/ids/1/nothing', 404],
    ['GET', '/favicon.ico', 404],
    ['GET', '/contexts/.a/nothing', 404],
    ['GET', '/exporters', 404],
    ['GET', '/dek-registry/v1/keks', 404],
    ['DELETE', '/subjects', 405],
    ['POST', '/schemas/ids/1', 405],
    ['PUT', '/compatibility/subjects/s/versions', 405],
    ['GET', '/compatibility/subjects/s/versions/1', 405],
    ['GET', '/contexts/.a', 405],
  ])('%s %s is answered at once with %d', async (method, path, status) => {
    const answer = await raw(path, {}, '', method);
    expect({ status: answer.status, body: JSON.parse(answer.body) }).toMatchObject({ status, body: { error_code: status } });
    expect(answer.type).toContain(contentType);
  });

  it('answers what clients ask to see whether it is there', async () => {
    expect((await registry.call('GET', '/')).body).toEqual({});
    expect((await registry.call('POST', '/', {})).body).toEqual({});
    expect((await registry.call('GET', '/v1/metadata/id')).body).toMatchObject({
      scope: { path: [], clusters: { 'schema-registry-cluster': expect.any(String) } },
    });
    expect((await registry.call('GET', '/v1/metadata/version')).body).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      commitId: expect.any(String),
    });
    expect((await registry.call('GET', '/v1/metadata/deployment')).body).toEqual({ attributes: [] });
    expect((await registry.call('GET', '/subjects/')).body).toEqual([]);
  });

  it('tells a mistake of its own as one, with its place in the log, and not as a database that is away', async () => {
    registry.logged();
    registry.source.all = () => {
      throw new Error('a mistake');
    };
    registry.source.revision += 1;
    const answer = await registry.register('data.g01.population.resident.v1-value', simple('R'));
    expect(answer).toMatchObject({ status: 500, body: { error_code: 50001 } });
    expect(answer.headers.get('retry-after')).toBeNull();
    expect(registry.logged()).toContain('http-manners.pg.test');
  });

  it('never fails on odd input', async () => {
    await registry.register('s', simple('R'));
    const odd = [
      '%00',
      '%ff',
      '%',
      '..%2f..',
      '%F0%9F%91%8D',
      "';--",
      '%7B%7D',
      'x'.repeat(5_000),
      '-1',
      '%0A',
      '%E2%80%AE',
      ':',
      ':.',
      ':*:',
      ':.:',
      ':.a',
      '__proto__',
      'constructor',
    ];
    const bodies = [
      '',
      '{',
      'null',
      '[]',
      '{}',
      '"x"',
      '{"schema":null}',
      '{"schema":"\\ud800"}',
      '{"__proto__":{"schema":"x"}}',
      '{"schema":"[]"}',
      '{"schema":"[\\"null\\",\\"null\\"]"}',
      '{"mode":[]}',
      '{"compatibility":{}}',
    ];
    const asked = odd.flatMap((text): (readonly [string, string, string])[] => [
      ...[
        `/subjects/${text}/versions`,
        `/subjects/s/versions/${text}`,
        `/subjects/${text}/versions/1`,
        `/schemas/ids/${text}`,
        `/schemas/guids/${text}`,
      ].map((path) => ['GET', path, ''] as const),
      ...[
        `/config/${text}`,
        `/mode/${text}`,
        `/subjects?subjectPrefix=${text}`,
        `/schemas?subjectPrefix=${text}&aliases=true`,
        `/schemas/ids/1?subject=${text}`,
        `/contexts/${text}/subjects`,
        `/contexts?contextPrefix=${text}`,
      ].map((path) => ['GET', path, ''] as const),
      ...[
        `/subjects/${text}/metadata?key=${text}&value=${text}`,
        `/subjects?limit=${text}`,
        `/subjects?deleted[]=${text}&deleted=true`,
      ].map((path) => ['GET', path, ''] as const),
      ...[`/subjects/${text}`, `/subjects/${text}/versions/1`, `/config/${text}`, `/mode/${text}`, `/contexts/${text}`].map(
        (path) => ['DELETE', path, ''] as const,
      ),
      ...bodies.slice(0, 3).map((body) => ['POST', `/subjects/${text}/versions`, body] as const),
    ]);
    for (const body of bodies) {
      for (const [method, path] of [
        ['POST', '/subjects/s'],
        ['POST', '/subjects/s/versions'],
        ['POST', '/compatibility/subjects/s/versions'],
        ['PUT', '/config/s'],
        ['PUT', '/mode/s'],
      ] as const)
        asked.push([method, path, body]);
    }
    const failed: unknown[] = [];
    for (const [method, path, body] of asked) {
      const answer = await raw(path, { 'content-type': 'application/json' }, body, method);
      if (answer.status >= 500 || !/^(\{|\[|$|[0-9])/.test(answer.body))
        failed.push([method, path.slice(0, 80), body, answer.status, answer.body.slice(0, 200)]);
    }
    expect(failed).toEqual([]);
    expect(asked.length).toBeGreaterThan(400);
  }, 120_000);
});
