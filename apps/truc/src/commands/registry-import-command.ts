import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { RegistryReader } from '@truc/registry-client';
import { exitCode, UsageError, type ExitCode } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { ExportFile } from '../registry/export-reader.js';
import { ExportWriter } from '../registry/export-writer.js';
import { importLines, type ImportReport } from '../registry/import-report.js';
import { importRegistry } from '../registry/import-registry.js';
import { versionCount } from '../registry/version-count.js';
import { readRegistry } from '../registry/read-registry.js';
import { accessOptions, connectionOf, connectionOfContext, withAccessOptions } from '../registry/registry-access.js';
import { examples, language, wholeNumber } from './option-parser.js';
import type { Surroundings } from './surroundings.js';
import type { Language } from '@truc/kernel';

interface ImportOptions {
  readonly file?: string;
  readonly from?: string;
  readonly fromContext?: string;
  readonly intoContext?: string;
  readonly readWrite: boolean;
  readonly idsAfter: number;
  readonly dryRun: boolean;
  readonly output: OutputFormat;
  readonly json: boolean;
  readonly lang?: Language;
  readonly context?: string;
}

/** A parser of a registry's context, which begins with a dot. @throws UsageError */
export function registryContext(option: string): (text: string) => string {
  return (text) => {
    const context = text.startsWith('.') ? text : `.${text}`;
    if (/^\.[^:\p{Cc}]{0,254}$/u.test(context) && context !== '.__GLOBAL') return context;
    throw new UsageError(`${option} takes a context of a registry, as in .staging, not "${text}"`);
  };
}

export function registryImportCommand(surroundings: Surroundings): Command {
  const command = new Command('import')
    .description(
      'fill a registry with all that another one, or an export, holds, and read it back; may be stopped and run again at any point',
    )
    .option('--file <file>', 'an export: a lost registry comes back')
    .option('--from-context <name>', 'only what lies in this context of the source, as in .staging', registryContext('--from-context'))
    .option(
      '--into-context <name>',
      'put all of it into a context of its own, with ids of its own, as in .legacy',
      registryContext('--into-context'),
    )
    .option('--read-write', 'leave the registry open, though the source was made read-only', false)
    .option(
      '--ids-after <number>',
      'give no id up to this one again: a lost registry may have given more after its export',
      wholeNumber('--ids-after', 0, 2_000_000_000),
      0,
    )
    .option('--dry-run', 'tell what would be done, and write nothing', false)
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .option('--json', 'the same as -o json', false)
    .option('--lang <lang>', 'vi or en (default: by LANG)', language)
    .option('--context <name>', 'a context other than the current one');
  withAccessOptions(command, 'from', 'the registry to take over, by the API of Confluent');
  return withAccessOptions(command, 'to', 'the registry to fill (default: that of the context)')
    .addHelpText(
      'after',
      examples(
        'truc registry import --from https://registry.example:8081 --from-user admin --from-password-file secret --dry-run',
        'truc registry import --from http://127.0.0.1:8081 --into-context .legacy',
        'truc registry import --file registry.jsonl',
      ),
    )
    .addHelpText(
      'after',
      '\nEnds with 0 when all is there and the same, 2 when some stayed behind, 1 when nothing was written or something differs.\n',
    )
    .action(async (options: ImportOptions) => surroundings.end(await importInto(options, surroundings)));
}

async function importInto(options: ImportOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { output, language: usual } = surroundings;
  const source = accessOptions({ ...options }, 'from');
  const to = accessOptions({ ...options }, 'to');
  if ((source === null) === (options.file === undefined)) throw new UsageError('name what to import: --from URL or --file FILE');
  if (options.file !== undefined && options.fromContext !== undefined) throw new UsageError('--from-context goes with --from');
  const target = to === null ? connectionOfContext(options.context, surroundings) : connectionOf(to, 'to', surroundings);
  const file = source === null ? null : connectionOf(source, 'from', surroundings);
  const report = await withExport(options, file, surroundings, async (exported, leftOut) => {
    if (options.intoContext !== undefined && exported.contexts.filter(({ lastId }) => lastId > 0).length > 1) {
      const names = exported.contexts.map(({ context }) => context).join(', ');
      throw new UsageError(
        `--into-context takes what lies in one context, and the source has several (${names}): name one with --from-context`,
      );
    }
    return importRegistry(exported, {
      target,
      into: options.intoContext ?? null,
      isRestore: options.file !== undefined && options.intoContext === undefined && exported.head.ours,
      isOpenedAfterwards: options.readWrite,
      idsAfter: options.idsAfter,
      isDryRun: options.dryRun,
      leftOut,
      progress: versionCount(surroundings.errors, 'written'),
    });
  });
  output.write(formatted(options.json ? 'json' : options.output, report, () => importLines(report, options.lang ?? usual)));
  return codeOf(report);
}

/** The export that was named, or a passing one of the source: what is written is what was read, however the source changes meanwhile. */
async function withExport<T>(
  { file, fromContext }: ImportOptions,
  source: ReturnType<typeof connectionOf> | null,
  { contextPlaces, errors }: Surroundings,
  work: (exported: ExportFile, leftOut: readonly string[]) => Promise<T>,
): Promise<T> {
  const directory = source === null ? null : mkdtempSync(join(tmpdir(), 'truc-registry-'));
  try {
    let path = resolve(contextPlaces.workingDirectory, file ?? '');
    let leftOut: readonly string[] = [];
    if (source !== null && directory !== null) {
      path = join(directory, 'source.jsonl');
      const writer = await ExportWriter.open(path, false);
      const reader = new RegistryReader(source);
      const all = await reader.contexts();
      leftOut = fromContext === undefined ? [] : all.filter((context) => context !== fromContext);
      const choice = { context: fromContext ?? null, progress: versionCount(errors, 'read'), madeAt: new Date().toISOString() };
      await readRegistry(reader, writer, choice).catch(async (error: unknown) => {
        await writer.giveUp();
        throw error;
      });
    }
    const exported = await ExportFile.open(path);
    try {
      return await work(exported, leftOut);
    } finally {
      await exported.close();
    }
  } finally {
    if (directory !== null) rmSync(directory, { recursive: true, force: true });
  }
}

function codeOf({ verdict, held }: ImportReport): ExitCode {
  switch (verdict) {
    case 'imported':
      return exitCode.ok;
    case 'held':
      return exitCode.found;
    case 'planned':
      return held.length === 0 ? exitCode.ok : exitCode.found;
    case 'refused':
    case 'differs':
      return exitCode.failed;
  }
}
