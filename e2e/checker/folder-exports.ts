import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What the files of a folder beside this one export under a name: one thing each, in the order of their own names. */
export async function exportsOf<T extends { readonly name: string }>(folder: string, exported: string): Promise<readonly T[]> {
  const directory = join(import.meta.dirname, folder);
  const files = readdirSync(directory).filter((file) => /^[a-z-]+\.(js|ts)$/.test(file));
  const modules = await Promise.all(
    files.map(async (file) => (await import(pathToFileURL(join(directory, file)).href)) as Readonly<Record<string, T>>),
  );
  const items = modules.map((module) => module[exported]).filter((item) => item !== undefined);
  return items.sort((a, b) => (a.name < b.name ? -1 : 1));
}
