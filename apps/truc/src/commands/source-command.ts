import { Command } from 'commander';
import { examples } from './option-parser.js';
import { sourceAssessCommand } from './source-assess-command.js';
import { sourceCheckCommand } from './source-check-command.js';
import { sourceInitCommand } from './source-init-command.js';
import { sourceRemoveCommand } from './source-remove-command.js';
import { sourceUpgradeCommand } from './source-upgrade-command.js';
import type { Surroundings } from './surroundings.js';

export function sourceCommand(surroundings: Surroundings): Command {
  return new Command('source')
    .description("an agency's own database: look at it, make it ready, and leave it as it was")
    .addHelpText(
      'after',
      examples(
        'truc source init --url postgres://reader@db.agency/population --agency G01 -o documents/',
        'truc source assess --url-file url.txt -f documents/ -o html --lang vi --out assessment.html',
        'truc source check --url postgres://admin@db.agency/population',
        'truc source check --url-file url.txt -f documents/ --sql truc.sql --undo-sql truc-undo.sql',
        'truc source remove --url-file url.txt --dry-run',
        'truc source upgrade --plan',
      ),
    )
    .addCommand(sourceInitCommand(surroundings))
    .addCommand(sourceAssessCommand(surroundings))
    .addCommand(sourceCheckCommand(surroundings))
    .addCommand(sourceRemoveCommand(surroundings))
    .addCommand(sourceUpgradeCommand(surroundings));
}
