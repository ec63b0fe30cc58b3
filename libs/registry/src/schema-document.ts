import { AvroSchemaError, normalisedText, parseAvroSchema, readAvroSchema, type AvroReading, type AvroSchema } from '@truc/avro';
import type { Language } from '@truc/dictionary';
import { createHash } from 'node:crypto';
import { BeyondLimits, RegistryRefusal } from './refusal.js';

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
 * @throws RegistryRefusal invalidSchema: not Avro; BeyondLimits (D12)
 */
export function readSchema(
  subject: string,
  text: string,
  references: readonly SchemaReference[] = [],
  referenced: readonly string[] = [],
  language: Language = 'en',
): SchemaDocument {
  try {
    const reading = referenced.length === 0 ? readAvroSchema(text) : readTogether(text, referenced);
    const { schema, limits } = reading;
    if (schema === null || limits.length > 0) throw new BeyondLimits(subject, reading, language);
    const normalised = normalisedText(schema);
    try {
      // The normalised text is what later versions are compared with: it has to be readable again.
      parseAvroSchema(normalised);
    } catch (error) {
      if (error instanceof AvroSchemaError && error.code === 'AVRO_SCHEMA_LIMIT')
        throw new BeyondLimits(subject, { schema, limits: [error] }, language);
      throw error;
    }
    const identity =
      references.length === 0
        ? normalised
        : `${normalised}\n${JSON.stringify(references.map(({ name, subject: from, version }) => [name, from, version]))}`;
    return { text, references, schema, normalised, fingerprint: createHash('sha256').update(identity).digest('hex') };
  } catch (error) {
    if (!(error instanceof AvroSchemaError)) throw error;
    throw new RegistryRefusal('invalidSchema', `Invalid schema: ${error.message}`, { cause: error });
  }
}

/** Names of the referenced schemas are defined in fields before the schema itself. */
function readTogether(text: string, referenced: readonly string[]): AvroReading {
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
  const last = schema?.type === 'record' ? schema.fields.at(-1)?.schema : undefined;
  if (schema !== null && last === undefined) throw new Error('a record with fields was parsed as something else');
  return { schema: last ?? null, limits: own };
}
