import { Command } from 'commander';
import { versionIncompatibilities, type AvroReading, type AvroSchema } from '@truc/avro';
import { checkSubjectSchema, type DictionaryRelease, type SubjectDataset, type SubjectSchemaInput } from '@truc/dictionary';
import { isAgencyCode, type Language } from '@truc/kernel';
import { exitCode, UsageError, type ExitCode } from '../exit-code.js';
import { formatted } from '../output-format.js';
import { junitReport } from '../schema/junit-report.js';
import { offlineDatasets, offlineRelease } from '../schema/offline-policy.js';
import { reportFormat, type ReportFormat } from '../schema/report-format.js';
import { reportTable } from '../schema/report-table.js';
import { sarifReport } from '../schema/sarif-report.js';
import { readSchemaFile, SchemaFileError, wholeSchema, type SchemaFile } from '../schema/schema-file.js';
import {
  reportValue,
  type Incompatibility,
  type PlacedViolation,
  type SchemaReport,
  type UnreadableFile,
} from '../schema/schema-report.js';
import { examples, language } from './option-parser.js';
import type { Surroundings } from './surroundings.js';

interface CheckOptions {
  readonly subject?: string;
  readonly release?: string;
  readonly documents?: string;
  readonly agency?: string;
  readonly previous: readonly string[];
  readonly output: ReportFormat;
  readonly lang?: Language;
}

export function schemaCheckCommand(surroundings: Surroundings): Command {
  return new Command('check')
    .description('judge schemas by the rules D1 to D12 of the dictionary, without any backbone')
    .argument('<files...>', 'Avro schemas (.avsc): the envelope that a topic carries, or the row record alone')
    .option(
      '--subject <name>',
      'judge as the next schema of this subject, as in data.g01.population.resident.v1-value (default: a new subject)',
    )
    .option('--release <path>', 'directory or file with the dictionary (default: the one that is shipped)')
    .option('--documents <path>', 'directory or file with dataset and source documents: what the dataset requires')
    .option('--agency <code>', 'judge as registered by this agency, as in G01')
    .option(
      '--previous <file>',
      'an earlier version of the subject; once for each, oldest first',
      (file, files: string[]) => [...files, file],
      [],
    )
    .option('-o, --output <format>', 'table, json, yaml, junit or sarif', reportFormat, 'table')
    .option('--lang <lang>', 'vi or en (default: by LANG)', language)
    .addHelpText(
      'after',
      examples(
        'truc schema check docs/examples/resident.avsc',
        'truc schema check resident.avsc --subject data.g01.population.resident.v1-value --documents libs/demo/documents',
        'truc schema check resident-2.avsc --previous resident-1.avsc',
        'truc schema check schemas/*.avsc -o sarif > schemas.sarif',
      ),
    )
    .addHelpText('after', '\nEnds with 0 when nothing is violated, 2 when something is, 1 when a file holds no schema.\n')
    .action((files: string[], options: CheckOptions) => surroundings.end(check(files, options, surroundings)));
}

function check(files: readonly string[], options: CheckOptions, surroundings: Surroundings): ExitCode {
  const { output, errors, language: usual } = surroundings;
  const report = reportOf(files, options, surroundings);
  const speech = options.lang ?? usual;
  for (const { message } of report.errors) errors.write(`${message}\n`);
  if (options.output !== 'table' || report.errors.length < files.length) output.write(written(report, options.output, speech));
  if (report.errors.length > 0) return exitCode.failed;
  return report.violations.length + report.incompatibilities.length > 0 ? exitCode.found : exitCode.ok;
}

function written(report: SchemaReport, format: ReportFormat, speech: Language): string {
  switch (format) {
    case 'junit':
      return junitReport(report, speech);
    case 'sarif':
      return sarifReport(report, speech);
    default:
      return formatted(format, reportValue(report), () => reportTable(report, speech));
  }
}

