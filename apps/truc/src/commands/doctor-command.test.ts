import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { freePorts } from '@truc/local-stack';
import { javaCheck, nodeCheck, portsCheck } from '../doctor/machine-checks.js';
import { clockCheck } from '../doctor/platform-checks.js';
import { sourceFindings } from '../doctor/service-checks.js';
import type { Diagnosis } from '../doctor/diagnosis.js';
import { catalogueAnswers } from './catalogue.test-data.js';
import { CommandLine } from './command-line.test-data.js';

const fine = { ...catalogueAnswers, 'GET /subjects': { body: [] }, 'GET /v1/documents': { body: { documents: [] } } };

describe('truc doctor', () => {
  const line = new CommandLine();
  const servers: Server[] = [];
  beforeAll(() => line.open());
  beforeEach(() => (line.answers = { ...fine }));
  afterAll(() => {
    for (const server of servers) server.close();
    line.close();
  });

  async function doctor(...more: string[]): Promise<{ readonly code: number; readonly found: readonly Diagnosis[] }> {
    const { code, out } = await line.run('doctor', '-o', 'json', ...more);
    return { code, found: JSON.parse(out) as Diagnosis[] };
  }
  const wrongOf = (found: readonly Diagnosis[]) => found.flatMap((one) => (one.state === 'wrong' ? [one] : []));

  function listening(server: Server): Promise<number> {
    servers.push(server);
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
  }

  async function withConfiguration(more: object): Promise<readonly Diagnosis[]> {
    const file = join(line.directory, 'service.json');
    writeFileSync(file, JSON.stringify(more));
    writeFileSync(join(line.directory, 'secret'), 'hunter2');
    const { found } = await doctor('--config', file);
    expect(JSON.stringify(found)).not.toContain('hunter2');
    return found;
  }
  const kafka = (port: number, tls?: object) => ({
    kafka: { brokers: [`127.0.0.1:${port}`], username: 'agent.g01', password: { file: 'secret' }, mechanism: 'SCRAM-SHA-512', tls },
  });

  it('finds nothing wrong where all is well', async () => {
    const { code, found } = await doctor();
    expect(wrongOf(found)).toEqual([]);
    expect(code).toBe(0);
    expect((await line.run('doctor')).out).toMatch(/ok +platform +http.* answers[\s\S]*nothing is wrong\n$/);
  });

  it.each([
    ['the token is refused', { 'GET /v1/status': { status: 401, body: {} } }, 'token', /context add/],
    ['the platform is not ready', { 'GET /v1/status': { status: 503, body: {} } }, 'platform', /curl .*\/health\/ready/],
    ['the registry refuses', { 'GET /subjects': { status: 401, body: {} } }, 'registry', /principal ensure/],
    ['another service is where the registry should be', { 'GET /subjects': { status: 404, body: {} } }, 'registry', /--registry-url/],
  ])('says so when %s, with the command that mends it', async (_what, answers, check, mend) => {
    line.answers = { ...fine, ...answers };
    const { code, found } = await doctor();
    expect(wrongOf(found)).toEqual([expect.objectContaining({ check, mend: expect.stringMatching(mend) as string })]);
    expect(code).toBe(2);
  });

  it('names the agents that do not answer, and those that have stopped', async () => {
    line.answers = {
      ...fine,
      'GET /v1/documents': catalogueAnswers['GET /v1/documents'],
      'POST /v1/agents/G01/commands': { status: 504, body: { code: 'PLATFORM_AGENT_SILENT', message: 'silent' } },
      'POST /v1/agents/G12.34/commands': { body: { id: 'x', ok: true, message: 'status', detail: { 'target/a': { kind: 'stopped' } } } },
    };
    expect(wrongOf((await doctor()).found)).toMatchObject([
      { check: 'agent G01', mend: expect.stringContaining('systemctl restart truc-agent') as string },
      { check: 'agent G12.34', what: 'target/a has stopped', mend: 'npx truc agent status G12.34' },
    ]);
  });

  it('tells of a source that nobody acts for, though another node of its agency answers', async () => {
    const message = 'nobody acts for the source G01/population since 2026-11-01T00:00:00.000Z';
    line.answers = {
      ...fine,
      'GET /v1/status': { body: { release: 1, entries: 2, schemas: [], incidents: [{ code: 'AGENT_GONE', message }] } },
      'GET /v1/documents': catalogueAnswers['GET /v1/documents'],
      'POST /v1/agents/G01/commands': { body: { id: 'x', ok: true, message: 'status', detail: {} } },
      'POST /v1/agents/G12.34/commands': { body: { id: 'x', ok: true, message: 'status', detail: {} } },
    };
    expect(wrongOf((await doctor()).found)).toEqual([
      expect.objectContaining({ check: 'AGENT_GONE', what: message, mend: expect.stringContaining('truc source remove') as string }),
    ]);
  });

  it('says that there is no context, or not this one', async () => {
    expect(wrongOf((await doctor('--context', 'nowhere')).found)).toMatchObject([{ check: 'context', mend: 'npx truc context show' }]);
    const empty = new CommandLine();
    const { code, out } = await empty.run('doctor', '-o', 'json');
    empty.close();
    expect(code).toBe(2);
    expect(wrongOf(JSON.parse(out) as Diagnosis[])).toContainEqual(
      expect.objectContaining({ check: 'context', mend: expect.stringContaining('npm start') as string }),
    );
  });

  it('says that a configuration or one of its secrets cannot be read', async () => {
    expect(wrongOf(await withConfiguration({ databaseUrl: { file: 'no-such-secret' } }))).toMatchObject([
      {
        check: 'configuration',
        what: expect.stringContaining('no-such-secret') as string,
        mend: expect.stringMatching(/^ls -l/) as string,
      },
    ]);
  });

  it('says that nothing listens where Kafka should be', async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(wrongOf(await withConfiguration(kafka(port)))).toMatchObject([{ check: 'kafka agent.g01', mend: `nc -vz 127.0.0.1 ${port}` }]);
  });

  it('tells a certificate that is not trusted from a broker that is away', async () => {
    const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => join(line.directory, name)) as [string, string];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate, ...subject],
      { stdio: 'ignore' },
    );
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (socket) =>
      socket.on('error', () => undefined),
    );
    server.on('connection', (socket) => socket.on('error', () => undefined));
    const port = await listening(server);
    expect(wrongOf(await withConfiguration(kafka(port, {})))).toMatchObject([
      {
        check: 'kafka agent.g01',
        what: expect.stringMatching(/^Kafka at .* cannot be trusted with TLS: its certificate is signed by nobody/) as string,
        mend: expect.stringMatching(/^openssl s_client/) as string,
      },
    ]);
  });

  it('tells a port that something else has from one where the service itself answers', async () => {
    const port = await listening(createServer((socket) => socket.on('error', () => undefined).end('no HTTP')));
    expect(wrongOf(await withConfiguration({ port }))).toMatchObject([{ check: 'port', mend: `lsof -i :${port}` }]);
    const ports = { ...(await freePorts()), platform: port };
    expect(await portsCheck(ports)).toMatchObject({ state: 'wrong', what: `taken by something else: ${port} (platform)` });
    expect(await portsCheck(await freePorts())).toMatchObject({ state: 'ok' });
  });

  it('knows a clock that is wrong, and a Node or Java that is too old or not there', () => {
    const clock = { now: () => Date.parse('2026-11-22T10:00:00Z') };
    expect(clockCheck('Sun, 22 Nov 2026 10:00:20 GMT', clock)).toMatchObject({ state: 'ok' });
    expect(clockCheck('Sun, 22 Nov 2026 10:02:00 GMT', clock)).toMatchObject({
      state: 'wrong',
      what: expect.stringContaining('120 s') as string,
    });
    expect(clockCheck(null, clock)).toMatchObject({ state: 'skipped' });
    expect(nodeCheck('v18.19.0')).toMatchObject({ state: 'wrong' });
    expect(javaCheck({ PATH: '/nowhere' })).toMatchObject({ state: 'wrong', mend: expect.stringContaining('openjdk') as string });
    expect(javaCheck({ PATH: '/nowhere' }, line.directory)).toMatchObject({ state: 'skipped' });
  });

  it.each([
    [{ wal_level: 'replica' }, /ALTER SYSTEM SET wal_level/],
    [{ has_publication: false }, /truc source check/],
    [{ has_slot: false }, /systemctl start truc-agent/],
    [{ wal_status: 'lost' }, /truc agent resolve/],
    [{ active: false }, /systemctl restart truc-agent/],
  ])('knows a source with %j', (state, mend) => {
    const good = { wal_level: 'logical', has_publication: true, has_slot: true, active: true, wal_status: 'reserved' };
    const place = { slot: 's', publication: 'p' };
    expect(sourceFindings('source', place, good)).toMatchObject([{ state: 'ok' }]);
    expect(sourceFindings('source', place, { ...good, ...state })).toMatchObject([
      { state: 'wrong', mend: expect.stringMatching(mend) as string },
    ]);
  });
});
