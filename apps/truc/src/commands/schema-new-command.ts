import { Command } from 'commander';
import { readAvroSchema } from '@truc/avro';
import type { DatasetPolicy } from '@truc/coordination';
import { checkSubjectSchema, type DictionaryRelease } from '@truc/dictionary';
import { type Language, TrucError } from '@truc/kernel';
import { exitCode, type ExitCode } from '../exit-code.js';
import { demoDocuments, offlineDatasets, offlineRelease } from '../schema/offline-policy.js';
import { writeOutputFile } from '../schema/output-file.js';
import { reportTable } from '../schema/report-table.js';
import { shownPath } from '../schema/schema-file.js';
import { examples, language } from './option-parser.js';
import type { Surroundings } from './surroundings.js';

interface NewOptions {
  readonly dataset: string;
  readonly mapping: string;
  readonly release?: string;
  readonly envelope: boolean;
  readonly out?: string;
  readonly force: boolean;
  readonly lang?: Language;
}

export function schemaNewCommand(surroundings: Surroundings): Command {
  return new Command('new')
    .description("write a dataset's schema from the dictionary and the mapping of its source")
    .requiredOption('--dataset <name>', 'the dataset, as in population.resident')
    .option(
      '--mapping <path>',
      "directory or file with agency, dataset and source documents (default: those of the demo's sources)",
      demoDocuments,
    )
    .option('--release <path>', 'directory or file with the dictionary (default: the one that is shipped)')
    .option('--envelope', 'the envelope that the topic carries, with the row record inside (default: the row record alone)', false)
    .option('--out <file>', 'where to write it; - is the standard output (default: <dataset>.avsc)')
    .option('--force', 'write over a file that is there', false)
    .option('--lang <lang>', 'vi or en (default: by LANG)', language)
    .addHelpText(
      'after',
      examples(
        'truc schema new --dataset population.resident',
        'truc schema new --dataset population.resident --mapping documents/ --out resident.avsc',
      ),
    )
    .action((options: NewOptions) => surroundings.end(write(options, surroundings)));
}

function write(options: NewOptions, { contextPlaces, output, errors, language: usual }: Surroundings): ExitCode {
  const { workingDirectory } = contextPlaces;
  const speech = options.lang ?? usual;
  const release = offlineRelease(options.release ?? null, workingDirectory, speech);
  const dataset = datasetNamed(options.dataset, offlineDatasets(options.mapping, release, workingDirectory, speech), options.mapping);
  const envelope = JSON.parse(dataset.valueSchema) as { fields: { type: unknown[] }[] };
  const text = `${JSON.stringify(options.envelope ? envelope : rowRecordOf(dataset, envelope), null, 2)}\n`;
  const file = options.out ?? `${dataset.name}.avsc`;
  const path = shownPath(file, workingDirectory);
  const refused = refusal(text, dataset, release, path, speech);
  if (refused !== null) {
    errors.write(`${refused.join('\n')}\n`);
    return exitCode.found;
  }
  if (file === '-') {
    output.write(text);
    return exitCode.ok;
  }
  output.write(`${writeOutputFile(file, text, workingDirectory, options.force)}\n`);
  return exitCode.ok;
}

/** @throws TrucError SCHEMA_DATASET_UNKNOWN */
function datasetNamed(name: string, datasets: readonly DatasetPolicy[], mapping: string): DatasetPolicy {
  const found = datasets.find((dataset) => dataset.name === name);
  if (found !== undefined) return found;
  const known = datasets.map((dataset) => dataset.name).join(', ') || 'none';
  throw new TrucError(
    'SCHEMA_DATASET_UNKNOWN',
    `${mapping} maps no table to a dataset "${name}"; it has ${known}. A dataset is a dataset document, and a published table of a source document (--mapping)`,
  );
}

/** The row record of an envelope, with the namespace that it has there. */
function rowRecordOf({ topic }: DatasetPolicy, { fields }: { readonly fields: readonly { readonly type: readonly unknown[] }[] }): unknown {
  const row = fields[0]?.type[1];
  if (typeof row !== 'object' || row === null) throw new Error(`the value schema of ${topic} holds no row record`);
  return row;
}

/** Why the rules would refuse the schema, for a person; null where they let it pass. */
function refusal(text: string, dataset: DatasetPolicy, release: DictionaryRelease, file: string, speech: Language): string[] | null {
  const subject = `${dataset.topic}-value`;
  const known = { keyOrValue: 'value', dataset, view: null, caller: null, previousVersions: [] } as const;
  const { violations } = checkSubjectSchema({ ...known, subject, schema: readAvroSchema(text), release, language: speech });
  if (violations.length === 0) return null;
  const placed = violations.map((violation) => ({ ...violation, file, line: 1, column: 1 }));
  const report = {
    release: release.number,
    subject,
    files: [file],
    violations: placed,
    warnings: [],
    incompatibilities: [],
    notEvaluated: [],
    errors: [],
  };
  return reportTable(report, speech);
}
