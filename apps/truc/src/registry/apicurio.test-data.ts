import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkoutRoot, findJava, findMaven, freePort, StackProcess, type Environment } from '@truc/local-stack';
import { messageOf } from '@truc/kernel';

const version = '3.0.9';
const artifact = `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`;
/** Copies one file and asks for nothing that it was built from, which is not to be had everywhere. */
const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:2.10:copy';
const fetchMs = 10 * 60_000;

/** Folder with the pinned release of Apicurio, 104 MB the first time, or why it cannot be had here. */
export function apicurioArchive(environment: Environment): { readonly folder: string } | { readonly missing: string } {
  const folder = join(checkoutRoot, '.truc', `apicurio-${version}-archive`);
  try {
    findJava(environment);
    if (existsSync(folder) && archiveIn(folder) !== null) return { folder };
    const args = ['-q', '-B', plugin, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`];
    const { status, stdout } = spawnSync(findMaven(environment, 'Apicurio'), args, { encoding: 'utf8', timeout: fetchMs });
    return status === 0 && archiveIn(folder) !== null
      ? { folder }
      : { missing: `Maven cannot fetch ${artifact}: ${(stdout ?? '').slice(0, 400)}` };
  } catch (error) {
    return { missing: messageOf(error) };
  }
}

function archiveIn(folder: string): string | null {
  return readdirSync(folder).find((name) => name.endsWith('.tar.gz')) ?? null;
}

/** Apicurio in memory, by its API as Confluent's. */
export class RunningApicurio {
  private constructor(
    readonly url: string,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(folder: string, environment: Environment): Promise<RunningApicurio> {
    const directory = mkdtempSync(join(tmpdir(), 'truc-apicurio-'));
    const archive = archiveIn(folder) ?? '';
    const { status, stderr } = spawnSync('tar', ['xzf', join(folder, archive), '-C', directory], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${archive} cannot be unpacked: ${stderr}`);
    const jar = readdirSync(directory).find((name) => name.endsWith('-runner.jar')) ?? '';
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
    const child = await StackProcess.start({
      name: 'Apicurio',
      command: findJava(environment),
      args: ['-Xmx512m', '-jar', join(directory, jar)],
      environment: {
        PATH: environment['PATH'],
        QUARKUS_HTTP_HOST: '127.0.0.1',
        QUARKUS_HTTP_PORT: String(port),
        QUARKUS_LOG_LEVEL: 'WARN',
      },
      logFile: join(directory, 'apicurio.log'),
      pidFile: join(directory, 'apicurio.pid'),
      isReady: async () => (await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(2_000) }).catch(() => null))?.ok === true,
      readyTimeoutMs: 180_000,
    });
    return new RunningApicurio(url, async () => {
      await child.stop();
      rmSync(directory, { recursive: true, force: true });
    });
  }

  async done(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }
}
