import { Command } from 'commander';
import { TrucError } from '@truc/kernel';
import { findContextFile, readContextFile, writeContextFile } from '../context-file.js';
import { exitCode } from '../exit-code.js';
import { formatted, outputFormat, tableLines, type OutputFormat } from '../output-format.js';
import { contextAddCommand } from './context-add-command.js';
import { examples } from './option-parser.js';
import type { Surroundings } from './surroundings.js';

const where = `
Contexts name the backbones that truc can talk to, and hold a token for each. They are kept in one file (mode 0600):
  $TRUC_CONTEXT, where that is set;
  else .truc/context.json in this directory or the nearest one above it; truc up writes the context "local" into that of its checkout;
  else ~/.config/truc/context.json.
`;

export function contextCommand(surroundings: Surroundings): Command {
  const { contextPlaces, output: stream, end } = surroundings;
  const context = new Command('context')
    .description('which backbone truc talks to')
    .addHelpText('after', where)
    .addHelpText('after', examples('truc context show'));
  context
    .command('show')
    .description('the contexts that are known; tokens are not shown')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .addHelpText('after', examples('truc context show', 'truc context show -o yaml'))
    .action(({ output }: { output: OutputFormat }) => {
      const path = findContextFile(contextPlaces);
      const known = readContextFile(path);
      const contexts = Object.entries(known?.contexts ?? {}).map(([name, { platformUrl, registryUrl }]) => ({
        name,
        current: name === known?.current,
        platformUrl,
        registryUrl,
      }));
      const rows = contexts.map(({ name, current, platformUrl, registryUrl }) => [current ? '*' : '', name, platformUrl, registryUrl]);
      const table =
        contexts.length === 0
          ? [`${path} names no backbone yet: npm start makes one`]
          : [path, '', ...tableLines(['', 'name', 'platform', 'registry'], rows)];
      stream.write(formatted(output, { file: path, contexts }, () => table));
      end(exitCode.ok);
    });
  context
    .command('use')
    .description('choose the context that every later command talks to')
    .argument('<name>')
    .addHelpText('after', examples('truc context use local'))
    .action((name: string) => {
      const path = findContextFile(contextPlaces);
      const known = readContextFile(path);
      if (known?.contexts[name] === undefined) {
        const names = Object.keys(known?.contexts ?? {}).join(', ') || 'none';
        throw new TrucError('CONTEXT_UNKNOWN', `there is no context "${name}" in ${path}; it has ${names}`);
      }
      writeContextFile(path, { ...known, current: name });
      stream.write(`truc now talks to ${name}\n`);
      end(exitCode.ok);
    });
  context.addCommand(contextAddCommand(surroundings));
  return context;
}
