import { resolve } from 'node:path';
import { Command } from 'commander';
import { systemClock, TrucError, type Language } from '@truc/kernel';
import { assessDatabase, type AssessOptions } from '../assess/assess-database.js';
import { assessLines } from '../assess/assess-lines.js';
import { assessPage } from '../assess/assess-page.js';
import { assessValue } from '../assess/assess-value.js';
import type { Assessment } from '../assess/assessment.js';
import { mendingScript } from '../assess/mending-script.js';
import { proposedMapping } from '../assess/proposed-mapping.js';
import { ProgressLine } from '../dictionary/progress-line.js';
import { exitCode, UsageError } from '../exit-code.js';
import { formatted, outputFormats } from '../output-format.js';
import { PrivateFile } from '../quality/private-file.js';
import { offlineRelease } from '../schema/offline-policy.js';
import { checkLines } from '../source/check-report.js';
import { sourceAccess } from '../source/source-access.js';
import { sourceMappingOf, type SourceMapping } from '../source/source-mapping.js';
import { documentFiles } from '../document-files.js';
import { examples, language, wholeNumber } from './option-parser.js';
import { byteSize, withSourceOptions, type SourceOptions } from './source-options.js';
import type { Surroundings } from './surroundings.js';

const assessFormats = [...outputFormats, 'html'] as const;
type AssessFormat = (typeof assessFormats)[number];

const sampleRowsDefault = 100_000;

interface AssessCommandOptions extends SourceOptions {
  readonly mapping?: string;
  readonly agency?: string;
  readonly schema?: string;
  readonly release?: string;
  readonly sampleRows: number;
  readonly seed: number;
  readonly full: boolean;
  readonly freeDisk?: number;
  readonly output: AssessFormat;
  readonly out?: string;
  readonly sql?: string;
  readonly force: boolean;
  readonly lang?: Language;
}

export function sourceAssessCommand(surroundings: Surroundings): Command {
  return withSourceOptions(
    new Command('assess').description(
      'how ready a database is to be brought to the shared dictionary by 31 December 2026: rows and codes judged as capture would, and what capturing costs; only reads, makes no slot',
    ),
  )
    .option('-f, --mapping <path>', 'directory or file with the source document (default: a mapping is proposed, as by source init)')
    .option('--agency <code>', 'whose database it is, as in G01, where a mapping is proposed')
    .option('--schema <schema>', 'where a mapping is proposed: only the tables of this schema')
    .option('--release <path>', 'directory or file with the dictionary (default: the one that is shipped)')
    .option(
      '--sample-rows <number>',
      'a table with more rows is read in part, in about so many',
      wholeNumber('--sample-rows', 100, 100_000_000),
      sampleRowsDefault,
    )
    .option(
      '--seed <number>',
      'of the random choice of pages: the same seed reads the same ones again',
      wholeNumber('--seed', 0, 2_147_483_647),
      1,
    )
    .option('--full', 'read every row of every table', false)
    .option('--free-disk <size>', "room on the disk of the server's WAL, as in 40GB, where it cannot be measured", byteSize('--free-disk'))
    .option('-o, --output <format>', 'table, json, yaml, or html: a page to print and sign', assessFormat, 'table')
    .option('--out <file>', 'write it to a file that only you can read')
    .option('--sql <file>', 'write the mending statements, to be read and run by a person; nothing of them is run here')
    .option('--force', 'write over files that are there already', false)
    .option('--lang <language>', 'vi or en', language)
    .addHelpText(
      'after',
      examples(
        'truc source assess --url-file url.txt -f documents/',
        'truc source assess --url-file url.txt --agency G01 --lang vi',
        'truc source assess --url-file url.txt -f documents/ -o html --lang vi --out assessment.html --sql mending.sql',
        'truc source assess --url-file url.txt -f documents/ --full -o json',
      ),
    )
    .addHelpText(
      'after',
      '\nEnds with 0 when every row that was read conforms, 2 when something does not. Values of rows are shown masked.\n',
    )
    .action(async (options: AssessCommandOptions) => {
      const speech = options.lang ?? surroundings.language;
      const found = await assessed(options, surroundings, speech);
      if ('problems' in found) {
        surroundings.output.write(`${checkLines(found, speech).join('\n')}\n`);
        surroundings.end(exitCode.found);
        return;
      }
      await write(found, options, surroundings, speech);
      surroundings.end(found.state === 'conforms' ? exitCode.ok : exitCode.found);
    });
}

