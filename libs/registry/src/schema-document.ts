import { AvroSchemaError, normalisedText, parseAvroSchema, schemaLimits, type AvroSchema } from '@truc/avro';
import { createHash } from 'node:crypto';
import { RegistryRefusal, refusedByRules } from './refusal.js';

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
  /** As it was sent. */
  readonly text: string;
  readonly references: readonly SchemaReference[];
  readonly schema: AvroSchema;
  /** One text for equal schemas, with everything that it refers to inside. */
  readonly normalised: string;
  /** Equal schemas with equal references have one fingerprint, and one id. SHA-256, hexadecimal. */
  readonly fingerprint: string;
}

/**
 * Reads a schema's text.
 * @param referenced texts of the versions that `references` name and of those that these refer to, each once, and after those that it refers to
 * @throws RegistryRefusal invalidSchema: not Avro, or a violation of D12
 */
export function readSchema(
  subject: string,
  text: string,
  references: readonly SchemaReference[] = [],
  referenced: readonly string[] = [],
): SchemaDocument {
  try {
    const schema = referenced.length === 0 ? parseAvroSchema(text) : parseTogether(text, referenced);
    const normalised = normalisedText(schema);
    // The normalised text is what later versions are compared with: it has to be readable again.
    parseAvroSchema(normalised);
    const identity =
      references.length === 0
        ? normalised
        : `${normalised}\n${JSON.stringify(references.map(({ name, subject: from, version }) => [name, from, version]))}`;
    return { text, references, schema, normalised, fingerprint: createHash('sha256').update(identity).digest('hex') };
  } catch (error) {
    if (!(error instanceof AvroSchemaError)) throw error;
    if (error.code === 'AVRO_SCHEMA_INVALID')
      throw new RegistryRefusal('invalidSchema', `Invalid schema: ${error.message}`, { cause: error });
    throw refusedByRules(subject, [
      {
        rule: 'D12',
        path: error.path,
        element: null,
        expected: `at most ${schemaLimits.textBytes} bytes, depth ${schemaLimits.depth}, ${schemaLimits.fields} fields; names in ASCII; no array items of zero size`,
        found: error.problem,
        hint: 'split the record, or move texts out of the schema',
      },
    ]);
  }
}

/** Names of the referenced schemas are defined in fields before the schema itself. */
function parseTogether(text: string, referenced: readonly string[]): AvroSchema {
  // The text by itself must be JSON, else it could close our wrapper and open another.
  try {
    JSON.parse(text);
  } catch {
    throw new AvroSchemaError('AVRO_SCHEMA_INVALID', '$', 'not JSON');
  }
  const fields = [...referenced, text].map((type, index) => `{"name":"f${index}","type":${type}}`);
  const wrapper = parseAvroSchema(`{"type":"record","name":"TrucSchemaWithReferences","fields":[${fields.join(',')}]}`);
  const last = wrapper.type === 'record' ? wrapper.fields.at(-1) : undefined;
  if (last === undefined) throw new Error('a record with fields was parsed as something else');
  return last.schema;
}
