import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Problem } from '@truc/coordination';
import type { ApplyAnswer } from '@truc/local-stack';
import { documentFiles } from '../document-files.js';
import { exitCode, type ExitCode } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import type { Language } from '@truc/kernel';
import { examples, language } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

interface ApplyOptions {
  readonly file: string;
  readonly dryRun: boolean;
  readonly output: OutputFormat;
  readonly lang?: Language;
}

export function applyCommand(surroundings: Surroundings): Command {
  return new Command('apply')
    .description('apply documents: agencies, dictionary, datasets, sources, contracts; all of them or, where one is wrong, none')
    .requiredOption('-f, --file <path>', 'directory or file')
    .option('--dry-run', 'tell what would change, and change nothing', false)
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .option('--lang <lang>', 'vi or en (default: by LANG)', language)
    .addHelpText(
      'after',
      examples('truc apply -f documents/', 'truc apply -f documents/contract.yaml --dry-run', 'truc apply -f documents/ -o json'),
    )
    .addHelpText(
      'after',
      '\nEnds with 0 when it is applied or there was nothing to change, 2 when documents have problems or --dry-run found changes.\n',
    )
    .action(async (options: ApplyOptions) => surroundings.end(await apply(options, surroundings)));
}

async function apply(options: ApplyOptions, { output, errors, contextPlaces, language: usual }: Surroundings): Promise<ExitCode> {
  const files = documentFiles(resolve(contextPlaces.workingDirectory, options.file), contextPlaces.workingDirectory);
  const platform = platformOfContext(contextPlaces);
  const answer = await platform.apply(files, { language: options.lang ?? usual, dryRun: options.dryRun });
  if ('problems' in answer) {
    if (options.output === 'table') errors.write(`${[...answer.problems.flatMap(problemLines), refusal(answer.problems)].join('\n')}\n`);
    else output.write(formatted(options.output, answer, () => []));
    return exitCode.found;
  }
  output.write(formatted(options.output, answer, () => answerLines(answer)));
  const changes = answer.created.length + answer.changed.length + (answer.proposal?.changes.length ?? 0);
  return options.dryRun && changes > 0 ? exitCode.found : exitCode.ok;
}

/** `file:line:column: what`, which editors and terminals open at the place. */
export function problemLines({ file, line, column, message, hint }: Problem): string[] {
  return [`${file}:${line}:${column}: ${message}`, ...(hint === undefined ? [] : [`    ${hint}`])];
}

function refusal({ length }: readonly Problem[]): string {
  return `\n${length === 1 ? '1 problem' : `${length} problems`}; nothing was applied`;
}

function answerLines(answer: Exclude<ApplyAnswer, { problems: unknown }>): string[] {
  return [
    ...answer.created.map((name) => `created    ${name}`),
    ...answer.changed.map((name) => `changed    ${name}`),
    ...(answer.proposal?.changes ?? []).map(({ id }) => `proposed   ${id}`),
    answer.message,
    ...(answer.pending === null ? [] : [`stored, and not published yet, which goes on by itself: ${answer.pending}`]),
  ];
}
