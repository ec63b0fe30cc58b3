import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RegistryReader } from './registry-reader.js';

/** Answers as registries do that are not ours and cannot be had here: by path and query; 404 without a body where a test says nothing. */
let server: Server;
let answers: Record<string, unknown>;
let asked: string[];

beforeEach(async () => {
  answers = {};
  asked = [];
  server = createServer((request: IncomingMessage, response) => {
    const url = request.url ?? '';
    asked.push(url);
    const found = answers[url] ?? answers[url.replace(/\?.*/, '')];
    if (found === undefined) response.writeHead(404).end();
    else if (found === 204) response.writeHead(204).end();
    else {
      const { status = 200, body } = isAnswer(found) ? found : { body: found };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}
function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'status' in value;
}
const reader = (more: { answerBytesMax?: number } = {}) =>
  new RegistryReader({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, credentials: null, retryMs: 1, ...more });
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

describe('RegistryReader', () => {
  it('reads lists in pages', async () => {
    answers['/subjects?deleted=true&offset=0&limit=1000'] = numbered(1_000);
    answers['/subjects?deleted=true&offset=1000&limit=1000'] = ['t'];
    expect(await reader().subjects([])).toHaveLength(1_001);
    expect(asked).toHaveLength(2);
  });

  it.each([999, 1_000, 1_001])('takes all of a list of %d from a registry that knows no pages, once', async (count) => {
    answers['/subjects'] = numbered(count);
    expect(await reader().subjects([])).toHaveLength(count);
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  it('asks for the subjects of each context', async () => {
    answers['/contexts'] = [':.:', '.a', ':.b:'];
    answers['/subjects?deleted=true&offset=0&limit=1000'] = ['s'];
    answers['/subjects?deleted=true&subjectPrefix=%3A.a%3A&offset=0&limit=1000'] = [':.a:s'];
    answers['/subjects?deleted=true&subjectPrefix=%3A.b%3A&offset=0&limit=1000'] = [];
    const contexts = await reader().contexts();
    expect(contexts).toEqual(['.a', '.b']);
    expect(await reader().subjects(contexts)).toEqual([':.a:s', 's']);
  });

  it('knows what is not there from what is no answer', async () => {
    expect([await reader().contexts(), await reader().mode(''), await reader().config('x'), await reader().lastIds()]).toEqual([
      [],
      null,
      null,
      null,
    ]);
    answers['/mode/x'] = 204;
    answers['/config/x'] = { status: 404, body: { error_code: 40408, message: 'none' } };
    expect([await reader().mode('x'), await reader().config('x')]).toEqual([null, null]);
    answers['/config'] = ['BACKWARD'];
    await expect(reader().config('')).rejects.toMatchObject({ code: 'REGISTRY_NOT_UNDERSTOOD' });
    answers['/contexts'] = { status: 401, body: { error_code: 40101, message: 'who are you' } };
    await expect(reader().contexts()).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
  });

  it('takes the short way only where the list tells what is deleted', async () => {
    expect(await reader().listed(':*:')).toBeNull();
    answers['/schemas'] = [{ subject: 's', version: 1, id: 1, schema: '"int"' }];
    expect(await reader().listed(':*:')).toBeNull();
    answers['/schemas'] = [];
    expect(await reader().listed(':*:')).toBeNull();
    answers['/schemas'] = [{ subject: ':.:s', version: 1, id: 1, schema: '"int"', deleted: true }];
    const found = [];
    for await (const version of (await reader().listed(':*:')) ?? []) found.push(version);
    expect(found).toEqual([
      {
        subject: 's',
        version: 1,
        id: 1,
        guid: null,
        schemaType: 'AVRO',
        schema: '"int"',
        references: [],
        metadata: null,
        ruleSet: null,
        deleted: true,
      },
    ]);
  });

  it('asks for fewer where so many are too long an answer', async () => {
    const version = (index: number) => ({ subject: `s${index}`, version: 1, id: index, schema: '"int"', deleted: false });
    const all = Array.from({ length: 1_500 }, (_, index) => version(index));
    const query = (offset: number, limit: number) => `/schemas?deleted=true&subjectPrefix=%3A*%3A&offset=${offset}&limit=${limit}`;
    for (const limit of [1, 1_000, 250])
      for (let offset = 0; offset <= 1_500; offset += limit === 1 ? 2_000 : limit - 1)
        answers[query(offset, limit)] = all.slice(offset, offset + limit);
    answers[query(1_499, 250)] = all.slice(1_499);
    const found = [];
    for await (const { id } of (await reader({ answerBytesMax: 40_000 }).listed(':*:')) ?? []) found.push(id);
    expect(found).toEqual(all.map(({ id }) => id));
  });

  it('reads on behind a page that is short, as what was deleted while it was written is left out of it', async () => {
    const version = (index: number) => ({ subject: `s${index}`, version: 1, id: index, schema: '"int"', deleted: false });
    const query = (offset: number, limit: number) => `/schemas?deleted=true&subjectPrefix=%3A*%3A&offset=${offset}&limit=${limit}`;
    const all = Array.from({ length: 1_500 }, (_, index) => version(index));
    const left = all.filter(({ id }) => id !== 500);
    answers[query(0, 1)] = all.slice(0, 1);
    answers[query(0, 1_000)] = all.slice(0, 1_000).filter(({ id }) => id !== 500);
    answers[query(998, 1_000)] = left.slice(998);
    answers[query(1_498, 1_000)] = left.slice(1_498);
    const found = [];
    for await (const { id } of (await reader().listed(':*:')) ?? []) found.push(id);
    expect(found).toEqual(left.map(({ id }) => id));
  });

  it.each([
    ['deleted for good', (all: object[]) => all.slice(1)],
    ['registered', (all: object[]) => [{ ...all[0], subject: 'a' }, ...all]],
    ['deleted for good, and no more are left', (all: object[]) => all.slice(0, 999)],
  ])('says that it may have missed one, where meanwhile one before was %s', async (_, changed) => {
    const all = Array.from({ length: 1_500 }, (_each, id) => ({
      subject: `s${id}`,
      version: 1,
      id: id + 1,
      schema: '"int"',
      deleted: false,
    }));
    const query = (offset: number, limit: number) => `/schemas?deleted=true&subjectPrefix=%3A*%3A&offset=${offset}&limit=${limit}`;
    answers[query(0, 1)] = all.slice(0, 1);
    answers[query(0, 1_000)] = all.slice(0, 1_000);
    answers[query(999, 1_000)] = changed(all).slice(999, 1_999);
    const read = async (): Promise<void> => {
      for await (const version of (await reader().listed(':*:')) ?? []) expect(version.deleted).toBe(false);
    };
    await expect(read()).rejects.toMatchObject({ code: 'REGISTRY_CHANGED', retry: true });
  });

  it('says why a version is not handed out, and that an alias hides one', async () => {
    answers['/subjects/s/versions/1'] = { status: 404, body: { error_code: 40401, message: 'not found' } };
    expect(await reader().version('s', 1, true)).toBe('40401: not found');
    answers['/subjects/s/versions/1'] = { subject: 'other', version: 1, id: 1, schema: '"int"' };
    await expect(reader().version('s', 1, true)).rejects.toMatchObject({
      code: 'REGISTRY_NOT_UNDERSTOOD',
      message: expect.stringContaining('DELETE /config/s'),
    });
  });
});
