import { resolve } from 'node:path';
import { Command } from 'commander';
import { CatalogueClient } from '../catalogue/catalogue-client.js';
import { diffLines, diffReport, isEmpty } from '../diff/diff-report.js';
import { storedDocuments } from '../diff/document-reading.js';
import { documentFiles } from '../document-files.js';
import { exitCode } from '../exit-code.js';
import type { Language } from '@truc/kernel';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { problemLines } from './apply-command.js';
import { examples, language } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

interface DiffOptions {
  readonly file: string;
  readonly context?: string;
  readonly output: OutputFormat;
  readonly lang?: Language;
}

export function diffCommand(surroundings: Surroundings): Command {
  const { contextPlaces, output, errors, end } = surroundings;
  return new Command('diff')
    .description('what applying documents would change, down to the column, and what that means; changes nothing')
    .requiredOption('-f, --file <path>', 'directory or file')
    .option('--context <name>', 'a context other than the current one')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .option('--lang <lang>', 'vi or en (default: by LANG)', language)
    .addHelpText('after', examples('truc diff -f documents/', 'truc diff -f documents/source-population.yaml -o json'))
    .addHelpText(
      'after',
      `
+ is new, - goes, ~ changes, and = says what that means: a snapshot, a new topic or generation, the contracts that are touched.
Ends with 0 when nothing would change, 2 when something would, or when the platform would refuse it. Documents that your token may not read count as new.
`,
    )
    .action(async (options: DiffOptions) => {
      const spoken = options.lang ?? surroundings.language;
      const files = documentFiles(resolve(contextPlaces.workingDirectory, options.file), contextPlaces.workingDirectory);
      const platform = platformOfContext(contextPlaces, options.context);
      const [applied, answer] = [
        await new CatalogueClient(platform).documents(),
        await platform.apply(files, { language: spoken, dryRun: true }),
      ];
      const report = diffReport(storedDocuments(applied), files, answer, spoken);
      output.write(formatted(options.output, report, () => diffLines(report)));
      if (options.output === 'table' && report.problems.length > 0) {
        errors.write(`${['', 'it would be refused:', ...report.problems.flatMap(problemLines)].join('\n')}\n`);
      }
      end(isEmpty(report) ? exitCode.ok : exitCode.found);
    });
}
