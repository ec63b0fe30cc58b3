import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTokenKey } from '@truc/coordination-store';
import { CommandLine } from './command-line.test-data.js';

describe('credentials and contexts', () => {
  const line = new CommandLine();
  beforeAll(() => line.open());
  beforeEach(() => {
    line.answers = { 'POST /v1/principals': { body: { kafka: { username: 'agent.g01', password: 'kafka-secret' }, token: 'a.b.c' } } };
    line.asked.length = 0;
  });
  afterAll(() => line.close());
  const contexts = () =>
    JSON.parse(readFileSync(join(line.directory, '.truc/context.json'), 'utf8')) as { current: string; contexts: Record<string, object> };

  it('makes a principal once and writes its secrets for their owner only, without showing them', async () => {
    const args = ['principal', 'ensure', 'agent.g01', '--role', 'agent', '--agency', 'G01', '--directory', 'secrets'];
    const first = await line.run(...args);
    expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^agent\.g01 was made/) as string });
    expect(first.out).not.toMatch(/kafka-secret|a\.b\.c/);
    expect(line.asked[0]?.body).toEqual({ name: 'agent.g01', role: 'agent', agency: 'G01' });
    const password = join(line.directory, 'secrets', 'agent.g01.kafka-password');
    expect([readFileSync(password, 'utf8'), statSync(password).mode & 0o777]).toEqual(['kafka-secret\n', 0o600]);
    expect(await line.run(...args)).toMatchObject({ code: 0, out: expect.stringMatching(/^agent\.g01 has its credentials/) as string });
    expect(line.asked).toHaveLength(1);
  });

  it('takes the name of a service for its role', async () => {
    await line.run('principal', 'ensure', 'distributor', '--directory', 'services');
    expect(line.asked[0]?.body).toEqual({ name: 'distributor', role: 'distributor', agency: null });
  });

  it('adds a context with a token, and finds the registry below the platform', async () => {
    writeFileSync(join(line.directory, 'token'), 'x.y.z\n');
    const { code, out } = await line.run(
      'context',
      'add',
      'agency',
      '--platform-url',
      'https://platform.example/',
      '--token-file',
      'token',
    );
    expect([code, out.includes('x.y.z')]).toEqual([0, false]);
    expect(contexts()).toMatchObject({
      current: 'agency',
      contexts: {
        agency: { platformUrl: 'https://platform.example/', registryUrl: 'https://platform.example/registry', token: 'x.y.z' },
        local: {},
      },
    });
  });

  it('signs a token where the key is', async () => {
    await loadTokenKey(join(line.directory, 'key.json'));
    const { code } = await line.run(
      'context',
      'add',
      'here',
      '--platform-url',
      line.url,
      '--registry-url',
      line.url,
      '--token-key',
      'key.json',
    );
    expect(code).toBe(0);
    expect(contexts().contexts.here).toMatchObject({
      registryUrl: line.url,
      token: expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/) as string,
    });
  });

  it.each([
    [['--platform-url', 'ftp://x', '--token-file', 't'], 3, /http:\/\/ or https:\/\//],
    [['--platform-url', 'http://x'], 3, /--token-file or --token-key/],
    [['--platform-url', 'https://x', '--token-file', 'nowhere'], 1, /cannot be read/],
    [['--platform-url', 'https://x', '--token-file', 'password'], 1, /holds no token/],
  ])('refuses %j, and repeats nothing of a file that is not a token', async (args, expected, message) => {
    writeFileSync(join(line.directory, 'password'), 'hunter2');
    const { code, err } = await line.run('context', 'add', 'x', ...args);
    expect([code, err.includes('hunter2')]).toEqual([expected, false]);
    expect(err).toMatch(message);
  });
});
