import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkoutRoot, freePort } from '@truc/local-stack';
import { eventually } from '@truc/testing';
import { appOf, mountsOf, type ComposeFile } from './compose-file.js';

const run = promisify(execFile);

/** Where the services of the file are on this machine, instead of in a network of their own. */
interface Places {
  readonly kafka: number;
  /** Of every service of ours that listens. */
  readonly apps: ReadonlyMap<string, number>;
  /** Variables that say where this machine keeps what is elsewhere in a container. */
  readonly more: Readonly<Record<string, string>>;
}

/**
 * Runs what docker-compose.yml says without containers: the same commands with the same variables, from the tree that the image holds; names of hosts become ports of
 * 127.0.0.1, volumes become folders.
 */
export class ComposedMachine {
  readonly #compose: ComposeFile;
  readonly #directory: string;
  readonly #product: string;
  readonly #places: Places;
  readonly #children: ChildProcess[] = [];

  private constructor(compose: ComposeFile, directory: string, product: string, places: Places) {
    this.#compose = compose;
    this.#directory = directory;
    this.#product = product;
    this.#places = places;
  }

  /** @param product what the image holds, laid out here @param more variables for every process, beside those of the file */
  static async open(
    compose: ComposeFile,
    directory: string,
    product: string,
    more: Readonly<Record<string, string>>,
  ): Promise<ComposedMachine> {
    const apps = new Map<string, number>();
    for (const [name, service] of Object.entries(compose.services)) if (appOf(service) !== null) apps.set(name, await freePort());
    const machine = new ComposedMachine(compose, directory, product, { kafka: await freePort(), apps, more });
    await machine.#layOut();
    return machine;
  }

  get kafkaPort(): number {
    return this.#places.kafka;
  }

  portOf(service: string): number {
    return this.#places.apps.get(service) ?? 0;
  }

  /** Runs a service that ends by itself, and says what it wrote. */
  async runToItsEnd(name: string): Promise<string> {
    const { command, args, environment } = this.#processOf(name);
    const { stdout } = await run(command, args, { cwd: this.#product, env: environment });
    return stdout;
  }

  /** Starts a service that stays. */
  start(name: string): ChildProcess {
    const { command, args, environment } = this.#processOf(name);
    const log = openSync(join(this.#directory, `${name}.log`), 'a');
    const child = spawn(command, args, { cwd: this.#product, env: environment, stdio: ['ignore', log, log] });
    this.#children.push(child);
    return child;
  }

  /** Starts a service that stays, and waits until `isThere`. @throws Error with the end of its log when it ends before */
  async startUntil(name: string, isThere: () => Promise<boolean>): Promise<void> {
    const child = this.start(name);
    const ended = new Promise<never>((_, reject) =>
      child.once('exit', () => reject(new Error(`${name} ended: ${this.logOf(name).slice(-2_000)}`))),
    );
    // After it is there, its end is no business of this.
    ended.catch(() => undefined);
    await Promise.race([ended, eventually(isThere, { timeoutMs: 120_000, intervalMs: 500, description: `the health of ${name}` })]);
  }

  /** What the image asks of its service. */
  async isHealthy(name: string): Promise<boolean> {
    const { environment } = this.#processOf(name);
    const check = [join(this.#product, 'deploy/health-check.mjs')];
    return run(process.execPath, check, { env: environment }).then(
      () => true,
      () => false,
    );
  }

  logOf(name: string): string {
    return readFileSync(join(this.#directory, `${name}.log`), 'utf8');
  }

  /** In the reverse of the order in which they were started. */
  async close(): Promise<void> {
    for (const child of this.#children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
  }

  #volume(name: string): string {
    return join(this.#directory, 'volumes', name);
  }

  async #layOut(): Promise<void> {
    const secrets = join(this.#directory, 'secrets');
    mkdirSync(secrets, { recursive: true });
    for (const name of Object.keys(this.#compose.volumes)) {
      mkdirSync(this.#volume(name), { recursive: true });
      // Jobs mount the volume of each service below one folder.
      if (name.endsWith('-secrets')) symlinkSync(this.#volume(name), join(secrets, name.replace(/-secrets$/, '')));
    }
    mkdirSync(join(this.#directory, 'bin'));
    const node = join(this.#directory, 'bin/node');
    writeFileSync(node, `#!/bin/sh\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 });
    const deploy = join(this.#directory, 'deploy');
    cpSync(join(checkoutRoot, 'deploy/compose'), deploy, { recursive: true });
    const agent = join(deploy, 'example/agent-node.json');
    writeFileSync(agent, this.#local(readFileSync(agent, 'utf8'), 'agent-node'));
    // Every address in there is the container's own; here others could reach it.
    const kafka = join(deploy, 'kafka.properties');
    const [controller, host] = [await freePort(), await freePort()];
    const ports = { 9092: this.#places.kafka, 9093: controller, 9094: host };
    let properties = readFileSync(kafka, 'utf8').replaceAll('://:', '://127.0.0.1:');
    for (const [there, here] of Object.entries(ports)) properties = properties.replaceAll(`127.0.0.1:${there}`, `127.0.0.1:${here}`);
    writeFileSync(kafka, properties);
  }

  /** A text of the file as it is on this machine. */
  #local(text: string, name: string): string {
    const service = this.#compose.services[name];
    const own = service === undefined ? undefined : mountsOf(service).find(({ target }) => target === '/run/truc');
    const places: [string, string][] = [
      ['/etc/truc/agent-node.json', join(this.#directory, 'deploy/example/agent-node.json')],
      ['/run/truc', this.#volume(own?.source ?? 'none')],
      ['/deploy/', `${this.#directory}/deploy/`],
      ['/secrets', join(this.#directory, 'secrets')],
      ['kafka:9092', `127.0.0.1:${this.#places.kafka}`],
      ...[...this.#places.apps].map(([app, port]): [string, string] => [`//${app}:8080`, `//127.0.0.1:${port}`]),
    ];
    // Each once: what has been put in place is not looked through again.
    const pattern = new RegExp(places.map(([from]) => from.replaceAll('.', '\\.')).join('|'), 'g');
    return text.replaceAll(pattern, (found) => places.find(([from]) => from === found)?.[1] ?? found);
  }

  #processOf(name: string): { readonly command: string; readonly args: readonly string[]; readonly environment: Record<string, string> } {
    const service = this.#compose.services[name];
    if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
    const words = [...(service.entrypoint.length === 0 ? ['node'] : service.entrypoint), ...service.command].map((word) =>
      this.#local(word, name),
    );
    const [command = '', ...args] = words;
    const told = Object.entries(service.environment).map(([variable, value]): [string, string] => [variable, this.#local(value, name)]);
    const port = this.#places.apps.get(name);
    const own = port === undefined ? {} : { TRUC__HOST: '127.0.0.1', TRUC__PORT: String(port) };
    // Where the scripts look by themselves; settings of our services would know no such name.
    const scripts = service.entrypoint[0] === '/bin/sh' ? { TRUC_SECRETS: this.#local('/run/truc', name) } : {};
    const path = `${join(this.#directory, 'bin')}:${join(this.#product, 'bin')}:${process.env.PATH}`;
    return { command, args, environment: { ...Object.fromEntries(told), ...own, ...scripts, ...this.#places.more, PATH: path } };
  }
}
