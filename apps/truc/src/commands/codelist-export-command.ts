import { Command } from 'commander';
import { codeListCsvText } from '@truc/dictionary';
import { codeListNamed } from '../dictionary/code-list-import.js';
import { DictionaryClient } from '../dictionary/dictionary-client.js';
import { writtenFile } from '../dictionary/written-file.js';
import { exitCode } from '../exit-code.js';
import { examples, wholeNumber } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

interface ExportOptions {
  readonly list: string;
  readonly release?: number;
  readonly bom: boolean;
  readonly force: boolean;
  readonly context?: string;
}

export function codelistExportCommand({ output, contextPlaces, end }: Surroundings): Command {
  return new Command('export')
    .description('write a code list as CSV: what an import takes')
    .argument('[file]', 'where to (default: standard output)')
    .requiredOption('--list <name>', 'the list, as in commune or urn:vn:ddict:codelist:commune')
    .option('--release <number>', 'as it was in this release (default: the latest)', wholeNumber('--release', 1, 999_999_999))
    .option('--bom', 'begin with a byte order mark, by which spreadsheets know UTF-8', false)
    .option('--force', 'write over a file that is there', false)
    .option('--context <name>', 'a context other than the current one')
    .addHelpText('after', examples('truc codelist export --list commune communes.csv --bom', 'truc codelist export --list sex --release 1'))
    .action(async (file: string | undefined, { list, release, bom, force, context }: ExportOptions) => {
      const { number, content } = await new DictionaryClient(platformOfContext(contextPlaces, context)).release(release ?? 'latest');
      const { id, entries } = codeListNamed(list, content);
      const text = codeListCsvText(entries, { byteOrderMark: bom });
      if (file === undefined) output.write(text);
      else {
        writtenFile(contextPlaces.workingDirectory, file, text, force);
        output.write(`${file}: ${entries.length} rows of ${id}, release ${number}\n`);
      }
      end(exitCode.ok);
    });
}
