import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TrucError } from '@truc/kernel';

/**
 * Writes a file, with the directories above it.
 * @throws TrucError DICTIONARY_FILE_EXISTS, and what the system says
 */
export function writtenFile(workingDirectory: string, path: string, text: string, force: boolean): void {
  const file = resolve(workingDirectory, path);
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new TrucError('DICTIONARY_FILE_EXISTS', `${path} is there already: --force writes over it`);
  }
}
