import { Command } from 'commander';
import { codelistExportCommand } from './codelist-export-command.js';
import { codelistImportCommand } from './codelist-import-command.js';
import { examples } from './option-parser.js';
import type { Surroundings } from './surroundings.js';

export function codelistCommand(surroundings: Surroundings): Command {
  return new Command('codelist')
    .description('code lists as CSV, for the people who keep them')
    .addHelpText('after', examples('truc codelist export --list commune communes.csv', 'truc codelist import communes.csv --list commune'))
    .addCommand(codelistImportCommand(surroundings))
    .addCommand(codelistExportCommand(surroundings));
}
