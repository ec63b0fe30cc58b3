import { join } from 'node:path';
import { Command } from 'commander';
import { type Language, isAgencyCode } from '@truc/kernel';
import { documentFiles } from '../document-files.js';
import { writtenFile } from '../dictionary/written-file.js';
import { exitCode, UsageError } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { offlineRelease, shippedDictionary } from '../schema/offline-policy.js';
import { groupLabels } from '../source/group-labels.js';
import { initLines, initValue, type InitReport } from '../source/init-report.js';
import { datasetsYaml, proposedTables, sourceYaml, type SourceNaming } from '../source/proposal-documents.js';
import { proposedSource } from '../source/proposed-source.js';
import { sourceAccess } from '../source/source-access.js';
import { sourceMapping } from '../source/source-mapping.js';
import { commonSchema, databaseName } from '../source/source-naming.js';
import { examples, language } from './option-parser.js';
import { withSourceOptions, type SourceOptions } from './source-options.js';
import type { Surroundings } from './surroundings.js';

interface InitOptions extends SourceOptions {
  readonly agency: string;
  readonly name?: string;
  readonly schema?: string;
  readonly release?: string;
  readonly directory: string;
  readonly force: boolean;
  readonly output: OutputFormat;
  readonly lang?: Language;
}

export function sourceInitCommand(surroundings: Surroundings): Command {
  return withSourceOptions(
    new Command('init').description(
      'propose datasets and a mapping for a database, by names, types, foreign keys and some rows; only reads',
    ),
  )
    .requiredOption('--agency <code>', 'whose database it is, as in G01')
    .option('--name <name>', 'what documents call the database, as in population (default: as PostgreSQL does)')
    .option('--schema <schema>', 'only the tables of this schema')
    .option('--release <path>', 'directory or file with the dictionary (default: the one that is shipped)')
    .option('-o, --directory <directory>', 'where the documents are written', '.')
    .option('--force', 'write over documents that are there already', false)
    .option('--output <format>', 'table, json or yaml', outputFormat, 'table')
    .option('--lang <language>', 'vi or en', language)
    .addHelpText(
      'after',
      examples(
        'truc source init --url postgres://reader@db.agency/population --agency G01',
        'truc source init --url-file url.txt --agency G10 --name land --schema dat_dai -o documents/ --lang vi',
      ),
    )
    .addHelpText(
      'after',
      '\nValues of rows are compared in memory and written nowhere; local codes that a map transform translates are the exception.\n',
    )
    .action(async (options: InitOptions) => {
      const speech = options.lang ?? surroundings.language;
      const { report, database } = await initialised(options, surroundings, speech);
      surroundings.output.write(formatted(options.output, initValue(report), () => initLines(report, database, speech)));
      surroundings.end(exitCode.ok);
    });
}

async function initialised(
  options: InitOptions,
  { contextPlaces, environment = {} }: Surroundings,
  speech: Language,
): Promise<{ readonly report: InitReport; readonly database: string }> {
  const { workingDirectory } = contextPlaces;
  if (!isAgencyCode(options.agency)) throw new UsageError(`an agency is named by its code, as in G01 or G12.34, not "${options.agency}"`);
  const access = sourceAccess(options, options.name ?? null, workingDirectory, environment);
  const database = databaseName(options.name ?? access.shown.slice(access.shown.indexOf('/') + 1), options.name !== undefined);
  const release = offlineRelease(options.release ?? null, workingDirectory, speech);
  const labels = groupLabels(documentFiles(options.release ?? shippedDictionary, workingDirectory));
  const about = { agency: options.agency, schema: options.schema ?? null, publication: access.publication };
  const session = { statementTimeoutMs: options.timeout * 1000 };
  const { vocabulary, proposals } = await proposedSource(access.url, about, { release, groupLabels: labels }, session);
  const { tables, unrecognised } = proposedTables(proposals, speech);
  const nothing: InitReport = { database: access.shown, tables, unrecognised, files: [], problems: [] };
  if (tables.length === 0) return { report: nothing, database };

  const naming: SourceNaming = {
    agency: options.agency,
    database,
    schema: options.schema ?? commonSchema(tables.map(({ proposal }) => proposal.table.table)),
  };
  const source = join(options.directory, `source-${database}.yaml`);
  const datasets = join(options.directory, `datasets-${database}.yaml`);
  const files = [source, ...(tables.some(({ publish }) => publish) ? [datasets] : [])];
  writtenFile(workingDirectory, source, sourceYaml(tables, naming, vocabulary, speech), options.force);
  if (files.includes(datasets)) writtenFile(workingDirectory, datasets, datasetsYaml(tables, naming, speech), options.force);
  const { problems } = sourceMapping(options.directory, `${options.agency}/${database}`, release, workingDirectory, speech);
  return { report: { ...nothing, files, problems }, database };
}
