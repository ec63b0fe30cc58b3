import { Command } from 'commander';
import { examples } from './option-parser.js';
import { schemaCheckCommand } from './schema-check-command.js';
import type { Surroundings } from './surroundings.js';

export function schemaCommand(surroundings: Surroundings): Command {
  return new Command('schema')
    .description('schemas of datasets: check them by the dictionary, write them, and generate types from them')
    .addHelpText('after', examples('truc schema check resident.avsc'))
    .addCommand(schemaCheckCommand(surroundings));
}
