import { Command } from 'commander';
import { qualityReport, type QualityReport } from '@truc/pipeline';
import { exitCode } from '../exit-code.js';
import type { Language } from '@truc/kernel';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { QualityClient } from '../quality/quality-client.js';
import { heldLines, shownRowLines } from '../quality/quarantine-lines.js';
import { examples, language } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import { quarantineExportCommand } from './quarantine-export-command.js';
import { quarantineRetryCommand } from './quarantine-retry-command.js';
import { entryNumber, ruleName } from './rule-option.js';
import type { Surroundings } from './surroundings.js';

export interface FindingOptions {
  readonly agency?: string;
  readonly dataset?: string;
  readonly rule?: string;
  readonly element?: string;
  readonly context?: string;
}

export function quarantineCommand(surroundings: Surroundings): Command {
  return new Command('quarantine')
    .description('rows that broke a value rule and are kept out of their dataset until a good version of them comes')
    .addHelpText('after', examples('truc quarantine list', 'truc quarantine show G01 population.resident 1024'))
    .addCommand(listCommand(surroundings))
    .addCommand(showCommand(surroundings))
    .addCommand(quarantineExportCommand(surroundings))
    .addCommand(quarantineRetryCommand(surroundings));
}

/** Options that choose findings; the same wherever findings are told. */
export function withFindingOptions(command: Command): Command {
  return command
    .option('--agency <code>', 'one agency, as in G01 or G12.34')
    .option('--dataset <name>', 'one dataset, as in population.resident')
    .option('--rule <rule>', 'one rule, V1 to V9', ruleName)
    .option('--element <name>', 'one element, as in person.full-name or its URN')
    .option('--context <name>', 'a context other than the current one');
}

/** What the chosen datasets' agents tell now. */
export async function reported({ contextPlaces }: Surroundings, options: FindingOptions): Promise<QualityReport> {
  const client = new QualityClient(platformOfContext(contextPlaces, options.context));
  const { told, unanswered } = await client.qualities(await client.captured(options));
  const { rule, element } = options;
  return qualityReport(told, unanswered, Date.now(), {
    ...(rule === undefined ? {} : { rule }),
    ...(element === undefined ? {} : { element }),
  });
}

function listCommand(surroundings: Surroundings): Command {
  const { output, end } = surroundings;
  return withFindingOptions(new Command('list').description('what is held now, by dataset, rule and element, with counts and ages'))
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .addHelpText('after', examples('truc quarantine list', 'truc quarantine list --agency G01 --rule V2 -o json'))
    .action(async (options: FindingOptions & { readonly output: OutputFormat }) => {
      const report = await reported(surroundings, options);
      const held = report.lines.filter(({ heldRows }) => heldRows > 0);
      const value = {
        datasets: report.datasets.map(({ agency, source, dataset, heldRows, rowsLeftOut, staleRows, oldestHeldAtMs }) => ({
          agency,
          source,
          dataset,
          heldRows,
          rowsLeftOut,
          staleRows,
          oldestHeldAtMs,
        })),
        held: held.map(({ agency, dataset, rule, element, field, heldRows, oldestHeldAtMs, newestHeldAtMs, reasons, examples: some }) => ({
          ...{ agency, dataset, rule, element, field, heldRows, oldestHeldAtMs, newestHeldAtMs, reasons },
          entries: some.map(({ entry }) => entry),
        })),
        unanswered: report.unanswered,
      };
      output.write(formatted(options.output, value, () => heldLines(report)));
      end(report.unanswered.length === 0 ? exitCode.ok : exitCode.failed);
    });
}

interface ShowOptions {
  readonly lang?: Language;
  readonly context?: string;
  readonly output: OutputFormat;
}

function showCommand(surroundings: Surroundings): Command {
  const { contextPlaces, output, end } = surroundings;
  return new Command('show')
    .description('one row that is held: every reason, and the form of its values, never the values')
    .argument('<agency>', 'agency code, as in G01 or G12.34')
    .argument('<dataset>', 'as in population.resident')
    .argument('<entry>', 'number of its entry, as `truc quarantine list` tells them', entryNumber)
    .option('--lang <language>', 'vi or en', language)
    .option('--context <name>', 'a context other than the current one')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .addHelpText(
      'after',
      examples('truc quarantine show G01 population.resident 1024', 'truc quarantine show G01 population.resident 1024 --lang vi'),
    )
    .action(async (agency: string, dataset: string, entry: string, { lang, context, output: format }: ShowOptions) => {
      const client = new QualityClient(platformOfContext(contextPlaces, context));
      const [captured] = await client.captured({ agency, dataset });
      const row = await client.row(captured!, entry);
      output.write(formatted(format, row, () => shownRowLines(row, lang ?? surroundings.language, Date.now())));
      end(exitCode.ok);
    });
}
