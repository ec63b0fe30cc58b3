import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { contentFiles } from '@truc/dictionary';
import { TrucError } from '@truc/kernel';
import { DictionaryClient } from '../dictionary/dictionary-client.js';
import { writtenFile } from '../dictionary/written-file.js';
import { exitCode } from '../exit-code.js';
import { examples, wholeNumber } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

interface ExportOptions {
  readonly release?: number;
  readonly proposal?: number;
  readonly force: boolean;
  readonly context?: string;
}

export function dictionaryExportCommand({ output, contextPlaces, end, language }: Surroundings): Command {
  return new Command('export')
    .description('write a whole release as YAML, in files that a proposal takes again')
    .argument('<directory>', 'where to')
    .option('--release <number>', 'this release (default: the latest)', wholeNumber('--release', 1, 999_999_999))
    .option('--proposal <number>', 'the release that a proposal would be', wholeNumber('--proposal', 1, 999_999_999))
    .option('--force', 'write over files that are there', false)
    .option('--context <name>', 'a context other than the current one')
    .addHelpText('after', examples('truc dictionary export dictionary/', 'truc dictionary export before/ --release 3'))
    .action(async (directory: string, { release, proposal, force, context }: ExportOptions) => {
      const client = new DictionaryClient(platformOfContext(contextPlaces, context));
      const { number, content } =
        proposal === undefined ? await client.release(release ?? 'latest') : await client.releaseOfProposal(proposal, language);
      if (number === null || content === null) {
        throw new TrucError(
          'DICTIONARY_PROPOSAL_BROKEN',
          `proposal ${proposal} makes no release: truc dictionary try ${proposal} says why`,
        );
      }
      const files = contentFiles(content);
      // All of them or none: half an export is taken for a whole one.
      const present = files.find(({ path }) => existsSync(resolve(contextPlaces.workingDirectory, directory, path)));
      if (present !== undefined && !force) {
        throw new TrucError('DICTIONARY_FILE_EXISTS', `${join(directory, present.path)} is there already: --force writes over it`);
      }
      for (const { path, text } of files) writtenFile(contextPlaces.workingDirectory, join(directory, path), text, force);
      output.write(`${files.length} files in ${directory}: release ${number}\n`);
      end(exitCode.ok);
    });
}
