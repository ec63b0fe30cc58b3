// Compiles the sources of one room (libs/x or apps/x, a program of e2e, or bench) to its dist folder with swc. Type checking is `npm run check`.
import { transformFile } from '@swc/core';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

export const swcOptions = {
  swcrc: false,
  configFile: false,
  sourceMaps: 'inline',
  module: { type: 'es6' },
  jsc: {
    target: 'es2024',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
    keepClassNames: true,
  },
};

/** Every file below `folder`, by its path; none when there is no such folder. */
async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** A room has its sources in `src`; a program of e2e, or bench, is a folder of sources itself. */
function sourceFolder(projectRoot) {
  return existsSync(join(projectRoot, 'src')) ? join(projectRoot, 'src') : projectRoot;
}

/** A process that runs from this dist folder at the same time reads the old file or the new one, never half of one. */
async function replaceFile(path, content) {
  const before = await readFile(path, 'utf8').catch(() => null);
  if (before === content) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.draft`;
  await writeFile(draft, content);
  await rename(draft, path);
}

/** Compiles what is below the project's sources to its `dist`. */
export async function build(projectRoot) {
  const src = sourceFolder(projectRoot);
  const dist = join(projectRoot, 'dist');
  const sources = (await filesBelow(src)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith(dist));
  const targets = await Promise.all(
    sources.map(async (file) => {
      const { code } = await transformFile(file, { ...swcOptions, filename: file });
      const target = join(dist, relative(src, file).replace(/\.ts$/, '.js'));
      await replaceFile(target, code);
      return target;
    }),
  );
  const left = (await filesBelow(dist)).filter((file) => file.endsWith('.js') && !targets.includes(file));
  await Promise.all(left.map((file) => rm(file, { force: true })));
}

if (process.argv[1] === import.meta.filename && process.argv[2]) await build(process.argv[2]);
