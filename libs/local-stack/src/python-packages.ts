import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrucError } from '@truc/kernel';
import { runToItsEnd } from './awaited-program.js';
import type { Progress } from './checkout.js';
import { fetchedFolder } from './fetched-folder.js';
import type { Environment } from './java-programs.js';
import { reasonOf } from './log-file.js';

const OLDEST: readonly [number, number] = [3, 9];

/** A program's Python packages, each pinned in a file of requirements. */
export interface PinnedPackages {
  /** What a person calls them: `confluent-kafka`. */
  readonly name: string;
  readonly version: string;
  /** Path of the file that pins each of them. */
  readonly requirements: string;
  readonly sizeMebibytes: number;
}

/**
 * The python to run, which can make environments of packages.
 * @throws TrucError STACK_PYTHON_MISSING, also when it is too old or cannot make one
 */
export function findPython(environment: Environment): string {
  const asked = 'import sys, venv, ensurepip; print(*sys.version_info[:2])';
  const { status, stdout } = spawnSync('python3', ['-c', asked], { encoding: 'utf8', env: environment as NodeJS.ProcessEnv });
  const [major = 0, minor = 0] = (stdout ?? '').split(' ').map(Number);
  if (status === 0 && (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]))) return 'python3';
  throw new TrucError(
    'STACK_PYTHON_MISSING',
    `Python ${OLDEST.join('.')} with its venv is needed, and "python3" ${status === 0 ? `is ${major}.${minor}` : 'has none, or does not run'}: install it (Debian: apt install python3-venv) and put it on PATH`,
  );
}

/**
 * The python of an environment that has the packages, made once in `cacheDirectory`.
 * @throws TrucError STACK_PYTHON_MISSING, STACK_PYTHON_FAILED, STACK_DISK_FULL; the signal's reason
 */
export async function pythonWith(
  packages: PinnedPackages,
  cacheDirectory: string,
  environment: Environment,
  progress: Progress,
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  const { name, version, requirements, sizeMebibytes } = packages;
  const python = findPython(environment);
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const folder = { name: `${name}-${version}`, cacheDirectory, digest, what: `the fetch of ${name}`, neededMebibytes: 3 * sizeMebibytes };
  const directory = await fetchedFolder(folder, async (draft) => {
    progress(`fetching ${name} ${version} with pip (${sizeMebibytes} MB, the first time only)`);
    await run(name, { command: python, args: ['-m', 'venv', draft], environment, signal });
    const args = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--no-input', '--only-binary', ':all:', '-r', requirements];
    await run(name, { command: join(draft, 'bin', 'python'), args, environment, signal });
  });
  // By itself: the programs beside it name the path of the draft.
  return join(directory, 'bin', 'python');
}

async function run(name: string, program: Parameters<typeof runToItsEnd>[0]): Promise<void> {
  const { code, output } = await runToItsEnd(program);
  if (code === 0) return;
  throw new TrucError(
    'STACK_PYTHON_FAILED',
    `${name} could not be fetched: check the network, or pip's index, and start again (${reasonOf(output)})`,
    {
      retry: true,
    },
  );
}
