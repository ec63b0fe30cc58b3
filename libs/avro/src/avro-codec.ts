import { TrucError } from '@truc/kernel';
import type { AvroSchema } from './avro-schema.js';
import { ByteCursor } from './byte-cursor.js';
import { ByteSink } from './byte-sink.js';
import { asTrucError } from './path-error.js';
import { parseAvroSchema } from './schema-parser.js';
import { compileDecoder } from './value-decoder.js';
import { compileEncoder } from './value-encoder.js';

/**
 * Writes and reads values of one schema in Avro's binary form.
 *
 * Values have the shapes of `RowValue` in @truc/kernel: `long` and every logical type on it is a bigint, `decimal` is the unscaled bigint, `date` a number of days, bytes and fixed are Buffers,
 * an enum is its symbol. A union is the plain value; where several branches have the same plain form the first that fits is written. A decoded map has no prototype.
 */
export interface AvroCodec {
  readonly schema: AvroSchema;
  /** @throws TrucError AVRO_VALUE_INVALID with the path of the field and without its value */
  encode(value: unknown): Buffer;
  /**
   * Strict: the bytes are one whole value and nothing else. Memory stays in proportion to the bytes, whatever counts they claim.
   * @throws TrucError AVRO_MALFORMED with the path of the field and the byte offset
   */
  decode(bytes: Buffer): unknown;
}

/** Codecs that are kept, with texts of at most 64 KiB each. */
const cachedMax = 256;
const cache = new Map<string, AvroCodec>();
// Neither calls out while a value is under way, so all codecs share one of each.
const sink = new ByteSink();
const cursor = new ByteCursor();

/** The codec of a schema text; compiled once while it stays among the most recently used. @throws AvroSchemaError */
export function compileCodec(schemaText: string): AvroCodec {
  const found = cache.get(schemaText);
  if (found !== undefined) {
    cache.delete(schemaText);
    cache.set(schemaText, found);
    return found;
  }
  const codec = codecOf(parseAvroSchema(schemaText));
  cache.set(schemaText, codec);
  if (cache.size > cachedMax) cache.delete(cache.keys().next().value!);
  return codec;
}

function codecOf(schema: AvroSchema): AvroCodec {
  const write = compileEncoder(schema);
  const read = compileDecoder(schema);
  return {
    schema,
    encode(value) {
      sink.reset();
      try {
        write(value, sink);
      } catch (error) {
        throw asTrucError(error, 'AVRO_VALUE_INVALID', '');
      }
      return sink.take();
    },
    decode(bytes) {
      cursor.open(bytes);
      try {
        const value = read(cursor);
        if (cursor.remaining > 0) {
          throw new TrucError(
            'AVRO_MALFORMED',
            `${cursor.remaining} bytes are left after the value, which ends at byte ${cursor.position}`,
          );
        }
        return value;
      } catch (error) {
        throw asTrucError(error, 'AVRO_MALFORMED', ` (at byte ${cursor.position} of ${bytes.length})`);
      } finally {
        cursor.close();
      }
    },
  };
}
