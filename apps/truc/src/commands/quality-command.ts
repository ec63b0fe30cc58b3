import { resolve } from 'node:path';
import { Command } from 'commander';
import type { QualityReport } from '@truc/pipeline';
import { exitCode } from '../exit-code.js';
import type { Language } from '@truc/kernel';
import { formatted, outputFormats } from '../output-format.js';
import { PrivateFile } from '../quality/private-file.js';
import { reportLines } from '../quality/report-lines.js';
import { reportPage } from '../quality/report-page.js';
import { examples, language, oneOf } from './option-parser.js';
import { reported, withFindingOptions, type FindingOptions } from './quarantine-command.js';
import type { Surroundings } from './surroundings.js';

const reportFormats = [...outputFormats, 'html'] as const;
type ReportFormat = (typeof reportFormats)[number];
const reportFormat = oneOf('-o', reportFormats);

interface ReportOptions extends FindingOptions {
  readonly output: ReportFormat;
  readonly lang?: Language;
  readonly out?: string;
  readonly force: boolean;
}

export function qualityCommand(surroundings: Surroundings): Command {
  return new Command('quality')
    .description('how the rows of the sources stand against the dictionary')
    .addHelpText('after', examples('truc quality report', 'truc quality report -o html --lang vi --out quality.html'))
    .addCommand(reportCommand(surroundings));
}

function reportCommand(surroundings: Surroundings): Command {
  return withFindingOptions(
    new Command('report').description(
      'by dataset, element, rule and agency: rows judged, held and marked, their share, the trend of 14 days, and forms of values',
    ),
  )
    .option('-o, --output <format>', 'table, json, yaml, or html: a page to print', reportFormat, 'table')
    .option('--lang <language>', 'vi or en', language)
    .option('--out <file>', 'write it to a file instead')
    .option('--force', 'write over a file that is there already', false)
    .addHelpText(
      'after',
      examples(
        'truc quality report --agency G01',
        'truc quality report -o html --lang vi --out quality.html',
        'truc quality report --element person.full-name -o json',
      ),
    )
    .addHelpText('after', '\nEnds with 1 when an agent did not answer; the report then tells of the others.\n')
    .action(async (options: ReportOptions) => {
      const report = await reported(surroundings, options);
      const text = written(report, options.output, options.lang ?? surroundings.language);
      if (options.out === undefined) surroundings.output.write(text);
      else {
        const file = await PrivateFile.open(resolve(surroundings.contextPlaces.workingDirectory, options.out), options.force);
        await file.write(text);
        await file.finish();
        surroundings.output.write(`written to ${options.out}\n`);
      }
      for (const { agency, dataset, reason } of options.output === 'table' ? [] : report.unanswered)
        surroundings.errors.write(`${agency} ${dataset}: ${reason}\n`);
      surroundings.end(report.unanswered.length === 0 ? exitCode.ok : exitCode.failed);
    });
}

function written(report: QualityReport, format: ReportFormat, speech: Language): string {
  return format === 'html' ? reportPage(report, speech) : formatted(format, report, () => reportLines(report, speech));
}
