// Decides whether node_modules holds what package-lock.json says, and installs when it does not. Runs on the Node that the machine has, with nothing installed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ensureRoom } from './disk-room.mjs';
import { exclusively } from './exclusively.mjs';
import { fail } from './failure.mjs';
import { runStep } from './step-process.mjs';

/** Exists only inside a node_modules that was found complete, so whoever removes the folder removes it too. */
const STAMP = '.truc-lock-digest';

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  } catch {
    return null;
  }
}

/**
 * npm writes what it installed to node_modules/.package-lock.json when it is done. It leaves out optional packages of other platforms, and nothing else.
 * @param locked packages of package-lock.json, by path
 * @param installed packages of node_modules/.package-lock.json, by path; null when there is none
 */
export function matchesLock(locked, installed) {
  if (installed === null) return false;
  const same = (a, b) => a.version === b.version && a.integrity === b.integrity && Boolean(a.link) === Boolean(b.link);
  for (const [path, entry] of Object.entries(locked)) {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) continue;
    const found = installed[path];
    if (found === undefined ? !entry.optional : !same(entry, found)) return false;
  }
  return Object.keys(installed).every((path) => path in locked);
}

/** The npm that started us, else the one on PATH. */
function npm() {
  const path = process.env.npm_execpath;
  return path && basename(path) === 'npm-cli.js' ? [process.execPath, path] : ['npm'];
}

/** What to do about a failed `npm ci`, by what it said. */
export function cureOf({ status, output, error }) {
  if (status === null && error?.code === 'ENOENT') return '"npm" does not run: install Node 20 or later with npm, and put it on PATH';
  if (/ENOSPC|no space left/i.test(output)) return 'npm ci found no room on the disk: make some (1 GiB is enough) and start again';
  if (/EACCES|EPERM|EROFS/.test(output))
    return 'npm ci may not write here: start as the owner of the checkout, or use a checkout of your own';
  return 'npm ci failed: check the network, or the registry in ~/.npmrc, and start again';
}

async function install(root) {
  ensureRoom(root, 'installing the locked dependencies', 1_024);
  process.stderr.write('installing the locked dependencies (npm ci) ...\n');
  const [command, ...args] = [...npm(), 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = await runStep(command, args, { cwd: root });
  if (result.status === 0) return;
  const log = join(root, '.truc/npm-ci.log');
  let told = '';
  try {
    writeFileSync(log, result.output);
    told = `; all that it said is in ${log}`;
  } catch {
    // A full disk; the sentence says so.
  }
  fail('BOOTSTRAP_INSTALL', `${cureOf(result)}${told}`);
}

/** Only saves time, so a checkout that belongs to somebody else does without. */
function writeStamp(path, digest) {
  try {
    writeFileSync(path, digest);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
  }
}

/** Installs when node_modules is missing or differs from the lockfile; otherwise takes a few milliseconds. */
export async function ensureDependencies(root) {
  const lockFile = join(root, 'package-lock.json');
  const digest = createHash('sha256').update(readFileSync(lockFile)).digest('hex');
  const stamp = join(root, 'node_modules', STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  const isInstalled = () => matchesLock(readLock(lockFile), readLock(join(root, 'node_modules/.package-lock.json')));
  if (!isInstalled()) {
    await exclusively(join(root, '.truc/installing'), async () => {
      if (!isInstalled()) await install(root);
    });
  }
  writeStamp(stamp, digest);
}
