import { canonicalForm, compileCodec, parseAvroSchema, type AvroCodec } from '@truc/avro';
import { masterDataKeySchema } from '@truc/change-event';
import { messageOf, TrucError } from '@truc/kernel';
import type { SchemaLookup } from './schema-lookup.js';

/** Why records with a schema id are refused: a stable code and a sentence. */
export interface SchemaRefusal {
  readonly code: string;
  readonly reason: string;
}

export type ResolvedSchema = { readonly codec: AvroCodec } | { readonly refusal: SchemaRefusal };

const keyForm = canonicalForm(parseAvroSchema(masterDataKeySchema));
/** Accepted ids that are remembered; a topic has one for each version of its schema. */
const acceptedMax = 256;

/**
 * What the schema ids in the records of one topic mean. An id counts only where the registry holds it under the topic's own subject: a schema that was registered
 * under another name never passed the dictionary's rules for this dataset.
 *
 * What is accepted is remembered, for an id never changes its meaning; a refusal is not, for the schema may be registered in the next moment.
 */
export class TopicSchemas {
  readonly #lookup: SchemaLookup;
  readonly #topic: string;
  readonly #accepted = new Map<string, AvroCodec>();

  constructor(lookup: SchemaLookup, topic: string) {
    this.#lookup = lookup;
    this.#topic = topic;
  }

  /** @throws TrucError REGISTRY_UNREACHABLE (retry), REGISTRY_DENIED */
  key(id: number): Promise<ResolvedSchema> {
    return this.#resolve(id, 'key');
  }

  /** @throws TrucError REGISTRY_UNREACHABLE (retry), REGISTRY_DENIED */
  value(id: number): Promise<ResolvedSchema> {
    return this.#resolve(id, 'value');
  }

  async #resolve(id: number, part: 'key' | 'value'): Promise<ResolvedSchema> {
    const place = `${part} ${id}`;
    const known = this.#accepted.get(place);
    if (known !== undefined) return { codec: known };
    let text: string | null;
    try {
      text = await this.#lookup.schemaById(id);
    } catch (error) {
      // An answer about this one schema: asking again gets the same, and the records behind it would wait for ever.
      if (error instanceof TrucError && error.code === 'REGISTRY_REFUSED' && !error.retry)
        return refused('SCHEMA_UNREADABLE', error.message);
      throw error;
    }
    if (text === null) return refused('SCHEMA_UNKNOWN', `the registry knows no schema ${id}`);
    const subject = `${this.#topic}-${part}`;
    if (!(await this.#lookup.hasVersion(subject, id))) {
      return refused('SCHEMA_NOT_OF_TOPIC', `the schema ${id} is not registered under ${subject}`);
    }
    try {
      const codec = compileCodec(text);
      if (part === 'key' && canonicalForm(codec.schema) !== keyForm) {
        return refused('KEY_SCHEMA_DIFFERS', `the schema ${id} is not the key schema of the backbone`);
      }
      this.#accepted.set(place, codec);
      if (this.#accepted.size > acceptedMax) this.#accepted.delete(this.#accepted.keys().next().value as string);
      return { codec };
    } catch (error) {
      return refused(error instanceof TrucError ? error.code : 'AVRO_SCHEMA_INVALID', messageOf(error));
    }
  }
}

function refused(code: string, reason: string): ResolvedSchema {
  return { refusal: { code, reason } };
}
