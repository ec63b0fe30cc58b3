import type { AvroSchema } from './avro-schema.js';

/**
 * A function that tells the fewest bytes a value of a type takes; Infinity where every value would contain itself. Results are kept per call of this factory.
 * The decoder refuses counts that the bytes at hand cannot hold by it.
 */
export function minimumSizes(): (schema: AvroSchema) => number {
  const known = new Map<AvroSchema, number>();
  const sizeOf = (schema: AvroSchema): number => {
    const found = known.get(schema);
    if (found !== undefined) return found;
    switch (schema.type) {
      case 'null':
        return 0;
      case 'float':
        return 4;
      case 'double':
        return 8;
      case 'fixed':
        return schema.size;
      case 'union':
        return 1 + Math.min(...(schema.branches.length === 0 ? [Infinity] : schema.branches.map(sizeOf)));
      case 'record': {
        known.set(schema, Infinity);
        let size = 0;
        for (const field of schema.fields) size += sizeOf(field.schema);
        known.set(schema, size);
        return size;
      }
      default:
        return 1;
    }
  };
  return sizeOf;
}
