import { resolve } from 'node:path';
import { Command } from 'commander';
import { RegistryReader } from '@truc/registry-client';
import { exitCode } from '../exit-code.js';
import { ExportWriter } from '../registry/export-writer.js';
import { versionCount } from '../registry/version-count.js';
import { readRegistry } from '../registry/read-registry.js';
import { accessOptions, connectionOf, connectionOfContext, withAccessOptions } from '../registry/registry-access.js';
import { examples } from './option-parser.js';
import { registryContext } from './registry-import-command.js';
import type { Surroundings } from './surroundings.js';

interface ExportOptions {
  readonly out: string;
  readonly force: boolean;
  readonly context?: string;
  readonly fromContext?: string;
}

export function registryExportCommand(surroundings: Surroundings): Command {
  const command = new Command('export')
    .description('write all that a registry holds into one file: schemas with ids and versions, deleted ones too, settings, modes')
    .requiredOption('--out <file>', 'where to, for its owner only')
    .option('--force', 'write over a file that is there', false)
    .option('--from-context <name>', 'only what lies in this context of the registry, as in .staging', registryContext('--from-context'))
    .option('--context <name>', 'a context other than the current one');
  return withAccessOptions(command, 'from', 'another registry of the API of Confluent (default: that of the context)')
    .addHelpText(
      'after',
      examples(
        'truc registry export --out registry.jsonl',
        'truc registry export --out old.jsonl --from https://registry.example:8081 --from-user admin --from-password-file secret',
      ),
    )
    .action(async (options: ExportOptions) => {
      const { contextPlaces, errors, output, end } = surroundings;
      const access = accessOptions({ ...options }, 'from');
      const connection = access === null ? connectionOfContext(options.context, surroundings) : connectionOf(access, 'from', surroundings);
      const writer = await ExportWriter.open(resolve(contextPlaces.workingDirectory, options.out), options.force);
      try {
        const { versions, settings, withheld } = await readRegistry(new RegistryReader(connection), writer, {
          context: options.fromContext ?? null,
          progress: versionCount(errors, 'read'),
          madeAt: new Date().toISOString(),
        });
        output.write(`${options.out}: ${versions} versions and ${settings} settings of ${connection.url}\n`);
        if (withheld > 0) errors.write(`${withheld} versions are told of there and not handed out; the file names them\n`);
        end(withheld > 0 ? exitCode.found : exitCode.ok);
      } catch (error) {
        await writer.giveUp();
        throw error;
      }
    });
}