type Refused = Parameters<typeof checkLines>[0];

async function assessed(
  options: AssessCommandOptions,
  { contextPlaces, environment = {}, errors }: Surroundings,
  speech: Language,
): Promise<Assessment | Refused> {
  const { workingDirectory } = contextPlaces;
  if (options.mapping === undefined && options.agency === undefined)
    throw new UsageError('say what is to be judged: -f <path> with the mapping, or --agency <code> to have one proposed');
  const release = offlineRelease(options.release ?? null, workingDirectory, speech);
  const given =
    options.mapping === undefined ? null : givenMapping(options.mapping, options, { release, language: speech }, workingDirectory);
  const access = sourceAccess(options, given?.database ?? null, workingDirectory, environment);
  const problems = given?.problems ?? [];
  if (problems.length > 0) return { source: given?.name ?? null, database: access.shown, survey: null, findings: [], problems };

  const stop = new AbortController();
  const onSignal = (): void =>
    stop.abort(new TrucError('ASSESS_STOPPED', 'stopped before everything was read; nothing was changed and nothing was written'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const progress = new ProgressLine(errors, { unit: 'rows' });
  try {
    const session = { statementTimeoutMs: options.timeout * 1000, signal: stop.signal };
    const proposal =
      given === null
        ? await proposedMapping(
            { ...options, dictionary: options.release ?? null, access, release, workingDirectory, language: speech },
            session,
          )
        : null;
    const { mapping, origin, confidences } = proposal ?? given ?? unreachable();
    const about: AssessOptions = {
      ...session,
      url: access.url,
      shown: access.shown,
      mapping,
      origin,
      ...(confidences === undefined ? {} : { confidences }),
      release,
      slot: access.slot,
      publication: access.publication,
      sampleRows: options.full ? null : options.sampleRows,
      seed: options.seed,
      freeDiskBytes: options.freeDisk ?? null,
      clock: systemClock,
      onProgress: (table, read, of) => progress.tell(table, read, of),
    };
    return await assessDatabase(about);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

function givenMapping(
  path: string,
  { source }: AssessCommandOptions,
  reading: { readonly release: Parameters<typeof sourceMappingOf>[3]['release']; readonly language: Language },
  workingDirectory: string,
) {
  const files = documentFiles(resolve(workingDirectory, path), workingDirectory);
  const mapping: SourceMapping = sourceMappingOf(files, source ?? null, path, { ...reading, impliesDatasets: true });
  const { database, problems, name } = mapping;
  return { mapping, database, problems, name, origin: { kind: 'given', place: path } as const, confidences: undefined };
}

async function write(
  assessment: Assessment,
  { output: format, out, sql, force }: AssessCommandOptions,
  { output, errors, contextPlaces }: Surroundings,
  speech: Language,
): Promise<void> {
  const place = (file: string): string => resolve(contextPlaces.workingDirectory, file);
  const text =
    format === 'html' ? assessPage(assessment, speech) : formatted(format, assessValue(assessment), () => assessLines(assessment, speech));
  const said = speech === 'vi' ? 'đã ghi' : 'written to';
  if (out === undefined) output.write(text);
  else {
    await writePrivately(place(out), text, force);
    output.write(`${said} ${out}\n`);
  }
  if (sql === undefined) return;
  await writePrivately(place(sql), mendingScript(assessment, speech), force);
  errors.write(`${said} ${sql}\n`);
}

async function writePrivately(path: string, text: string, force: boolean): Promise<void> {
  const file = await PrivateFile.open(path, force);
  await file.write(text);
  await file.finish();
}

function assessFormat(text: string): AssessFormat {
  const format = assessFormats.find((known) => known === text);
  if (format === undefined) throw new UsageError(`-o takes ${assessFormats.join(', ')}, not "${text}"`);
  return format;
}

function unreachable(): never {
  throw new Error('unreachable: no mapping');
}
