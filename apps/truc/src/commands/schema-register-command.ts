import { Command } from 'commander';
import { topicNames, type DatasetPolicy } from '@truc/coordination';
import { TrucError, type Language } from '@truc/kernel';
import { RegistryReader, RegistryWriter, type ReadVersion, type RegistryProblem } from '@truc/registry-client';
import { exitCode, UsageError } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { accessOptions, connectionOf, connectionOfContext, withAccessOptions } from '../registry/registry-access.js';
import { registerLines, type RegisterReport } from '../schema/register-report.js';
import { readSchemaFile, readSchemaText, type SchemaText } from '../schema/schema-file.js';
import { examples, language } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

type Reference = ReadVersion['references'][number];

interface RegisterOptions {
  readonly subject?: string;
  readonly dataset?: string;
  readonly part: 'key' | 'value';
  readonly reference: readonly Reference[];
  readonly dryRun: boolean;
  readonly output: OutputFormat;
  readonly json: boolean;
  readonly lang?: Language;
  readonly context?: string;
}

export function schemaRegisterCommand(surroundings: Surroundings): Command {
  const command = new Command('register')
    .description('register a schema, or find it registered; what is wrong with it is told all at once')
    .argument('<file>', 'an Avro schema (.avsc)')
    .option('--subject <name>', 'the subject, as in orders-value')
    .option('--dataset <name>', 'the dataset whose subject it is, as in population.resident or population.resident.v2')
    .option('--part <part>', 'key or value of the dataset', part, 'value')
    .option('--reference <name=subject:version>', 'a name in the schema that another subject defines; once for each', gathered, [])
    .option('--dry-run', 'tell whether it would be taken, and register nothing', false)
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .option('--json', 'the same as -o json', false)
    .option('--lang <lang>', 'vi or en (default: by LANG)', language)
    .option('--context <name>', 'a context other than the current one');
  return withAccessOptions(command, 'to', 'another registry (default: that of the context)')
    .addHelpText(
      'after',
      examples(
        'truc schema register resident.avsc --dataset population.resident --dry-run',
        'truc schema register order.avsc --subject orders-value --to http://127.0.0.1:8081',
        'truc schema register person.avsc --subject person --reference Address=address:1',
      ),
    )
    .addHelpText('after', '\nEnds with 0 when the registry has it, or would take it, 2 when it does not.\n')
    .action(async (file: string, options: RegisterOptions) => {
      const { output, contextPlaces, language: usual, end } = surroundings;
      const speech = options.lang ?? usual;
      const text = readSchemaText(file, contextPlaces.workingDirectory);
      // What is no Avro at all is told with its place; what refers to others is read by the registry.
      if (options.reference.length === 0) readSchemaFile(file, contextPlaces.workingDirectory);
      const access = accessOptions({ ...options }, 'to');
      const subject = await subjectOf(options, surroundings);
      const connection = access === null ? connectionOfContext(options.context, surroundings) : connectionOf(access, 'to', surroundings);
      const report = await register(new RegistryReader({ ...connection, language: speech }), subject, text, options);
      output.write(formatted(options.json ? 'json' : options.output, report, () => registerLines(report, speech)));
      end(report.verdict === 'refused' ? exitCode.found : exitCode.ok);
    });
}

async function register(
  reader: RegistryReader,
  subject: string,
  { path, text, placeOf }: SchemaText,
  { reference: references, dryRun }: RegisterOptions,
): Promise<RegisterReport> {
  const writer = new RegistryWriter(reader.http);
  const schema = { schema: text, references };
  const nothing = { subject, id: null, version: null, message: null, violations: [], incompatibilities: [] };
  const present = await reader.lookUp(subject, schema);
  if (present !== null) return { ...nothing, verdict: 'present', id: present.id, version: present.version };
  const refused = ({ message, violations }: RegistryProblem, incompatibilities: readonly string[]): RegisterReport => ({
    ...nothing,
    verdict: 'refused',
    message,
    violations: violations.map((each) => ({ ...each, file: path, ...placeOf(each.path) })),
    incompatibilities,
  });
  const judged = await writer.judged(subject, schema);
  if ('error_code' in judged) return refused(judged, []);
  if (judged.length > 0) return refused({ error_code: 409, message: 'incompatible', violations: [] }, judged);
  if (dryRun) return { ...nothing, verdict: 'acceptable' };
  const answer = await writer.add(subject, schema);
  return 'error_code' in answer ? refused(answer, []) : { ...nothing, verdict: 'registered', ...answer };
}

/** @throws UsageError; TrucError SCHEMA_DATASET_UNKNOWN, and those of the platform */
async function subjectOf({ subject, dataset, part: ending, context }: RegisterOptions, { contextPlaces }: Surroundings): Promise<string> {
  if ((subject === undefined) === (dataset === undefined)) throw new UsageError('name whose schema it is: --subject or --dataset');
  if (subject !== undefined) return subject;
  const [, name = dataset ?? '', generation] = /^(.+)\.v([1-9][0-9]{0,8})$/.exec(dataset ?? '') ?? [];
  const entries = await platformOfContext(contextPlaces, context).policy();
  const all = entries.filter((entry): entry is DatasetPolicy => entry.kind === 'dataset');
  const known = all.filter((entry) => entry.name === name).sort((a, b) => b.generation - a.generation);
  const [latest] = known;
  if (latest === undefined) {
    const names = [...new Set(all.map((entry) => entry.name))].sort().join(', ') || 'none';
    throw new TrucError('SCHEMA_DATASET_UNKNOWN', `there is no dataset ${name} that you may read; there are ${names}`);
  }
  return `${generation === undefined ? latest.topic : topicNames.data(latest.agency, name, Number(generation))}-${ending}`;
}

function part(text: string): 'key' | 'value' {
  if (text === 'key' || text === 'value') return text;
  throw new UsageError(`--part takes key or value, not "${text}"`);
}

function gathered(text: string, before: readonly Reference[]): Reference[] {
  const [, name, subject, version] = /^([^=]+)=(.+):([1-9][0-9]{0,9})$/s.exec(text) ?? [];
  if (name === undefined || subject === undefined) throw new UsageError(`--reference takes NAME=SUBJECT:VERSION, not "${text}"`);
  return [...before, { name, subject, version: Number(version) }];
}
