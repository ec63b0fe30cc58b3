import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AnswerReader } from './http-answer.js';
import { httpLoad } from './http-load.js';

describe('an answer', () => {
  it.each([
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'hello'],
    ['in chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n', 'hello'],
    ['without a body', 'HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n', ''],
  ])('%s is whole with its last byte, however it is cut', (_, text, body) => {
    const bytes = Buffer.from(text);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const reader = new AnswerReader();
      expect(reader.take(bytes.subarray(0, cut))).toBeNull();
      const answer = reader.take(bytes.subarray(cut));
      expect([answer?.status, answer?.body.toString()]).toEqual([Number(text.slice(9, 12)), body]);
    }
  });
});

describe('a load', () => {
  let server: Server;
  let asked: string[];
  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.statusCode = request.url === '/bad' ? 500 : 200;
      response.end(`answer to ${request.url}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const run = (paths: string[], signal = new AbortController().signal) => {
    const left = [...paths];
    const bodies: string[] = [];
    const next = () => {
      const path = left.shift();
      return path === undefined ? null : Buffer.from(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    };
    const { port } = server.address() as AddressInfo;
    return { bodies, done: httpLoad({ port, connections: 3, next, onAnswer: (body) => bodies.push(body.toString()), signal }) };
  };

  it('asks everything once and counts every answer', async () => {
    const paths = Array.from({ length: 50 }, (_, index) => `/${index}`);
    const { bodies, done } = run(paths);
    const measure = await done;
    expect(asked.toSorted()).toEqual(paths.toSorted());
    expect(bodies.toSorted()).toEqual(paths.map((path) => `answer to ${path}`).toSorted());
    expect(measure.answers).toBe(50);
    expect(measure.p50).toBeLessThanOrEqual(measure.p99);
  });

  it('fails by the first answer that is not good, and when it is given up', async () => {
    await expect(run(['/a', '/bad', '/b']).done).rejects.toMatchObject({ code: 'BENCH_HTTP' });
    const giveUp = new AbortController();
    const { done } = run(
      Array.from({ length: 100_000 }, () => '/'),
      giveUp.signal,
    );
    giveUp.abort(new Error('given up'));
    await expect(done).rejects.toThrow('given up');
  });
});
