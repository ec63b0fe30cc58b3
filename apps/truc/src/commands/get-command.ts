import { Command } from 'commander';
import { headOf, namedResource, resourceKind, resourceKinds, resourcesOf, type ResourceKind } from '../catalogue/resource.js';
import { exitCode } from '../exit-code.js';
import { formatted, outputFormat, tableLines, type OutputFormat } from '../output-format.js';
import { examples } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

export function getCommand({ contextPlaces, output, end }: Surroundings): Command {
  return new Command('get')
    .description('what there is of a kind, or one of it')
    .argument('<kind>', resourceKinds.join(', '), resourceKind)
    .argument('[name]', 'one of them (default: all)')
    .option('--context <name>', 'a context other than the current one')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .addHelpText('after', examples('truc get datasets', 'truc get source G01/population -o yaml', 'truc get schemas -o json'))
    .action(async (kind: ResourceKind, name: string | undefined, options: { context?: string; output: OutputFormat }) => {
      const all = await resourcesOf(kind, platformOfContext(contextPlaces, options.context));
      const shown = name === undefined ? all : [namedResource(kind, name, all)];
      const values = shown.map(({ value }) => value);
      const table = () =>
        shown.length === 0
          ? ['there is none that you may read']
          : tableLines(
              headOf(kind),
              shown.map(({ cells }) => cells),
            );
      output.write(formatted(options.output, name === undefined ? values : values[0], table));
      end(exitCode.ok);
    });
}
