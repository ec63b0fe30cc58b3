// Builds the rooms when a source changed since the last build.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exclusively } from './exclusively.mjs';

const ALSO = ['package-lock.json', 'nx.json', 'tools/build.mjs'];

function rooms(root) {
  return ['libs', 'apps'].flatMap((kind) =>
    readdirSync(join(root, kind))
      .map((name) => join(root, kind, name))
      .filter((room) => existsSync(join(room, 'package.json'))),
  );
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.test.ts') ? [] : [path];
  });
}

/** Stands for every source by its path, size and time: reading them all would take longer than the build tool needs to find nothing to do. */
function digestOf(root) {
  const files = rooms(root).flatMap((room) => [
    join(room, 'package.json'),
    ...(existsSync(join(room, 'src')) ? sources(join(room, 'src')) : []),
  ]);
  const hash = createHash('sha256');
  for (const path of [...files, ...ALSO.map((file) => join(root, file))]) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function isBuilt(root, stamp, digest) {
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) return false;
  return rooms(root).every((room) => existsSync(join(room, 'dist')) || !existsSync(join(room, 'src')));
}

function build(root) {
  process.stderr.write('building what changed ...\n');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/nx/dist/bin/nx.js'), 'run-many', '-t', 'build', '--output-style=static'],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}the build failed\n`);
  process.exit(1);
}

/** Takes a few milliseconds when nothing changed. */
export function ensureBuilt(root) {
  const stamp = join(root, '.truc/build.stamp');
  if (isBuilt(root, stamp, digestOf(root))) return;
  exclusively(join(root, '.truc/building'), () => {
    // Taken before the build: a source that changes during it is built the next time.
    const digest = digestOf(root);
    if (isBuilt(root, stamp, digest)) return;
    build(root);
    mkdirSync(join(root, '.truc'), { recursive: true });
    writeFileSync(stamp, digest);
  });
}