function reportOf(files: readonly string[], options: CheckOptions, { contextPlaces, language: usual }: Surroundings): SchemaReport {
  const { workingDirectory } = contextPlaces;
  const speech = options.lang ?? usual;
  const subject = options.subject ?? null;
  const [, part = subject === null ? 'value' : undefined] = /-(key|value)$/.exec(subject ?? '') ?? [];
  if (part === undefined) throw new UsageError(`--subject takes <topic>-key or <topic>-value, not "${subject}"`);
  const release = offlineRelease(options.release ?? null, workingDirectory, speech);
  if (options.previous.length > 0 && files.length > 1)
    throw new UsageError('--previous goes with one file, whose earlier versions it names');
  const previous = options.previous.map((file) => wholeSchema(readSchemaFile(file, workingDirectory)));
  const dataset = datasetOf(subject, options.documents, release, workingDirectory, speech);
  const about: Omit<SubjectSchemaInput, 'schema'> = {
    subject,
    keyOrValue: part as 'key' | 'value',
    release,
    dataset,
    view: null,
    caller: callerOf(options.agency, subject),
    previousVersions: previous,
    language: speech,
  };
  const read: SchemaFile[] = [];
  const unreadable: UnreadableFile[] = [];
  for (const file of files) {
    try {
      read.push(readSchemaFile(file, workingDirectory));
    } catch (error) {
      if (!(error instanceof SchemaFileError)) throw error;
      const { path, place, code, message } = error;
      unreadable.push({ file: path, ...place, code, message });
    }
  }
  const judged = read.map(({ path, reading, placeOf }) => {
    const { violations, warnings, notEvaluated } = checkSubjectSchema({ ...about, schema: reading });
    const placed = (found: typeof violations): PlacedViolation[] =>
      found.map((each) => ({ ...each, file: path, ...placeOf(each.path) })).toSorted((a, b) => a.line - b.line || a.column - b.column);
    return {
      violations: placed(violations),
      warnings: placed(warnings),
      notEvaluated,
      incompatibilities: incompatible(path, reading, placeOf, previous),
    };
  });
  const needs = new Map(judged.flatMap(({ notEvaluated }) => notEvaluated.map((each) => [each.rule, each])));
  return {
    release: release.number,
    subject,
    files: [...read.map(({ path }) => path), ...unreadable.map(({ file }) => file)],
    violations: judged.flatMap(({ violations }) => violations),
    warnings: judged.flatMap(({ warnings }) => warnings),
    incompatibilities: judged.flatMap(({ incompatibilities }) => incompatibilities),
    notEvaluated: [...needs.values()],
    errors: unreadable,
  };
}

/** @throws UsageError */
function callerOf(agency: string | undefined, subject: string | null): SubjectSchemaInput['caller'] {
  if (agency === undefined) return null;
  if (!isAgencyCode(agency)) throw new UsageError(`--agency takes the code of an agency, as in G01 or G12.34, not "${agency}"`);
  if (subject === null) throw new UsageError('--agency goes with --subject, which says whose topic it is');
  return { agency, role: 'integrator' };
}

/** What keeps a schema and the earlier versions from reading each other's data; the level is the one that D11 demands. */
function incompatible(file: string, { schema, limits }: AvroReading, placeOf: SchemaFile['placeOf'], previous: readonly AvroSchema[]) {
  if (schema === null || limits.length > 0) return [];
  return versionIncompatibilities('FULL_TRANSITIVE', schema, previous).map(
    ({ path: pointer, message, direction, against }): Incompatibility => {
      const version = against + 1;
      // A pointer into the reader's schema: a place in this file only where this schema is the reader.
      if (direction === 'old-reads-new')
        return { file, ...placeOf('$'), path: '$', message: `cannot be read by version ${version}: ${message}` };
      const path = `$${pointer.replaceAll(/\/([0-9]+)/g, '[$1]').replaceAll('/', '.')}`;
      return { file, ...placeOf(path), path, message: `cannot read data of version ${version}: ${message}` };
    },
  );
}

/** @throws UsageError where the documents do not have the subject's dataset */
function datasetOf(
  subject: string | null,
  documents: string | undefined,
  release: DictionaryRelease,
  workingDirectory: string,
  speech: Language,
): SubjectDataset | null {
  if (documents === undefined) return null;
  if (subject === null) throw new UsageError('--documents goes with --subject, which says whose schema it is');
  const datasets = offlineDatasets(documents, release, workingDirectory, speech);
  const found = datasets.find(({ topic }) => subject === `${topic}-key` || subject === `${topic}-value`);
  if (found !== undefined) return found;
  throw new UsageError(
    `${documents} has no dataset of the subject "${subject}"; its topics are ${datasets.map(({ topic }) => topic).join(', ')}`,
  );
}
