// Compiles the sources of one room (libs/x or apps/x) to its dist folder with swc. Type checking is `npm run check`.
import { transformFile } from '@swc/core';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
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

async function build(projectRoot) {
  const src = join(projectRoot, 'src');
  const dist = join(projectRoot, 'dist');
  await rm(dist, { recursive: true, force: true });
  const entries = await readdir(src, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  await Promise.all(
    files.map(async (file) => {
      const { code } = await transformFile(file, { ...swcOptions, filename: file });
      const target = join(dist, relative(src, file).replace(/\.ts$/, '.js'));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, code);
    }),
  );
}

if (import.meta.filename === process.argv[1]) await build(process.argv[2]);
