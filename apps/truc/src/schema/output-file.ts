import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, TrucError } from '@truc/kernel';
import { shownPath } from './schema-file.js';

/** @returns the path as a person would open it @throws TrucError SCHEMA_FILE_EXISTS unless `force`, SCHEMA_FILE_UNWRITABLE */
export function writeOutputFile(file: string, text: string, workingDirectory: string, force: boolean): string {
  const path = shownPath(file, workingDirectory);
  const target = resolve(workingDirectory, file);
  if (existsSync(target) && !force) {
    throw new TrucError('SCHEMA_FILE_EXISTS', `${path} is there already: name another file with --out, or write over it with --force`);
  }
  try {
    writeFileSync(target, text);
  } catch (cause) {
    throw new TrucError('SCHEMA_FILE_UNWRITABLE', `${path} cannot be written (${messageOf(cause)}): name another file with --out`, {
      cause,
    });
  }
  return path;
}
