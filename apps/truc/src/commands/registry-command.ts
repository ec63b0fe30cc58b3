import { Command } from 'commander';
import { examples } from './option-parser.js';
import { registryExportCommand } from './registry-export-command.js';
import { registryImportCommand } from './registry-import-command.js';
import type { Surroundings } from './surroundings.js';

export function registryCommand(surroundings: Surroundings): Command {
  return new Command('registry')
    .description('move a schema registry in and out, whole: ids, versions, settings, modes')
    .addHelpText(
      'after',
      examples('truc registry export --out registry.jsonl', 'truc registry import --from https://registry.example:8081'),
    )
    .addCommand(registryImportCommand(surroundings))
    .addCommand(registryExportCommand(surroundings));
}
