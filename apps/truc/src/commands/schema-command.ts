import { Command } from 'commander';
import { examples } from './option-parser.js';
import { schemaCheckCommand } from './schema-check-command.js';
import { schemaNewCommand } from './schema-new-command.js';
import { schemaTypesCommand } from './schema-types-command.js';
import type { Surroundings } from './surroundings.js';

export function schemaCommand(surroundings: Surroundings): Command {
  return new Command('schema')
    .description('schemas of datasets: check them by the dictionary, write them, and generate types from them')
    .addHelpText(
      'after',
      examples(
        'truc schema new --dataset population.resident',
        'truc schema check resident.avsc',
        'truc schema types resident.avsc --lang ts',
      ),
    )
    .addCommand(schemaCheckCommand(surroundings))
    .addCommand(schemaNewCommand(surroundings))
    .addCommand(schemaTypesCommand(surroundings));
}
