import { Command } from 'commander';
import { examples } from './option-parser.js';
import { schemaCheckCommand } from './schema-check-command.js';
import { schemaDiffCommand } from './schema-diff-command.js';
import { schemaNewCommand } from './schema-new-command.js';
import { schemaRegisterCommand } from './schema-register-command.js';
import { schemaTypesCommand } from './schema-types-command.js';
import type { Surroundings } from './surroundings.js';

export function schemaCommand(surroundings: Surroundings): Command {
  return new Command('schema')
    .description('schemas of datasets: check them by the dictionary, write, register and compare them, and generate types from them')
    .addHelpText(
      'after',
      examples(
        'truc schema new --dataset population.resident',
        'truc schema check resident.avsc',
        'truc schema types resident.avsc --lang ts',
        'truc schema register resident.avsc --dataset population.resident --dry-run',
        'truc schema diff population.resident.v1 population.resident.v2',
      ),
    )
    .addCommand(schemaCheckCommand(surroundings))
    .addCommand(schemaNewCommand(surroundings))
    .addCommand(schemaTypesCommand(surroundings))
    .addCommand(schemaRegisterCommand(surroundings))
    .addCommand(schemaDiffCommand(surroundings));
}
