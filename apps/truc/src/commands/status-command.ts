import { Command } from 'commander';
import type { PlatformStatus } from '@truc/local-stack';
import { exitCode } from '../exit-code.js';
import { formatted, outputFormat, tableLines, type OutputFormat } from '../output-format.js';
import { examples } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

export function statusCommand(surroundings: Surroundings): Command {
  return new Command('status')
    .description('what the platform has published, and which schemas are registered')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .addHelpText('after', examples('truc status', 'truc status -o json'))
    .action(async ({ output }: { output: OutputFormat }) => {
      const status = await platformOfContext(surroundings.contextPlaces).status();
      surroundings.output.write(formatted(output, status, () => statusLines(status)));
      surroundings.end(exitCode.ok);
    });
}

function statusLines({ release, entries, schemas, incidents = [] }: PlatformStatus): string[] {
  return [
    release === null ? 'no dictionary was applied yet' : `dictionary release ${release}, ${entries} policy entries published`,
    ...(incidents.length === 0 ? [] : ['', ...incidents.map(({ code, message }) => `${code}: ${message}`)]),
    '',
    ...tableLines(
      ['schema', 'state', 'reason'],
      schemas.map(({ subject, state, reason }) => [subject, state, reason ?? '']),
    ),
  ];
}
