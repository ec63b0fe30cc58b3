import {
  AvroSchemaError,
  isNamed,
  normalisedText,
  normalizedRegisteredText,
  parseAvroSchema,
  readAvroSchema,
  registeredText,
  withoutComments,
  type AvroReading,
  type AvroSchema,
} from '@truc/avro';
import type { Language } from '@truc/kernel';
import { createHash } from 'node:crypto';
import { metadataWords, orderedMetadata, type Metadata } from './metadata.js';
import { BeyondLimits, RegistryRefusal } from './refusal.js';
import { orderedRuleSet, ruleSetWords, type RuleSet } from './rule-set.js';

/** A name in the schema that another subject's version defines. */
export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** Most references of one schema, those of its references included. */
export const referencesMax = 64;

/** A schema that was read and is within the limits. */
export interface SchemaDocument {
  /** As registries write it: the text that is kept and handed out. */
  readonly text: string;
  readonly references: readonly SchemaReference[];
  readonly schema: AvroSchema;
  /** One text for equal schemas, with everything that it refers to inside. */
  readonly normalised: string;
  /** Equal schemas have one, whatever they refer to and whatever else is told of them. SHA-256, hexadecimal. */
  readonly shape: string;
}

export interface SchemaText {
  readonly text: string;
  readonly references: readonly SchemaReference[];
  /** Whether equal schemas are to be kept in one spelling. */
  readonly normalize?: boolean;
}

/**
 * Reads a schema's text.
 * @param referenced texts of the versions that `references` name and of those that these refer to, each once, and after those that it refers to
 * @throws RegistryRefusal invalidSchema: not Avro; BeyondLimits (D12)
 */
export function readSchema(
  subject: string,
  { text, references, normalize = false }: SchemaText,
  referenced: readonly string[] = [],
  language: Language = 'en',
): SchemaDocument {
  try {
    const { reading, outside } = readWhole(text, referenced);
    if (reading.schema === null || reading.limits.length > 0) throw new BeyondLimits(subject, reading, language);
    const kept = normalize ? normalizedRegisteredText(text, outside) : registeredText(text, outside);
    // The one spelling leaves out what says nothing: it is the schema that is told apart from others.
    const schema = (normalize ? readWhole(kept, referenced).reading.schema : null) ?? reading.schema;
    const normalised = normalisedText(schema);
    try {
      // The normalised text is what later versions are compared with: it has to be readable again.
      parseAvroSchema(normalised);
    } catch (error) {
      if (error instanceof AvroSchemaError && error.code === 'AVRO_SCHEMA_LIMIT')
        throw new BeyondLimits(subject, { schema, limits: [error] }, language);
      throw error;
    }
    return {
      text: kept,
      references: normalize ? sortedReferences(references) : references,
      schema,
      normalised,
      shape: createHash('sha256').update(normalised).digest('hex'),
    };
  } catch (error) {
    if (!(error instanceof AvroSchemaError)) throw error;
    throw new RegistryRefusal('invalidSchema', `Invalid schema: ${error.message}`, { cause: error });
  }
}

/** A text with all that it refers to inside: the format `resolved`. */
export function resolvedText(text: string, referenced: readonly string[]): string {
  if (referenced.length === 0) return text;
  const { schema } = readTogether(text, referenced).reading;
  return schema === null ? text : registeredText(normalisedText(schema));
}

/** What a schema is told apart by; equal ones have one fingerprint and, in one context, one id. SHA-256, hexadecimal. */
export function fingerprintOf({ normalised, references }: SchemaDocument, metadata: Metadata | null, ruleSet: RuleSet | null): string {
  const parts = [normalised];
  if (references.length > 0) parts.push(JSON.stringify(references.map(({ name, subject, version }) => [name, subject, version])));
  if (metadata !== null || ruleSet !== null) {
    // The database gives keys back in an order of its own.
    parts.push(JSON.stringify([metadata === null ? null : orderedMetadata(metadata), ruleSet === null ? null : orderedRuleSet(ruleSet)]));
  }
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

/** The GUID that Confluent's registry gives: MD5 over the text, what it refers to, its metadata and its rules. */
export function guidOf(
  { text, references }: Pick<SchemaDocument, 'text' | 'references'>,
  metadata: Metadata | null,
  ruleSet: RuleSet | null,
): string {
  const hash = createHash('md5').update(text);
  for (const { name, subject, version } of references) {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(version);
    hash.update(name).update(subject).update(bytes);
  }
  if (metadata !== null) hash.update('\u0001').update(metadataWords(metadata));
  if (ruleSet !== null) hash.update('\u0001').update(ruleSetWords(ruleSet));
  return hash.digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function sortedReferences(references: readonly SchemaReference[]): SchemaReference[] {
  const key = ({ name, subject, version }: SchemaReference): string => JSON.stringify([name, subject, version]);
  const byKey = new Map(references.map((reference) => [key(reference), reference]));
  return [...byKey.keys()].sort().flatMap((each) => byKey.get(each) ?? []);
}

/** @param referenced texts of other schemas, in whose words it may be written */
function readWhole(text: string, referenced: readonly string[]): { reading: AvroReading; outside: Set<string> } {
  if (referenced.length === 0) return { reading: readAvroSchema(text), outside: new Set<string>() };
  return readTogether(withoutComments(text), referenced);
}

/** Names of the referenced schemas are defined in fields before the schema itself. */
function readTogether(text: string, referenced: readonly string[]): { reading: AvroReading; outside: Set<string> } {
  // The text by itself must be JSON, else it could close our wrapper and open another.
  try {
    JSON.parse(text);
  } catch {
    throw new AvroSchemaError('AVRO_SCHEMA_INVALID', '$', 'not JSON');
  }
  const fields = [...referenced, text].map((type, index) => `{"name":"f${index}","type":${type}}`);
  const { schema, limits } = readAvroSchema(`{"type":"record","name":"TrucSchemaWithReferences","fields":[${fields.join(',')}]}`);
  const wrapper = `$.fields[${referenced.length}].type`;
  const own = limits.map(({ code, path, problem, limit }) => {
    const inside = path.startsWith(wrapper) ? `$${path.slice(wrapper.length)}` : '$';
    return new AvroSchemaError(code as 'AVRO_SCHEMA_LIMIT', inside, problem, limit);
  });
  const parts = schema?.type === 'record' ? schema.fields.map((field) => field.schema) : [];
  const last = parts.at(-1);
  if (schema !== null && last === undefined) throw new Error('a record with fields was parsed as something else');
  const outside = new Set<string>();
  for (const part of parts.slice(0, -1)) gatherNames(part, outside);
  return { reading: { schema: last ?? null, limits: own }, outside };
}

function gatherNames(schema: AvroSchema, names: Set<string>): void {
  if (isNamed(schema)) {
    if (names.has(schema.name)) return;
    names.add(schema.name);
  }
  if (schema.type === 'array') gatherNames(schema.items, names);
  if (schema.type === 'map') gatherNames(schema.values, names);
  if (schema.type === 'union') for (const branch of schema.branches) gatherNames(branch, names);
  if (schema.type === 'record') for (const field of schema.fields) gatherNames(field.schema, names);
}
