import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startNodeApp, type NodeApp } from '@truc/local-stack';
import { testPostgres } from '@truc/testing';
import { runProgram } from '../program.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- judged by what it holds
type Json = any;

/** Registries of ours as processes, each on a database of its own, open to everybody; and `truc` in a directory of its own. */
export class RunningRegistries {
  readonly directory = mkdtempSync(join(tmpdir(), 'truc-registries-'));
  readonly #apps: NodeApp[] = [];
  readonly #databases: { drop(): Promise<void> }[] = [];

  async start(): Promise<RunningRegistry> {
    const database = await testPostgres();
    this.#databases.push(database);
    const port = await freePort();
    const configFile = join(this.directory, `registry-${port}.json`);
    const databaseFile = join(this.directory, `registry-${port}.url`);
    writeFileSync(databaseFile, database.url, { mode: 0o600 });
    writeFileSync(configFile, JSON.stringify({ port, databaseUrl: { file: databaseFile }, open: true, logLevel: 'warn' }));
    const app = await startNodeApp({ name: 'schema-registry', configFile, port, logFile: join(this.directory, `registry-${port}.log`) });
    this.#apps.push(app);
    return new RunningRegistry(app.url, (sql) => database.query(sql));
  }

  async run(...args: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
    return this.runWith({}, ...args);
  }

  async runWith(environment: Record<string, string>, ...args: string[]) {
    const written = { out: '', err: '' };
    const stream = (name: 'out' | 'err') => ({ write: (text: string) => void (written[name] += text) }) as unknown as NodeJS.WriteStream;
    const contextPlaces = { named: undefined, workingDirectory: this.directory, home: join(this.directory, 'home') };
    const code = await runProgram(args, { output: stream('out'), errors: stream('err'), environment, contextPlaces, language: 'en' });
    return { code, ...written };
  }

  async close(): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.stop()));
    await Promise.all(this.#databases.map((database) => database.drop()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export class RunningRegistry {
  constructor(
    readonly url: string,
    readonly query: (sql: string) => Promise<unknown>,
  ) {}

  async call(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: Json }> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  /** @throws where it is refused */
  async done(method: string, path: string, body?: unknown): Promise<Json> {
    const { status, body: answer } = await this.call(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  }

  async register(subject: string, schema: object | string, more: object = {}): Promise<number> {
    const text = typeof schema === 'string' ? schema : JSON.stringify(schema);
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    return ((await this.done('POST', path, { schema: text, ...more })) as { id: number }).id;
  }

  /** Everything that its API tells of what it holds. */
  async contents(): Promise<object> {
    const versions = (await this.done('GET', '/schemas?deleted=true&subjectPrefix=:*:')) as { ts: number }[];
    return {
      versions: versions.map(({ ts: _, ...version }) => version),
      settings: await this.done('GET', '/truc/settings'),
      lastIds: await this.done('GET', '/truc/last-ids'),
      contexts: await this.done('GET', '/contexts'),
    };
  }
}
