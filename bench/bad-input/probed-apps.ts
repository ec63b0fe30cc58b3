import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { backboneApps, checkoutRoot, type Backbone } from '@truc/local-stack';
import type { LoopStop } from './loop-probe.js';

/** The built apps with a probe in each, and what the probes say. */
export class ProbedApps {
  /** Folder that a backbone runs its apps from. */
  readonly root: string;
  readonly #sockets: string;

  /** @param directory short: the path of a Unix socket has at most 107 characters */
  constructor(directory: string) {
    this.root = join(directory, 'probed');
    this.#sockets = join(directory, 'probes');
    mkdirSync(this.#sockets, { recursive: true });
    // Node runs it as it is, so that tests need no build of it.
    const probe = JSON.stringify(pathToFileURL(join(checkoutRoot, 'bench/bad-input/loop-probe.ts')).href);
    for (const room of new Set(backboneApps.map((app) => (app.startsWith('agent-') ? 'agent-node' : app)))) {
      const dist = join(this.root, 'apps', room, 'dist');
      mkdirSync(dist, { recursive: true });
      const main = JSON.stringify(pathToFileURL(join(checkoutRoot, 'apps', room, 'dist', 'main.js')).href);
      const sockets = JSON.stringify(`${this.#sockets}/`);
      writeFileSync(
        join(dist, 'main.js'),
        `import { startLoopProbe } from ${probe};\nstartLoopProbe(${sockets} + process.pid);\nawait import(${main});\n`,
      );
    }
    writeFileSync(join(this.root, 'package.json'), '{"type":"module"}\n');
  }

  /** By process, since it was last asked; null for one that is gone. */
  async stops({ processes }: Backbone): Promise<ReadonlyMap<string, LoopStop | null>> {
    const ours = processes.filter(({ name }) => (backboneApps as readonly string[]).includes(name));
    const stops = ours.map(async ({ name, pid }) => [name, await this.#ask(pid).catch(() => null)] as const);
    return new Map(await Promise.all(stops));
  }

  #ask(pid: number): Promise<LoopStop> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      connect(join(this.#sockets, String(pid)))
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', reject)
        .on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as LoopStop));
    });
  }
}
