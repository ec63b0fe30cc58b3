// Builds the rooms when a source changed since the last build.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureRoom } from './disk-room.mjs';
import { exclusively } from './exclusively.mjs';
import { fail } from './failure.mjs';
import { runStep } from './step-process.mjs';

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

async function build(root) {
  ensureRoom(root, 'building', 64);
  process.stderr.write('building what changed ...\n');
  const args = [join(root, 'node_modules/nx/dist/bin/nx.js'), 'run-many', '-t', 'build', '--output-style=static'];
  // Without workers of its own: they lead process groups that we could not end.
  const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true', NX_ISOLATE_PLUGINS: 'false' };
  const { status, output, error } = await runStep(process.execPath, args, { cwd: root, env });
  if (status === 0) return;
  process.stderr.write(output || `${error?.message ?? ''}\n`);
  fail('BOOTSTRAP_BUILD', 'the build failed: mend what is told above and start again');
}

/** Takes a few milliseconds when nothing changed. */
export async function ensureBuilt(root) {
  const stamp = join(root, '.truc/build.stamp');
  if (isBuilt(root, stamp, digestOf(root))) return;
  await exclusively(join(root, '.truc/building'), async () => {
    // Taken before the build: a source that changes during it is built the next time.
    const digest = digestOf(root);
    if (isBuilt(root, stamp, digest)) return;
    await build(root);
    mkdirSync(join(root, '.truc'), { recursive: true });
    writeFileSync(stamp, digest);
  });
}
