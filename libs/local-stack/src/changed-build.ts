import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrucError } from '@truc/kernel';
import { runToItsEnd } from './awaited-program.js';
import { checkoutRoot } from './checkout.js';
import { reasonOf } from './log-file.js';

/** One change of a source file of the product. */
export interface SourceEdit {
  /** Of the checkout: `libs/pipeline/src/capture-flow.ts`. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** Beside what rooms are made of, files that rooms read while they run. */
const sharedFolders = ['schemas'];

/**
 * Builds a copy of all rooms in which the product does something else, so that the product itself needs no switch for it. The copy lies below the checkout: packages of
 * others are found where the checkout has them, and rooms of ours in the copy. The checkout must be built.
 * @param root below the checkout; deleted first
 * @throws TrucError CHANGED_BUILD_DOES_NOT_FIT, CHANGED_BUILD_FAILED, CHANGED_BUILD_NOTHING_BUILT; the signal's reason
 */
export async function buildChanged(edits: readonly SourceEdit[], root: string, signal?: AbortSignal): Promise<void> {
  rmSync(root, { recursive: true, force: true });
  const edited = new Set(edits.map(({ file }) => roomOf(file)));
  mkdirSync(join(root, 'node_modules', '@truc'), { recursive: true });
  for (const room of rooms()) {
    const [from, to] = [join(checkoutRoot, room), join(root, room)];
    const part = edited.has(room) ? 'src' : 'dist';
    if (!existsSync(join(from, part)))
      throw new TrucError('CHANGED_BUILD_NOTHING_BUILT', `${room} is not built: run "npm run build" first`);
    mkdirSync(to, { recursive: true });
    cpSync(join(from, 'package.json'), join(to, 'package.json'));
    cpSync(join(from, part), join(to, part), { recursive: true });
    symlinkSync(join('..', '..', room), join(root, 'node_modules', '@truc', room.replace(/^.*\//, '')));
  }
  for (const folder of sharedFolders) symlinkSync(join(checkoutRoot, folder), join(root, folder));
  for (const edit of edits) {
    const path = join(root, edit.file);
    writeFileSync(path, changedSource(readFileSync(path, 'utf8'), edit));
  }
  for (const room of edited) await build(join(root, room), signal);
}

/** The source with the edit in it. @throws TrucError CHANGED_BUILD_DOES_NOT_FIT unless there is exactly one place for it */
export function changedSource(source: string, { file, find, replace }: SourceEdit): string {
  const parts = source.split(find);
  if (parts.length !== 2) {
    throw new TrucError(
      'CHANGED_BUILD_DOES_NOT_FIT',
      `"${find}" stands ${parts.length - 1} times in ${file}, and must stand once: write the change anew for the code as it is now`,
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
async function build(room: string, signal: AbortSignal | undefined): Promise<void> {
  const args = [join(checkoutRoot, 'tools', 'build.mjs'), room];
  const { code, output } = await runToItsEnd({ command: process.execPath, args, environment: process.env, signal });
  if (code !== 0) throw new TrucError('CHANGED_BUILD_FAILED', `${room} does not build with the change: ${reasonOf(output)}`);
}
