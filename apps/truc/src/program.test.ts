import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findContextFile, saveContext } from './context-file.js';
import { runProgram } from './program.js';

describe('truc', () => {
  let directory: string;
  let server: Server;
  let url: string;
  let asked: { method: string | undefined; path: string | undefined; authorization: string | undefined; body: unknown }[];
  let answer: { status: number; body: unknown };

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { method, url: path, headers } = request;
        asked.push({ method, path, authorization: headers.authorization, body: body === '' ? null : JSON.parse(body) });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'truc-cli-'));
    asked = [];
    saveContext(join(directory, '.truc', 'context.json'), 'local', { platformUrl: url, registryUrl: url, token: 'secret-token' });
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  async function truc(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const written = { out: '', err: '' };
    const stream = (name: 'out' | 'err') => ({ write: (text: string) => void (written[name] += text) }) as unknown as NodeJS.WriteStream;
    const contextPlaces = { named: undefined, workingDirectory: directory, home: join(directory, 'home') };
    const code = await runProgram(args, { output: stream('out'), errors: stream('err'), contextPlaces, language: 'en' });
    return { code, ...written };
  }

  it('tells its version, and ends well', async () => {
    expect(await truc('--version')).toEqual({ code: 0, out: '0.1.0\n', err: '' });
  });

  it.each([
    [['nonsense'], /unknown command/],
    [['up', '--residents', 'many'], /--residents takes a whole number/],
    [['up', '--residents', '-1'], /--residents takes a whole number/],
    [['up', '--residents', '0'], /--residents takes a whole number/],
    [['up', '--residens', '10'], /unknown option '--residens'/],
    [['up', 'everything'], /too many arguments/],
    [['up', '--port', '8081'], /--port goes with --only/],
    [['up', '--only', 'console'], /schema-registry/],
    [['apply'], /--file/],
    [['status', '-o', 'xml'], /table, json, yaml/],
    [['agent', 'pause'], /missing required argument/],
    [['agent', 'resolve', 'G01', 'population', '--gap', 'CAPTURE_SLOT_LOST'], /--reason/],
  ])('%j is a mistake of usage', async (args, message) => {
    const { code, err } = await truc(...args);
    expect(err).toMatch(message);
    expect(code).toBe(3);
    expect(asked).toEqual([]);
  });

  it.each([
    ['a value', ['up', '--json', '--residents', 'many'], 'USAGE', /--residents takes a whole number from 10 to 50000000, not "many"/, 3],
    ['an option', ['up', '--jsn', '--json'], 'USAGE', /unknown option '--jsn'/, 3],
    ['a directory', ['up', '--json', '--directory', 'file/inside'], 'ENOTDIR', /something else stands in the way at .*file\/inside/, 1],
  ])('ends a --json run that fails for %s with one object that says why', async (_what, args, errorCode, message, expected) => {
    writeFileSync(join(directory, 'file'), '');
    const { code, out, err } = await truc(...args);
    expect(code).toBe(expected);
    const failure = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as { error: { message: string } };
    expect(failure).toEqual({ verdict: 'failed', error: { code: errorCode, message: expect.stringMatching(message) as string } });
    expect(err).toContain(failure.error.message);
  });

  it.each([
    [['--help']],
    [['up', '--help']],
    [['apply', '--help']],
    [['status', '--help']],
    [['agent', '--help']],
    [['agent', 'pause', '--help']],
    [['agent', 'resolve', '--help']],
    [['context', 'use', '--help']],
  ])('%j shows an example', async (args) => {
    const { code, out } = await truc(...args);
    expect(code).toBe(0);
    expect(out).toMatch(/Examples:\n {2}truc /);
  });

  it('sends every document with the path that a person would open, and the token', async () => {
    mkdirSync(join(directory, 'documents', 'more'), { recursive: true });
    writeFileSync(join(directory, 'documents', 'a.yaml'), 'agency: {}\n');
    writeFileSync(join(directory, 'documents', 'more', 'b.yml'), 'dataset: {}\n');
    writeFileSync(join(directory, 'documents', 'README.md'), 'no document');
    answer = { status: 200, body: { message: 'nothing changed', created: [], changed: [], unchanged: [], pending: null, proposal: null } };
    const { code, out } = await truc('apply', '-f', 'documents');
    expect({ code, out }).toEqual({ code: 0, out: 'nothing changed\n' });
    expect(asked).toMatchObject([
      {
        path: '/v1/apply',
        authorization: 'Bearer secret-token',
        body: { dryRun: false, files: [{ path: 'documents/a.yaml', text: 'agency: {}\n' }, { path: 'documents/more/b.yml' }] },
      },
    ]);
  });

  it('shows every problem at its place, and ends with 2', async () => {
    writeFileSync(join(directory, 'a.yaml'), 'x: 1\n');
    const problem = {
      file: 'a.yaml',
      line: 3,
      column: 7,
      code: 'DOCUMENT_FIELD',
      message: 'no such element',
      hint: 'did you mean this one?',
    };
    answer = { status: 422, body: { problems: [problem, { ...problem, line: 4, hint: undefined }] } };
    const { code, err } = await truc('apply', '-f', 'a.yaml');
    expect(code).toBe(2);
    expect(err).toBe(
      'a.yaml:3:7: no such element\n    did you mean this one?\na.yaml:4:7: no such element\n\n2 problems; nothing was applied\n',
    );
    expect(JSON.parse((await truc('apply', '-f', 'a.yaml', '-o', 'json')).out)).toMatchObject({ problems: [{ line: 3 }, { line: 4 }] });
  });

  it('ends with 2 when a dry run finds changes', async () => {
    writeFileSync(join(directory, 'a.yaml'), 'x: 1\n');
    answer = {
      status: 200,
      body: { message: '1 would be created', created: ['agency/G01'], changed: [], unchanged: [], pending: null, proposal: null },
    };
    expect(await truc('apply', '-f', 'a.yaml', '--dry-run')).toMatchObject({ code: 2, out: 'created    agency/G01\n1 would be created\n' });
    expect(asked[0]?.body).toMatchObject({ dryRun: true });
  });

  it('passes on what the platform refuses with, in its own words', async () => {
    answer = { status: 504, body: { code: 'PLATFORM_AGENT_SILENT', message: 'the agent did not answer in time' } };
    expect(await truc('agent', 'status', 'G01')).toEqual({ code: 1, out: '', err: 'the agent did not answer in time\n' });
  });

  it('commands one source of an agent and shows its state', async () => {
    answer = {
      status: 200,
      body: { id: 'x', ok: true, message: 'paused: population', detail: { 'source/population': { kind: 'paused' } } },
    };
    const { code, out } = await truc('agent', 'pause', 'G12.34', '--source', 'population');
    expect(code).toBe(0);
    expect(out).toMatch(/paused: population\n\nflow +state\nsource\/population +paused\n/);
    expect(asked).toMatchObject([{ path: '/v1/agents/G12.34/commands', body: { command: 'pause', source: 'population' } }]);
  });

  it('resolves a gap by its code, at one source, with a reason', async () => {
    answer = { status: 200, body: { id: 'x', ok: false, message: 'no gap is open at this source, and nothing was changed', detail: {} } };
    const { code, err } = await truc('agent', 'resolve', 'G01', 'population', '--gap', 'CAPTURE_SLOT_LOST', '--reason', 'incident 17');
    expect({ code, err }).toEqual({ code: 1, err: 'no gap is open at this source, and nothing was changed\n' });
    expect(asked).toMatchObject([
      {
        path: '/v1/agents/G01/commands',
        body: { command: 'resolve', source: 'population', resolution: { gap: 'CAPTURE_SLOT_LOST', reason: 'incident 17' } },
      },
    ]);
  });

  it('says what to do when nobody answers, and when there is no context', async () => {
    saveContext(join(directory, '.truc', 'context.json'), 'local', { platformUrl: 'http://127.0.0.1:9', registryUrl: url, token: 't' });
    expect((await truc('status')).err).toMatch(/does not answer .*: start it \(npm start\)/);
    rmSync(join(directory, '.truc'), { recursive: true });
    expect(await truc('status')).toMatchObject({ code: 1, err: expect.stringMatching(/run npm start/) as string });
  });

  it('keeps contexts for the owner alone, never shows their tokens, and changes between them', async () => {
    const path = join(directory, '.truc', 'context.json');
    saveContext(path, 'other', { platformUrl: url, registryUrl: url, token: 'another-token' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const shown = await truc('context', 'show', '-o', 'json');
    expect(shown.out).not.toMatch(/token/);
    expect(JSON.parse(shown.out)).toMatchObject({
      contexts: [
        { name: 'local', current: false },
        { name: 'other', current: true },
      ],
    });
    expect((await truc('context', 'use', 'local')).code).toBe(0);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ current: 'local', contexts: { other: { token: 'another-token' } } });
    expect(await truc('context', 'use', 'nowhere')).toMatchObject({ code: 1, err: expect.stringMatching(/local, other/) as string });
  });

  it('looks for the context by name, then in the directories above, then at home', () => {
    const inner = join(directory, 'a', 'b');
    mkdirSync(inner, { recursive: true });
    const places = { named: undefined, workingDirectory: inner, home: '/home/nobody' };
    expect(findContextFile({ ...places, named: 'mine.json' })).toBe(join(inner, 'mine.json'));
    expect(findContextFile(places)).toBe(join(directory, '.truc', 'context.json'));
    rmSync(join(directory, '.truc'), { recursive: true });
    expect(findContextFile({ ...places, workingDirectory: '/' })).toBe('/home/nobody/.config/truc/context.json');
  });
});
