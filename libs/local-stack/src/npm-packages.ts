import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrucError } from '@truc/kernel';
import { runToItsEnd } from './awaited-program.js';
import type { Progress } from './checkout.js';
import { fetchedFolder } from './fetched-folder.js';
import type { Environment } from './java-programs.js';
import { reasonOf } from './log-file.js';

/** Packages from npm that are no part of the product, and so in no `node_modules` of its checkout. */
export interface LockedPackages {
  /** What a person calls them. */
  readonly name: string;
  /** Folder of their `package.json` and `package-lock.json`. */
  readonly manifest: string;
  readonly sizeMebibytes: number;
}

/**
 * The folder with `node_modules`, installed once into `cacheDirectory`. No package runs a script of its own.
 * @throws TrucError STACK_NPM_FAILED, STACK_DISK_FULL; the signal's reason
 */
export function npmPackages(
  { name, manifest, sizeMebibytes }: LockedPackages,
  cacheDirectory: string,
  environment: Environment,
  progress: Progress,
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  const files = ['package.json', 'package-lock.json'];
  const digest = createHash('sha256');
  for (const file of files) digest.update(readFileSync(join(manifest, file)));
  const { version } = JSON.parse(readFileSync(join(manifest, 'package.json'), 'utf8')) as { version: string };
  const folder = {
    name: `${name}-${version}`,
    cacheDirectory,
    digest: digest.digest('hex'),
    what: `the fetch of ${name}`,
    neededMebibytes: 2 * sizeMebibytes,
  };
  return fetchedFolder(folder, async (draft) => {
    progress(`fetching ${name} ${version} with npm (${sizeMebibytes} MB, the first time only)`);
    for (const file of files) copyFileSync(join(manifest, file), join(draft, file));
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code, output } = await runToItsEnd({ command: 'npm', args, environment, workingDirectory: draft, signal });
    if (code === 0) return;
    throw new TrucError(
      'STACK_NPM_FAILED',
      `npm could not fetch ${name}: check the network, or npm's registry, and start again (${reasonOf(output)})`,
      {
        retry: true,
      },
    );
  });
}
