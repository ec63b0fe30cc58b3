import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseAvroSchema, type AvroSchema } from '@truc/avro';
import { topicNames, type DatasetPolicy, type PolicyEntry } from '@truc/coordination';
import { messageOf, TrucError } from '@truc/kernel';
import { subjectParts } from '@truc/registry';
import type { RegistryReader } from '@truc/registry-client';
import { UsageError } from '../exit-code.js';
import { readSchemaFile, wholeSchema } from './schema-file.js';

/** A schema of which a person named where it is. */
export interface SchemaSide {
  /** What a person calls it: the file, `orders-value version 3 (id 12)`. */
  readonly label: string;
  readonly schema: AvroSchema;
  readonly subject: string | null;
  /** Whose schema it is, where the policy knows; of a view the dataset that it is made of. */
  readonly dataset: { readonly name: string; readonly generation: number } | null;
}

/** Where schemas are found; asked only where a name needs it. */
export interface SchemaPlaces {
  readonly workingDirectory: string;
  readonly registry: () => RegistryReader;
  /** Null where there is no platform to ask. */
  readonly policy: readonly PolicyEntry[] | null;
}

/**
 * Finds the schema of a name: a file; `SUBJECT:VERSION`, where the version may be `latest`; a dataset and its generation, as in `population.resident.v2`.
 * @throws UsageError, SchemaFileError, TrucError SCHEMA_UNKNOWN, and those of the registry
 */
export async function schemaSide(name: string, places: SchemaPlaces): Promise<SchemaSide> {
  const path = resolve(places.workingDirectory, name);
  if (existsSync(path) && statSync(path).isFile()) {
    return { label: name, schema: wholeSchema(readSchemaFile(name, places.workingDirectory)), subject: null, dataset: null };
  }
  const [, subject, version] = /^(.+):(latest|[1-9][0-9]{0,9})$/s.exec(name) ?? [];
  if (subject !== undefined && version !== undefined) return registered(subject, version, places);
  const [, dataset, generation] = /^([^/:]+)\.v([1-9][0-9]{0,8})$/.exec(name) ?? [];
  if (dataset !== undefined && generation !== undefined) return ofGeneration(dataset, Number(generation), places);
  throw new UsageError(
    `there is no file "${name}"; name a file, SUBJECT:VERSION as in orders-value:3 or orders-value:latest, or a dataset and its generation as in population.resident.v2`,
  );
}

async function registered(subject: string, version: string, { registry, policy }: SchemaPlaces): Promise<SchemaSide> {
  const reader = registry();
  const found = await reader.resolved(subject, version);
  if (found === null) throw new TrucError('SCHEMA_UNKNOWN', `the registry ${reader.http.url} has no version ${version} of ${subject}`);
  return {
    label: `${subject} version ${found.version} (id ${found.id})`,
    schema: parsed(found.schema, subject),
    subject,
    dataset: datasetOf(subject, policy ?? []),
  };
}

async function ofGeneration(name: string, generation: number, places: SchemaPlaces): Promise<SchemaSide> {
  const { policy } = places;
  if (policy === null)
    throw new TrucError('SCHEMA_UNKNOWN', `${name}.v${generation} is looked for in the policy of the platform, which cannot be asked`);
  const known = policy.filter((entry): entry is DatasetPolicy => entry.kind === 'dataset' && entry.name === name);
  const exact = known.find((entry) => entry.generation === generation);
  if (exact !== undefined) {
    const label = `${name}.v${generation} (policy)`;
    return { label, schema: parsed(exact.valueSchema, label), subject: `${exact.topic}-value`, dataset: { name, generation } };
  }
  const [other] = known;
  if (other === undefined) {
    const names = [...new Set(policy.flatMap((entry) => (entry.kind === 'dataset' ? [`${entry.name}.v${entry.generation}`] : [])))].sort();
    throw new TrucError('SCHEMA_UNKNOWN', `there is no dataset ${name} that you may read; there are ${names.join(', ') || 'none'}`);
  }
  // The log keeps an earlier generation, and so does the registry, until everybody has moved.
  const side = await registered(`${topicNames.data(other.agency, name, generation)}-value`, 'latest', places);
  return { ...side, dataset: { name, generation } };
}

function datasetOf(subject: string, policy: readonly PolicyEntry[]): SchemaSide['dataset'] {
  const { topic } = subjectParts(subject);
  for (const entry of policy) {
    if (entry.kind === 'dataset' && entry.topic === topic) return { name: entry.name, generation: entry.generation };
    if (entry.kind === 'view' && entry.topic === topic) return { name: entry.dataset, generation: entry.generation };
  }
  for (const entry of policy) {
    if (entry.kind !== 'dataset' || topic === null) continue;
    const start = topicNames.data(entry.agency, entry.name, 0).slice(0, -1);
    const generation = topic.startsWith(start) ? Number(topic.slice(start.length)) : NaN;
    if (Number.isInteger(generation) && generation > 0) return { name: entry.name, generation };
  }
  return null;
}

function parsed(text: string, label: string): AvroSchema {
  try {
    return parseAvroSchema(text);
  } catch (cause) {
    throw new TrucError('SCHEMA_UNKNOWN', `the schema of ${label} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
