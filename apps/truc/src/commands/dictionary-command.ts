import { Command } from 'commander';
import { dictionaryDecisionCommands } from './dictionary-decision-commands.js';
import { dictionaryExportCommand } from './dictionary-export-command.js';
import { dictionaryProposeCommand } from './dictionary-propose-command.js';
import { dictionaryHistoryCommand, dictionaryShowCommand } from './dictionary-show-command.js';
import { dictionaryTryCommand } from './dictionary-try-command.js';
import { examples } from './option-parser.js';
import type { Surroundings } from './surroundings.js';

export function dictionaryCommand(surroundings: Surroundings): Command {
  const command = new Command('dictionary')
    .description('the shared data dictionary: propose, review and approve changes, look at releases')
    .addHelpText(
      'after',
      examples(
        'truc dictionary propose -f dictionary/ --note "a field for the new card"',
        'truc dictionary try 3',
        'truc dictionary review 3 --agree',
        'truc dictionary approve 3 --context local-dictionary',
      ),
    )
    .addCommand(dictionaryProposeCommand(surroundings))
    .addCommand(dictionaryShowCommand(surroundings))
    .addCommand(dictionaryHistoryCommand(surroundings))
    .addCommand(dictionaryExportCommand(surroundings))
    .addCommand(dictionaryTryCommand(surroundings));
  for (const decision of dictionaryDecisionCommands(surroundings)) command.addCommand(decision);
  return command;
}
