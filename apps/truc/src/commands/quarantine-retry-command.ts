import { Command } from 'commander';
import { exitCode } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { QualityClient } from '../quality/quality-client.js';
import { examples } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import { entryNumber, ruleName } from './rule-option.js';
import type { Surroundings } from './surroundings.js';

interface RetryOptions {
  readonly entry?: string;
  readonly rule?: string;
  readonly element?: string;
  readonly context?: string;
  readonly output: OutputFormat;
}

export function quarantineRetryCommand({ contextPlaces, output, errors, end }: Surroundings): Command {
  return new Command('retry')
    .description(
      'read rows that are held again at their source, and judge them by what holds now; the capture of the source begins anew for it',
    )
    .argument('<agency>', 'agency code, as in G01 or G12.34')
    .argument('<dataset>', 'as in population.resident')
    .option('--entry <number>', 'the row of one entry (default: all that is held)', entryNumber)
    .option('--rule <rule>', 'rows that are held by one rule, V1 to V9', ruleName)
    .option('--element <name>', 'rows that are held for one element, as in person.full-name or its URN')
    .option('--context <name>', 'a context other than the current one')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .addHelpText(
      'after',
      examples(
        'truc quarantine retry G01 population.resident',
        'truc quarantine retry G01 population.resident --rule V9',
        'truc quarantine retry G01 population.resident --entry 1024',
      ),
    )
    .action(async (agency: string, dataset: string, { entry, rule, element, context, output: format }: RetryOptions) => {
      const client = new QualityClient(platformOfContext(contextPlaces, context));
      const [captured] = await client.captured({ agency, dataset });
      const answer = await client.retry(captured!, { entry: entry ?? null, rule, element });
      (answer.ok ? output : errors).write(formatted(format, answer, () => [answer.message]));
      end(answer.ok ? exitCode.ok : exitCode.failed);
    });
}
