import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Directory of the demo's documents: agencies, datasets, the two sources' mappings and one contract. What `truc apply` is given. */
export const documentsDirectory = fileURLToPath(new URL('../documents', import.meta.url));

/** The documents as files; paths are relative to the directory, in order. */
export function demoDocuments(): { readonly path: string; readonly text: string }[] {
  return readdirSync(documentsDirectory)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => ({ path: name, text: readFileSync(join(documentsDirectory, name), 'utf8') }));
}
