import { Command } from 'commander';
import {
  databaseFindings,
  setupChanges,
  setupScript,
  sourceFindings,
  surveyDatabase,
  undoScript,
  type CapturePlan,
  type DatabaseSurvey,
  type Finding,
} from '@truc/source-survey';
import type { Language } from '@truc/kernel';
import { exitCode, UsageError } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { offlineRelease } from '../schema/offline-policy.js';
import { writeOutputFile } from '../schema/output-file.js';
import { checkLines, checkValue, isSound, type CheckReport } from '../source/check-report.js';
import { roleDefault, sourceAccess } from '../source/source-access.js';
import { sourceMapping, type SourceMapping } from '../source/source-mapping.js';
import { examples, language } from './option-parser.js';
import { byteSize, withSourceOptions, type SourceOptions } from './source-options.js';
import type { Surroundings } from './surroundings.js';

interface CheckOptions extends SourceOptions {
  readonly file?: string;
  readonly release?: string;
  readonly freeDisk?: number;
  readonly sql?: string;
  readonly undoSql?: string;
  readonly force: boolean;
  readonly output: OutputFormat;
  readonly lang?: Language;
}

export function sourceCheckCommand(surroundings: Surroundings): Command {
  return withSourceOptions(
    new Command('check').description("what an agency's database lacks for capturing from it, and the SQL that mends it; only reads"),
  )
    .option('-f, --file <path>', 'directory or file with the source and dataset documents: what is to be captured')
    .option('--release <path>', 'directory or file with the dictionary (default: the one that is shipped)')
    .option('--role <name>', `role that captures (default: ${roleDefault}, or the one of --config)`)
    .option('--free-disk <size>', "room on the disk of the server's WAL, as in 40GB, where it cannot be measured", byteSize('--free-disk'))
    .option('--sql <file>', 'write the script that makes what is missing, with the least rights')
    .option('--undo-sql <file>', 'write the script that takes all of it back')
    .option('--force', 'write over files that are there already', false)
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .option('--lang <language>', 'vi or en', language)
    .addHelpText(
      'after',
      examples(
        'truc source check --url postgres://admin@db.agency/population',
        'truc source check --url-file url.txt -f documents/ --source G01/population --free-disk 40GB',
        'truc source check --url-file url.txt -f documents/ --sql truc.sql --undo-sql truc-undo.sql',
        'truc source check --config agent.json -f documents/ --source population -o json',
      ),
    )
    .addHelpText('after', '\nEnds with 0 when nothing is missing, 2 when something is.\n')
    .action(async (options: CheckOptions) => {
      const speech = options.lang ?? surroundings.language;
      const { report, write } = await checked(options, surroundings, speech);
      surroundings.output.write(formatted(options.output, checkValue(report, speech), () => checkLines(report, speech)));
      for (const line of write()) surroundings.errors.write(`${line}\n`);
      surroundings.end(isSound(report) ? exitCode.ok : exitCode.found);
    });
}

async function checked(
  options: CheckOptions,
  { contextPlaces, environment = {} }: Surroundings,
  speech: Language,
): Promise<{ readonly report: CheckReport; readonly write: () => string[] }> {
  const { workingDirectory } = contextPlaces;
  if (options.file === undefined && (options.sql ?? options.undoSql) !== undefined)
    throw new UsageError('--sql and --undo-sql go with -f: rights are given for what a mapping names, and for nothing else');
  const mapping =
    options.file === undefined
      ? null
      : sourceMapping(
          options.file,
          options.source ?? null,
          offlineRelease(options.release ?? null, workingDirectory, speech),
          workingDirectory,
          speech,
        );
  const access = sourceAccess(options, mapping?.database ?? null, workingDirectory, environment);
  const about = { source: mapping?.name ?? null, database: access.shown };
  const nothing = { report: { ...about, survey: null, findings: [], problems: mapping?.problems ?? [] }, write: () => [] };
  if (nothing.report.problems.length > 0) return nothing;
  const survey = await surveyDatabase(access.url, {
    role: access.role,
    publication: access.publication,
    tables: mapping?.tables.map(({ table }) => table) ?? null,
    freeDiskBytes: options.freeDisk ?? null,
    statementTimeoutMs: options.timeout * 1000,
  });
  if (mapping === null)
    return { report: { ...about, survey, findings: databaseFindings(survey, access.slot), problems: [] }, write: () => [] };
  const plan: CapturePlan = { role: survey.roleName, slot: access.slot, publication: access.publication, tables: mapping.tables };
  const findings = [...sourceFindings(survey, plan), ...leftOut(mapping)];
  return { report: { ...about, survey, findings, problems: [] }, write: () => scripts(options, survey, plan, workingDirectory, speech) };
}

function leftOut({ leftOut: tables }: SourceMapping): Finding[] {
  return tables.map(({ table, reason }) => ({
    code: 'NOT_CAPTURED',
    severity: 'note',
    place: table,
    values: { reason: reason ?? 'publish: false' },
    sql: [],
  }));
}

/** Both scripts come of the same survey, so that the one takes back what the other does. @returns what was written, for a person */
function scripts(options: CheckOptions, survey: DatabaseSurvey, plan: CapturePlan, workingDirectory: string, speech: Language): string[] {
  const changes = setupChanges(survey, plan);
  const wanted = [
    { file: options.sql, text: () => setupScript(survey, plan, changes, speech) },
    { file: options.undoSql, text: () => undoScript(survey, plan, changes, speech) },
  ];
  return wanted.flatMap(({ file, text }) => {
    if (file === undefined) return [];
    const written = writeOutputFile(file, text(), workingDirectory, options.force);
    return [speech === 'vi' ? `đã ghi ${written}: hãy đọc trước khi chạy` : `written to ${written}: read it before you run it`];
  });
}
