import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TrucError } from '@truc/kernel';
import { checkoutRoot } from '@truc/local-stack';
import type { Plant, PlantEdit } from './plant.js';

/** Beside what rooms are made of, files that rooms read while they run. */
const sharedFolders = ['schemas'];

/**
 * Builds a bug into a copy of all rooms. It lies below the checkout, so packages of others are found where the checkout has them, and rooms of ours in the copy.
 * The checkout must be built.
 * @param root deleted first
 * @returns the folder whose `apps/<name>/dist` have the bug
 * @throws TrucError PLANT_DOES_NOT_FIT, PLANT_BUILD_FAILED, PLANT_NOTHING_BUILT
 */
export async function buildPlanted(plant: Plant, root = join(checkoutRoot, '.truc', 'planted', plant.name)): Promise<string> {
  rmSync(root, { recursive: true, force: true });
  const edited = new Set(plant.edits.map(({ file }) => roomOf(file)));
  mkdirSync(join(root, 'node_modules', '@truc'), { recursive: true });
  for (const room of rooms()) {
    const [from, to] = [join(checkoutRoot, room), join(root, room)];
    const part = edited.has(room) ? 'src' : 'dist';
    if (!existsSync(join(from, part))) throw new TrucError('PLANT_NOTHING_BUILT', `${room} is not built: run "npm run build" first`);
    mkdirSync(to, { recursive: true });
    cpSync(join(from, 'package.json'), join(to, 'package.json'));
    cpSync(join(from, part), join(to, part), { recursive: true });
    symlinkSync(join('..', '..', room), join(root, 'node_modules', '@truc', room.replace(/^.*\//, '')));
  }
  for (const folder of sharedFolders) symlinkSync(join(checkoutRoot, folder), join(root, folder));
  for (const edit of plant.edits) {
    const path = join(root, edit.file);
    writeFileSync(path, planted(readFileSync(path, 'utf8'), edit));
  }
  for (const room of edited) await build(join(root, room));
  return root;
}

/** The source with the edit in it. @throws TrucError PLANT_DOES_NOT_FIT unless there is exactly one place for it */
export function planted(source: string, { file, find, replace }: PlantEdit): string {
  const parts = source.split(find);
  if (parts.length !== 2) {
    throw new TrucError(
      'PLANT_DOES_NOT_FIT',
      `"${find}" stands ${parts.length - 1} times in ${file}, and must stand once: write the plant anew for the code as it is now`,
    );
  }
  return parts.join(replace);
}

function rooms(): string[] {
  return ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(checkoutRoot, folder))
      .map((name) => `${folder}/${name}`)
      .filter((room) => existsSync(join(checkoutRoot, room, 'package.json'))),
  );
}

/** `libs/kafka/src/x.ts` is of `libs/kafka`. */
function roomOf(file: string): string {
  const [folder = '', room = ''] = file.split('/');
  return join(folder, room);
}

/** With the tool that releases are built with. */
async function build(room: string): Promise<void> {
  const child = spawn(process.execPath, [join(checkoutRoot, 'tools', 'build.mjs'), room], { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new TrucError('PLANT_BUILD_FAILED', `${dirname(room)} does not build with the plant: ${output.trim().split('\n')[0]}`);
}
