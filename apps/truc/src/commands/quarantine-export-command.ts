import { resolve } from 'node:path';
import { Command } from 'commander';
import { topicNames } from '@truc/coordination';
import { openLogReader } from '@truc/kafka';
import { isAgencyCode, TrucError } from '@truc/kernel';
import { HeldRows, isWanted, type LogReader } from '@truc/pipeline';
import { exitCode, UsageError } from '../exit-code.js';
import { agencyBroker } from '../quality/agency-broker.js';
import { csvHead, csvRow, exportFormats, jsonRow, type ExportFormat } from '../quality/held-row-text.js';
import { PrivateFile } from '../quality/private-file.js';
import { examples } from './option-parser.js';
import { ruleName } from './rule-option.js';
import type { Surroundings } from './surroundings.js';

interface ExportOptions {
  readonly config: string;
  readonly out: string;
  readonly format: ExportFormat;
  readonly force: boolean;
  readonly rule?: string;
  readonly element?: string;
}

export function quarantineExportCommand(surroundings: Surroundings): Command {
  return new Command('export')
    .description(
      "the rows that are held, in clear, for the agency that they belong to: read with that agency's own credentials at the brokers",
    )
    .argument('<agency>', 'agency code, as in G01 or G12.34')
    .argument('<dataset>', 'as in population.resident')
    .requiredOption('--config <file>', "configuration of the agency's node, which has its credentials at the brokers")
    .requiredOption('--out <file>', 'written whole or not at all, for its owner only (0600)')
    .option('--format <format>', 'csv or jsonl', exportFormat, 'csv')
    .option('--rule <rule>', 'one rule, V1 to V9', ruleName)
    .option('--element <name>', 'one element, as in person.full-name or its URN')
    .option('--force', 'write over a file that is there already', false)
    .addHelpText(
      'after',
      examples(
        'truc quarantine export G01 population.resident --config agent.json --out held.csv',
        'truc quarantine export G01 population.resident --config agent.json --out held.jsonl --format jsonl --rule V2',
      ),
    )
    .action(async (agency: string, dataset: string, options: ExportOptions) => {
      if (!isAgencyCode(agency)) throw new UsageError(`an agency is named by its code, as in G01 or G12.34, not "${agency}"`);
      const from = (file: string) => resolve(surroundings.contextPlaces.workingDirectory, file);
      const reader = openLogReader({ connection: agencyBroker(from(options.config), agency, surroundings.environment ?? {}) });
      try {
        const topic = topicNames.quarantine(agency, dataset);
        if ((await reader.partitions(topic)) === null)
          throw new TrucError(
            'EXPORT_DATASET_UNKNOWN',
            `${agency} sees no quarantine of ${dataset} at the brokers: look at the name, and whose dataset it is`,
          );
        const rows = await exported(reader, topic, from(options.out), options, surroundings.errors);
        surroundings.output.write(
          `${rows} rows written to ${options.out}. They hold personal data: remove the file when the rows are mended.\n`,
        );
      } finally {
        await reader.close();
      }
      surroundings.end(exitCode.ok);
    });
}

async function exported(
  reader: LogReader,
  topic: string,
  path: string,
  options: ExportOptions,
  errors: NodeJS.WriteStream,
): Promise<number> {
  const file = await PrivateFile.open(path, options.force);
  const stop = new AbortController();
  const interrupt = () => stop.abort(new TrucError('EXPORT_GIVEN_UP', 'given up: nothing was written'));
  process.once('SIGINT', interrupt);
  let written = 0;
  let total: number | null = null;
  const progress = setInterval(
    () => errors.write(total === null ? 'looking through the quarantine ...\n' : `${written} of ${total} rows\n`),
    2_000,
  );
  try {
    const { rule, element } = options;
    const filter = { ...(rule === undefined ? {} : { rule }), ...(element === undefined ? {} : { element }) };
    const held = await HeldRows.find({
      reader,
      topic,
      signal: stop.signal,
      isWanted: ({ reasons }) => reasons.some((reason) => isWanted(reason.rule, reason.element, filter)),
    });
    total = held.size;
    if (options.format === 'csv') await file.write(csvHead(held.columns));
    for await (const entry of held.entries()) {
      await file.write(options.format === 'csv' ? csvRow(entry, held.columns) : jsonRow(entry));
      written += 1;
    }
    await file.finish();
    return written;
  } catch (error) {
    await file.giveUp();
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearInterval(progress);
    process.off('SIGINT', interrupt);
  }
}

function exportFormat(text: string): ExportFormat {
  const format = exportFormats.find((known) => known === text);
  if (format === undefined) throw new UsageError(`--format takes ${exportFormats.join(' or ')}, not "${text}"`);
  return format;
}
