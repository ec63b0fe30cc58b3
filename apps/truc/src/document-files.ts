import { readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { messageOf, TrucError, utf8FaultAt } from '@truc/kernel';
import { boundedFile } from './bounded-file.js';

/** YAML documents, and the CSV files that code lists refer to. */
const wanted = /\.(ya?ml|csv)$/i;
/** What the platform judges at once. */
const bytesMax = 8 * 1024 * 1024;

/**
 * The documents below a directory, or one file, with paths as a person would open them from here.
 * @throws TrucError APPLY_FILES_UNREADABLE, APPLY_FILES_NONE, APPLY_FILES_TOO_LARGE, APPLY_FILES_NOT_UTF8
 */
export function documentFiles(path: string, workingDirectory: string): { readonly path: string; readonly text: string }[] {
  let bytes = 0;
  let files: { path: string; text: string }[];
  try {
    files = pathsOf(path).map((file) => {
      const content = boundedFile(file, bytesMax - bytes);
      bytes += content.length;
      if (bytes > bytesMax) throw tooLarge(path);
      return { path: shown(file, workingDirectory), text: textOf(content, shown(file, workingDirectory)) };
    });
  } catch (cause) {
    if (cause instanceof TrucError) throw cause;
    throw new TrucError('APPLY_FILES_UNREADABLE', `the documents in ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  if (files.length === 0)
    throw new TrucError('APPLY_FILES_NONE', `there is no YAML document in ${path}: name a directory that has some, or one file`);
  return files;
}

/** Decoding would put U+FFFD for what is not UTF-8 and so store another text than the person meant. */
function textOf(content: Buffer, path: string): string {
  const at = utf8FaultAt(content);
  if (at === null) return content.toString('utf8');
  const lineStart = content.subarray(0, at).lastIndexOf(0x0a) + 1;
  const line = content.subarray(0, at).reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 1);
  const byte = content[at]?.toString(16).padStart(2, '0');
  throw new TrucError(
    'APPLY_FILES_NOT_UTF8',
    `${path}:${line}: byte ${at - lineStart + 1} of the line, byte ${at + 1} of the file (${byte}), is not UTF-8: save the file as UTF-8`,
  );
}

function tooLarge(path: string): TrucError {
  return new TrucError(
    'APPLY_FILES_TOO_LARGE',
    `the documents in ${path} have more than ${bytesMax} bytes, which is the most that can be applied at once`,
  );
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
