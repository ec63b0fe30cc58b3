import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { messageOf, TrucError } from '@truc/kernel';

/** YAML documents, and the CSV files that code lists refer to. */
const wanted = /\.(ya?ml|csv)$/i;
/** What the platform takes in one request is 24 MiB of JSON. */
const bytesMax = 20 * 1024 * 1024;

/**
 * The documents below a directory, or one file, with paths as a person would open them from here.
 * @throws TrucError APPLY_FILES_UNREADABLE, APPLY_FILES_NONE, APPLY_FILES_TOO_LARGE
 */
export function documentFiles(path: string, workingDirectory: string): { readonly path: string; readonly text: string }[] {
  let bytes = 0;
  let files: { path: string; text: string }[];
  try {
    files = pathsOf(path).map((file) => {
      const content = readFileSync(file);
      bytes += content.length;
      return { path: shown(file, workingDirectory), text: content.toString('utf8') };
    });
  } catch (cause) {
    throw new TrucError('APPLY_FILES_UNREADABLE', `the documents in ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  if (files.length === 0)
    throw new TrucError('APPLY_FILES_NONE', `there is no YAML document in ${path}: name a directory that has some, or one file`);
  if (bytes > bytesMax)
    throw new TrucError(
      'APPLY_FILES_TOO_LARGE',
      `the documents in ${path} have ${bytes} bytes; at most ${bytesMax} can be applied at once`,
    );
  return files;
}

function pathsOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => wanted.test(name) && !name.split(sep).some((part) => part.startsWith('.') || part === 'node_modules'))
    .sort()
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile());
}

function shown(file: string, workingDirectory: string): string {
  const path = relative(workingDirectory, file);
  return (path.startsWith('..') ? file : path).split(sep).join('/');
}
