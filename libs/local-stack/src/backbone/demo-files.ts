import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeListFiles, demoDocuments, type World } from '@truc/demo';
import { checkoutRoot } from '../checkout.js';
import type { ApplyFile } from './platform-client.js';

/** Everything that is applied at the first start: the shipped dictionary with the code lists of this world in the place of its own, and the demo's documents. */
export function demoFiles(world: World): ApplyFile[] {
  const lists = codeListFiles(world);
  const replaced = new Set(lists.map(({ path }) => path));
  const directory = join(checkoutRoot, 'schemas', 'dictionary');
  const shipped = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml') && !replaced.has(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(directory, path), 'utf8') }));
  const dictionary = [...shipped, ...lists].map(({ path, text }) => ({ path: `dictionary/${path}`, text }));
  return [...dictionary, ...demoDocuments()];
}
