import { Command } from 'commander';
import type { PolicyEntry } from '@truc/coordination';
import { TrucError, type Language } from '@truc/kernel';
import { RegistryReader } from '@truc/registry-client';
import { exitCode } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { accessOptions, connectionOf, connectionOfContext, withAccessOptions } from '../registry/registry-access.js';
import { schemaDiffLines, schemaDiffReport, subjectOf } from '../schema/schema-diff-report.js';
import { schemaSide, type SchemaPlaces } from '../schema/schema-side.js';
import { examples, language } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

interface DiffOptions {
  readonly output: OutputFormat;
  readonly json: boolean;
  readonly lang?: Language;
  readonly context?: string;
}

export function schemaDiffCommand(surroundings: Surroundings): Command {
  const command = new Command('diff')
    .description('how two schemas differ, whether each reads the other, and which mappings, views and subscribers that touches')
    .argument('<a>', 'a file; SUBJECT:VERSION or SUBJECT:latest; or a dataset and its generation, as in population.resident.v1')
    .argument('<b>', 'the same')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .option('--json', 'the same as -o json', false)
    .option('--lang <lang>', 'vi or en (default: by LANG)', language)
    .option('--context <name>', 'a context other than the current one');
  return withAccessOptions(command, 'from', 'another registry (default: that of the context)')
    .addHelpText(
      'after',
      examples(
        'truc schema diff resident-1.avsc resident-2.avsc',
        'truc schema diff data.g01.population.resident.v1-value:latest resident.avsc',
        'truc schema diff population.resident.v1 population.resident.v2',
      ),
    )
    .addHelpText('after', '\nEnds with 0 when the schemas say the same, 2 when they differ.\n')
    .action(async (a: string, b: string, options: DiffOptions) => {
      const { output, contextPlaces, language: usual, end } = surroundings;
      const access = accessOptions({ ...options }, 'from');
      let reader: RegistryReader | null = null;
      const registry = (): RegistryReader =>
        (reader ??= new RegistryReader(
          access === null ? connectionOfContext(options.context, surroundings) : connectionOf(access, 'from', surroundings),
        ));
      const { policy, missing } = await policyOf(surroundings, options.context);
      const places: SchemaPlaces = { workingDirectory: contextPlaces.workingDirectory, registry, policy };
      const [sideA, sideB] = [await schemaSide(a, places), await schemaSide(b, places)];
      const subject = subjectOf(sideA, sideB);
      const level = subject === null || reader === null ? null : await registry().level(subject);
      const report = schemaDiffReport(sideA, sideB, { policy, policyMissing: missing, level });
      output.write(formatted(options.json ? 'json' : options.output, report, () => schemaDiffLines(report, options.lang ?? usual)));
      end(report.differences.length === 0 ? exitCode.ok : exitCode.found);
    });
}

/** Two files can be compared where there is no platform at all; a context that a person named has to be there. */
async function policyOf(
  { contextPlaces }: Surroundings,
  context: string | undefined,
): Promise<{ readonly policy: readonly PolicyEntry[] | null; readonly missing: string | null }> {
  try {
    return { policy: await platformOfContext(contextPlaces, context).policy(), missing: null };
  } catch (error) {
    const isAbsent = error instanceof TrucError && ['CONTEXT_MISSING', 'PLATFORM_UNREACHABLE'].includes(error.code);
    if (!isAbsent || context !== undefined) throw error;
    return { policy: null, missing: error.message };
  }
}
