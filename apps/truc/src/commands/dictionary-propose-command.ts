import { resolve } from 'node:path';
import { Command } from 'commander';
import { DictionaryClient } from '../dictionary/dictionary-client.js';
import { changeLines, refusalLines } from '../dictionary/dictionary-lines.js';
import { documentFiles } from '../document-files.js';
import { exitCode, type ExitCode } from '../exit-code.js';
import type { Language } from '@truc/kernel';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { examples, language } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

interface ProposeOptions {
  readonly file: string;
  readonly note: string;
  readonly dryRun: boolean;
  readonly context?: string;
  readonly output: OutputFormat;
  readonly lang?: Language;
}

export function dictionaryProposeCommand(surroundings: Surroundings): Command {
  return new Command('propose')
    .description('propose what YAML files change of the dictionary; it holds once it is approved')
    .requiredOption('-f, --file <path>', 'directory or file with dictionary documents; what they do not name stays as it is')
    .option('--note <text>', 'why, for those who review it', '')
    .option('--dry-run', 'tell what would be proposed, and propose nothing', false)
    .option('--context <name>', 'a context other than the current one')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .option('--lang <lang>', 'vi or en (default: by LANG)', language)
    .addHelpText(
      'after',
      examples('truc dictionary propose -f dictionary/ --dry-run', 'truc dictionary propose -f person.yaml --note "Decree 278"'),
    )
    .addHelpText(
      'after',
      '\nEnds with 0 when it is proposed or nothing would change, 2 when files have problems or --dry-run found changes.\n',
    )
    .action(async (options: ProposeOptions) => surroundings.end(await propose(options, surroundings)));
}

async function propose(options: ProposeOptions, { output, errors, contextPlaces, language: usual }: Surroundings): Promise<ExitCode> {
  const { workingDirectory } = contextPlaces;
  const files = documentFiles(resolve(workingDirectory, options.file), workingDirectory);
  const client = new DictionaryClient(platformOfContext(contextPlaces, options.context));
  const { note, dryRun } = options;
  const answer = await client.propose(files, { note, dryRun, language: options.lang ?? usual });
  if ('problems' in answer) {
    if (options.output === 'table') errors.write(`${[...refusalLines(answer.problems), '', 'nothing was proposed'].join('\n')}\n`);
    else output.write(formatted(options.output, answer, () => []));
    return exitCode.found;
  }
  const { proposal } = answer;
  output.write(
    formatted(options.output, answer, () => {
      if (proposal === null) return ['nothing changes: the dictionary is as these files say'];
      const outcome =
        proposal.number === null
          ? 'nothing was proposed yet'
          : proposal.isNew
            ? `proposal ${proposal.number}: try it (truc dictionary try ${proposal.number}), have it reviewed and approved`
            : `this is proposal ${proposal.number} already`;
      return [...changeLines(proposal.changes), '', outcome];
    }),
  );
  return dryRun && proposal !== null ? exitCode.found : exitCode.ok;
}
