import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TrucError } from '@truc/kernel';
import { checkoutRoot, findJava, freePort, mavenJars, StackProcess, type PinnedJars } from '@truc/local-stack';
import { spawnSync } from 'node:child_process';
import pg from 'pg';
import type { RegistryContestant } from '../registry/registry-contestant.js';

const jars: PinnedJars = {
  name: 'Apicurio',
  pom: join(checkoutRoot, 'bench', 'apicurio', 'pom.xml'),
  artifact: 'apicurio-registry-app',
  sizeMebibytes: 104,
};
const database = 'apicurio';
const heapMebibytes = 1_024;

export interface ApicurioOptions {
  /** Where it is unpacked and logs. */
  readonly directory: string;
  /** `postgres://` of an administrator of the server that gets a database for it. */
  readonly serverUrl: string;
  readonly progress: (sentence: string) => void;
  readonly onDeath: (error: TrucError) => void;
  readonly signal: AbortSignal;
}

/** Apicurio Registry with its API as Confluent's, on PostgreSQL, with nobody asked who they are. @throws TrucError STACK_JAVA_MISSING, STACK_MAVEN_FAILED and others of a start, BENCH_ARCHIVE */
export async function startApicurio(options: ApicurioOptions): Promise<RegistryContestant> {
  const { directory, serverUrl, progress, onDeath, signal } = options;
  const java = findJava(process.env);
  const archives = await mavenJars(jars, join(checkoutRoot, '.truc'), process.env, progress, signal);
  const jar = unpacked(archives, join(directory, 'apicurio'));
  const storage = await freshDatabase(serverUrl);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const process_ = await StackProcess.start({
    name: jars.name,
    command: java,
    args: [`-Xms${heapMebibytes}m`, `-Xmx${heapMebibytes}m`, '-jar', jar],
    environment: {
      ...process.env,
      QUARKUS_HTTP_HOST: '127.0.0.1',
      QUARKUS_HTTP_PORT: String(port),
      QUARKUS_LOG_LEVEL: 'WARN',
      APICURIO_STORAGE_KIND: 'sql',
      APICURIO_STORAGE_SQL_KIND: 'postgresql',
      APICURIO_DATASOURCE_URL: `jdbc:postgresql://${storage.hostname}:${storage.port}${storage.pathname}`,
      APICURIO_DATASOURCE_USERNAME: decodeURIComponent(storage.username),
      APICURIO_DATASOURCE_PASSWORD: decodeURIComponent(storage.password),
    },
    logFile: join(directory, 'apicurio.log'),
    pidFile: join(directory, 'apicurio.pid'),
    isReady: async () => (await fetch(`${url}/apis/ccompat/v7/subjects`, { signal: AbortSignal.timeout(2_000) })).ok,
    readyTimeoutMs: 120_000,
    signal,
  });
  process_.once('exit', (exit) => void (exit.wanted || onDeath(process_.exitError(exit))));
  return {
    name: jars.name,
    port,
    pid: process_.pid,
    basePath: '/apis/ccompat/v7',
    credentials: '',
    stop: async () => void (await process_.stop()),
  };
}

/** @returns path of the jar that runs */
function unpacked(archives: string, target: string): string {
  const archive = readdirSync(archives).find((name) => name.endsWith('.tar.gz')) ?? '';
  mkdirSync(target, { recursive: true });
  const { status, stderr } = spawnSync('tar', ['xzf', join(archives, archive), '-C', target], { encoding: 'utf8' });
  const jar = readdirSync(target).find((name) => name.endsWith('-runner.jar'));
  if (status !== 0 || jar === undefined)
    throw new TrucError('BENCH_ARCHIVE', `${archive} could not be unpacked with tar: ${stderr?.trim() ?? 'tar is missing'}`);
  return join(target, jar);
}

async function freshDatabase(serverUrl: string): Promise<URL> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${database}`);
    await client.query(`CREATE DATABASE ${database}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url;
}
