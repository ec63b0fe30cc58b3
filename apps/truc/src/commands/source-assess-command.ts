import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Language } from '@truc/kernel';
import { assessLines } from '../assess/assess-lines.js';
import { assessPage } from '../assess/assess-page.js';
import { assessValue } from '../assess/assess-value.js';
import type { Assessment } from '../assess/assessment.js';
import { mendingScript } from '../assess/mending-script.js';
import { requestedAssessment, type AssessmentRequest } from '../assess/requested-assessment.js';
import { exitCode } from '../exit-code.js';
import { formatted, outputFormats } from '../output-format.js';
import { PrivateFile } from '../quality/private-file.js';
import { checkLines } from '../source/check-report.js';
import { examples, language, oneOf, wholeNumber } from './option-parser.js';
import { byteSize, withSourceOptions } from './source-options.js';
import type { Surroundings } from './surroundings.js';

const assessFormats = [...outputFormats, 'html'] as const;
type AssessFormat = (typeof assessFormats)[number];
const assessFormat = oneOf('-o', assessFormats);

const sampleRowsDefault = 100_000;

interface AssessCommandOptions extends AssessmentRequest {
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
      const found = await requestedAssessment(options, surroundings, speech);
      if ('problems' in found) {
        surroundings.output.write(`${checkLines(found, speech).join('\n')}\n`);
        surroundings.end(exitCode.found);
        return;
      }
      await write(found, options, surroundings, speech);
      surroundings.end(found.state === 'conforms' ? exitCode.ok : exitCode.found);
    });
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
