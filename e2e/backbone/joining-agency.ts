import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkoutRoot, ensurePrincipals, freePort, SecretsDirectory } from '@truc/local-stack';
import { demoSource, eventually } from '@truc/testing';
import { Gateway } from '../gateway.js';
import { query, type BackboneScene } from './backbone-scene.js';

/** Commands of the page that need a backbone, block by block. */
function guideBlocks(): string[][] {
  const page = readFileSync(join(checkoutRoot, 'docs/guides/source-agency.md'), 'utf8');
  return [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => (block ?? '').trimEnd().split('\n'));
}

/** The page speaks of G01 and its population, which this backbone has already. */
const here = (text: string): string => text.replaceAll('G01', 'G10').replaceAll('g01', 'g10').replaceAll('population', 'land');

/** An agency that was not there. Comes last: what compares all sources knows nothing of this one. */
export function joinsByTheGuide(scene: BackboneScene): void {
  it('lets an agency join by the guide for source agencies: from its grown database to rows in the general database, and out again', async () => {
    const place = mkdtempSync(join(tmpdir(), 'truc-joining-'));
    const { platform: platformUrl = '', 'schema-registry': registryUrl = '' } = scene.backbone.urls;
    const gateway = await Gateway.open(Number(new URL(platformUrl).port), Number(new URL(registryUrl).port));
    let agent: ChildProcess | null = null;
    const run = (line: string): Promise<{ line: string; code: number; told: string }> =>
      new Promise((resolve) => {
        const bin = `${join(place, 'bin')}:/usr/bin:/bin`;
        const env = { PATH: bin, HOME: place, LANG: 'en_US.UTF-8', TRUC_CONTEXT: join(place, 'context.json') };
        const child = execFile('bash', ['-c', line], { cwd: place, env }, (_, out, err) =>
          resolve({ line, code: child.exitCode ?? -1, told: out + err }),
        );
      });
    try {
      mkdirSync(join(place, 'bin'));
      writeFileSync(join(place, 'bin', 'truc'), `#!/bin/sh\nexec "${process.execPath}" "${join(checkoutRoot, 'bin', 'truc.mjs')}" "$@"\n`, {
        mode: 0o755,
      });

      // What the operator of the platform does.
      const named = 'agency: { code: G10, name: { vi: Bộ Nông nghiệp và Môi trường, en: Ministry of Agriculture and Environment } }\n';
      expect(await scene.backbone.platform.apply([{ path: 'agency.yaml', text: named }])).not.toHaveProperty('problems');
      const secrets = new SecretsDirectory(join(place, 'secrets'));
      await ensurePrincipals(scene.backbone.platform, secrets, [
        { name: 'agent.g10', role: 'agent', agency: 'G10' },
        { name: 'an.nguyen', role: 'integrator', agency: 'G10' },
      ]);
      writeFileSync(join(place, 'an.nguyen.token'), secrets.read('an.nguyen.token'));

      // Sections 2 to 4, which have a test of their own.
      const url = new URL(scene.backbone.databases.population);
      await query(url.href, 'CREATE DATABASE land');
      url.pathname = '/land';
      const { schemaSql, sampleSql } = demoSource('land');
      await query(url.href, schemaSql);
      await query(url.href, sampleSql);
      writeFileSync(join(place, 'url.txt'), `${url.href}\n`);
      const init = await run('truc source init --url-file url.txt --agency G10 --name land -o documents/');
      expect(init).toMatchObject({ code: 0 });
      await run('truc source check --url-file url.txt -f documents/ --free-disk 40GB --sql truc.sql');
      for (const statement of readFileSync(join(place, 'truc.sql'), 'utf8')
        .replaceAll(/^--.*$/gm, '')
        .split(/;\s*\n/))
        if (statement.trim() !== '' && !/^\s*(BEGIN|COMMIT)\s*$/.test(statement)) await query(url.href, statement);
      await query(url.href, "ALTER ROLE truc_capture PASSWORD 'capture'");
      [url.username, url.password] = ['truc_capture', 'capture'];
      secrets.write('land.url', url.href);

      const [joining = [], looking = []] = guideBlocks();
      for (const text of joining) {
        const done = await run(here(text).replace('https://platform.truc.example', `http://127.0.0.1:${gateway.port}`));
        const code = Number(/# ends with ([0-9])/.exec(text)?.[1] ?? 0);
        expect(done).toMatchObject({ code });
      }

      const port = await freePort();
      const example = readFileSync(join(checkoutRoot, 'deploy/agent/agent-node.json'), 'utf8');
      const configuration = JSON.parse(here(example)) as {
        port: number;
        seats: { kafka: { brokers: string[]; tls?: object }; registry: { url: string }; dataDirectory: string }[];
      };
      configuration.port = port;
      for (const seat of configuration.seats) {
        seat.kafka.brokers = [...scene.backbone.kafka.brokers];
        delete seat.kafka.tls;
        seat.registry.url = `http://127.0.0.1:${gateway.port}/registry`;
        seat.dataDirectory = join(place, 'data');
      }
      writeFileSync(join(place, 'agent-node.json'), JSON.stringify(configuration));
      agent = spawn(process.execPath, [join(checkoutRoot, 'apps/agent-node/dist/main.js'), '--config', 'agent-node.json'], {
        cwd: place,
        stdio: 'ignore',
      });
      await eventually(
        async () => {
          const { seats } = (await (await fetch(`http://127.0.0.1:${port}/health/ready`)).json()) as { seats: unknown };
          expect(JSON.stringify(seats)).toMatch(/"source\/land":\{"kind":"running"/);
        },
        { timeoutMs: 60_000, intervalMs: 500 },
      );
      const { generalDatabase } = scene.backbone.databases;
      await eventually(
        async () => {
          const tables = await query<{ name: string }>(
            generalDatabase,
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'g10'",
          );
          const rows = await Promise.all(
            tables.map(({ name }) => query<{ count: string }>(generalDatabase, `SELECT count(*) FROM g10."${name}"`)),
          );
          expect(rows.some(([row]) => Number(row?.count) > 0)).toBe(true);
        },
        { timeoutMs: 60_000, intervalMs: 500 },
      );
      for (const text of looking) expect(await run(here(text))).toMatchObject({ code: 0 });
      const ended = new Promise((resolve) => agent?.once('exit', resolve));
      agent.kill('SIGTERM');
      await ended;
      expect((await run('truc source remove --url-file url.txt --name land --yes')).told).toContain('Nothing is left.');
    } finally {
      agent?.kill('SIGKILL');
      gateway.close();
      rmSync(place, { recursive: true, force: true });
    }
  }, 240_000);
}
