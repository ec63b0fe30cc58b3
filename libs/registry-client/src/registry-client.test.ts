import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RegistryClient, type RegistryClientOptions } from './registry-client.js';

/** Answers of an HTTP server that fails in the ways that a real registry cannot be made to fail; the real one is asked in apps/schema-registry. */
let server: Server;
let answers: ((request: IncomingMessage, response: ServerResponse) => void)[];
let asked: { method: string; url: string; authorization: string | undefined }[];

beforeEach(async () => {
  answers = [];
  asked = [];
  server = createServer((request, response) => {
    asked.push({ method: request.method ?? '', url: request.url ?? '', authorization: request.headers.authorization });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    request.resume().once('end', () => answer?.(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const client = (more: Partial<RegistryClientOptions> = {}) => new RegistryClient({ url: url(), credentials: null, retryMs: 1, ...more });
const json = (status: number, body: unknown) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
};
const unreachable = { code: 'REGISTRY_UNREACHABLE', retry: true };

describe('RegistryClient', () => {
  it('asks once for an id, however many ask, and keeps what it learnt', async () => {
    answers = [json(200, { schema: '"int"' })];
    const registry = client();
    expect(await Promise.all([1, 1, 1].map((id) => registry.schemaById(id)))).toEqual(['"int"', '"int"', '"int"']);
    expect(await registry.schemaById(1)).toBe('"int"');
    expect(asked).toEqual([{ method: 'GET', url: '/schemas/ids/1?format=resolved', authorization: undefined }]);
  });

  it('tells "there is none" from "no answer", and asks for it again', async () => {
    answers = [json(404, { error_code: 40403, message: 'Schema 1 not found' })];
    const registry = client();
    expect(await registry.schemaById(1)).toBeNull();
    expect(await registry.schemaById(1)).toBeNull();
    expect(asked).toHaveLength(2);
    expect(await registry.idOf('s', '"int"')).toBeNull();
    answers = [json(404, '<html>not found</html>')];
    await expect(registry.schemaById(1)).rejects.toMatchObject(unreachable);
  });

  it('takes a refusal of one schema for an answer, and asks no second time', async () => {
    answers = [json(422, { error_code: 42201, message: 'Invalid schema: no schema reference found' })];
    await expect(client().schemaById(1)).rejects.toMatchObject({ code: 'REGISTRY_REFUSED', retry: false, errorCode: 42201 });
    expect(asked).toHaveLength(1);
  });

  it('tries again after 5xx, nonsense and broken connections, and then says so', async () => {
    answers = [json(503, {}), (request) => request.socket.destroy(), json(200, 'no json'), json(200, { schema: '"int"' })];
    expect(await client().schemaById(1)).toBe('"int"');
    answers = [json(500, { error_code: 50001, message: 'store' })];
    asked = [];
    await expect(client({ attemptsMax: 3 }).schemaById(1)).rejects.toMatchObject(unreachable);
    expect(asked).toHaveLength(3);
  });

  it('does not wait for ever, and reads no endless answer', async () => {
    answers = [() => undefined];
    await expect(client({ timeoutMs: 30, attemptsMax: 2 }).schemaById(1)).rejects.toMatchObject(unreachable);
    answers = [json(200, { schema: 'x'.repeat(2_000_000) })];
    await expect(client({ attemptsMax: 1 }).schemaById(1)).rejects.toMatchObject(unreachable);
  });

  it('says who it is, with the token of the moment, and follows no redirect with it', async () => {
    let token = 'one';
    const registry = client({ credentials: { principal: 'agent.g01', token: () => token }, attemptsMax: 1 });
    answers = [json(401, { error_code: 40101, message: 'the token has expired' })];
    await expect(registry.schemaById(1)).rejects.toMatchObject({ code: 'REGISTRY_DENIED', retry: false });
    token = 'two';
    answers = [(_, response) => response.writeHead(302, { location: `${url()}/elsewhere` }).end()];
    await expect(registry.schemaById(1)).rejects.toMatchObject(unreachable);
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(asked.map(({ authorization }) => authorization)).toEqual([basic('agent.g01:one'), basic('agent.g01:two')]);
  });

  it('brings the violations of a refusal, and does not repeat what was refused', async () => {
    const violation = { rule: 'D1', path: '$', element: null, expected: 'a', found: 'b', hint: 'c' };
    answers = [json(422, { error_code: 42201, message: 'm', violations: [violation] })];
    await expect(client().register('data.g01.x.v1-value', '"int"')).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      errorCode: 42201,
      violations: [violation],
    });
    answers = [json(409, { error_code: 409, message: 'incompatible' })];
    await expect(client().register('a/b', '"int"')).rejects.toMatchObject({ code: 'REGISTRY_REFUSED', errorCode: 409, violations: [] });
    expect(asked.map((request) => request.url)).toEqual(['/subjects/data.g01.x.v1-value/versions', '/subjects/a%2Fb/versions']);
  });
});
