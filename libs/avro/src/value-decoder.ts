import { isNamed, type AvroSchema, type LogicalType, type RecordSchema } from './avro-schema.js';
import type { ByteCursor } from './byte-cursor.js';
import { bigIntegerBytes } from './byte-sink.js';
import { decimalBound } from './logical-type.js';
import { minimumSizes } from './minimum-size.js';
import { PathError } from './path-error.js';

export type Decode = (cursor: ByteCursor) => unknown;

/** How often a record may contain itself in one value. Our own messages never do; a hostile one must not exhaust the stack. */
const selfDepthMax = 128;

/** Composes the function that reads values of a schema, once per type. */
export function compileDecoder(schema: AvroSchema): Decode {
  const compiled = new Map<AvroSchema, Decode>();
  const underWay = new Set<AvroSchema>();
  const sizeOf = minimumSizes();

  const compile = (type: AvroSchema): Decode => {
    const found = compiled.get(type);
    if (found !== undefined) return found;
    if (underWay.has(type)) return recursive(type);
    underWay.add(type);
    const decode = compose(type);
    underWay.delete(type);
    if (isNamed(type)) compiled.set(type, decode);
    return decode;
  };

  // The type is still being composed when it is met inside itself, so it is looked up when the first value comes.
  const recursive =
    (type: AvroSchema): Decode =>
    (cursor) => {
      if (++cursor.depth > selfDepthMax) throw new PathError(`the record contains itself more than ${selfDepthMax} times`);
      const value = compiled.get(type)!(cursor);
      cursor.depth--;
      return value;
    };

  const compose = (type: AvroSchema): Decode => {
    switch (type.type) {
      case 'null':
        return () => null;
      case 'boolean':
        return (cursor) => cursor.boolean();
      case 'int':
        return (cursor) => cursor.int();
      case 'long':
        return (cursor) => cursor.long();
      case 'float':
        return (cursor) => cursor.float();
      case 'double':
        return (cursor) => cursor.double();
      case 'string':
        return (cursor) => cursor.string();
      case 'bytes': {
        const decimal = decimalDecoder(type.logicalType);
        return decimal === null ? (cursor) => cursor.bytes(cursor.length()) : (cursor) => decimal(cursor, cursor.length());
      }
      case 'fixed': {
        const { size } = type;
        const decimal = decimalDecoder(type.logicalType, size);
        return decimal === null ? (cursor) => cursor.bytes(size) : (cursor) => decimal(cursor, size);
      }
      case 'enum': {
        const { symbols } = type;
        return (cursor) => {
          const index = cursor.int();
          const symbol = symbols[index];
          if (symbol === undefined) throw new PathError(`symbol ${index} of an enum that has ${symbols.length}`);
          return symbol;
        };
      }
      case 'union': {
        const branches = type.branches.map(compile);
        return (cursor) => {
          const index = cursor.size('branch');
          const branch = branches[index];
          if (branch === undefined) throw new PathError(`branch ${index} of a union that has ${branches.length}`);
          return branch(cursor);
        };
      }
      case 'array':
        return arrayDecoder(compile(type.items), sizeOf(type.items));
      case 'map':
        return mapDecoder(compile(type.values), sizeOf(type.values));
      case 'record':
        return recordDecoder(
          type,
          type.fields.map((field) => compile(field.schema)),
        );
    }
  };
  return compile(schema);
}

function recordDecoder(schema: RecordSchema, decoders: readonly Decode[]): Decode {
  const names = schema.fields.map((field) => field.name);
  // A copy of a whole record has its final shape at once, and has a field `__proto__` as its own where the schema names one so.
  const template: Record<string, unknown> = Object.fromEntries(names.map((name) => [name, null]));
  return (cursor) => {
    cursor.record(names.length);
    const record = { ...template };
    let index = 0;
    try {
      for (; index < decoders.length; index++) record[names[index]!] = decoders[index]!(cursor);
    } catch (error) {
      throw error instanceof PathError ? error.within(names[index]!) : error;
    }
    return record;
  };
}

function arrayDecoder(item: Decode, itemBytesMin: number): Decode {
  return (cursor) => {
    const items: unknown[] = [];
    try {
      for (let count = blockCount(cursor, itemBytesMin); count > 0; count = blockCount(cursor, itemBytesMin)) {
        for (let index = 0; index < count; index++) items.push(item(cursor));
      }
    } catch (error) {
      throw error instanceof PathError ? error.within(`[${items.length}]`) : error;
    }
    return items;
  };
}

function mapDecoder(value: Decode, valueBytesMin: number): Decode {
  return (cursor) => {
    // Without a prototype a key such as `__proto__` is a key like any other.
    const map = Object.create(null) as Record<string, unknown>;
    for (let count = blockCount(cursor, 1 + valueBytesMin); count > 0; count = blockCount(cursor, 1 + valueBytesMin)) {
      for (let index = 0; index < count; index++) {
        const key = cursor.string();
        try {
          map[key] = value(cursor);
        } catch (error) {
          throw error instanceof PathError ? error.within('{}') : error;
        }
      }
    }
    return map;
  };
}

/** Items of the next block of an array or map; a negative count is followed by the block's bytes. */
function blockCount(cursor: ByteCursor, itemBytesMin: number): number {
  const count = cursor.size('a count of');
  const items = Math.abs(count);
  if (count < 0) {
    const bytes = cursor.length();
    cursor.need(bytes);
  }
  if (items * itemBytesMin > cursor.remaining) {
    throw new PathError(`${items} items claimed, only ${cursor.remaining} bytes are left`);
  }
  return items;
}

function decimalDecoder(logicalType: LogicalType | null, size?: number): ((cursor: ByteCursor, length: number) => bigint) | null {
  if (logicalType?.kind !== 'decimal') return null;
  const bound = decimalBound(logicalType.precision);
  // Longer than needed is allowed by the format; a few bytes of sign are borne, a megabyte of them is not.
  const lengthMax = Math.max(size ?? 0, bigIntegerBytes(bound) + 8);
  return (cursor, length) => {
    if (length === 0 || length > lengthMax) throw new PathError(`a decimal of ${length} bytes, 1 to ${lengthMax} expected`);
    const value = cursor.bigInteger(length);
    if (value >= bound || value <= -bound) throw new PathError(`a decimal beyond its precision of ${logicalType.precision} digits`);
    return value;
  };
}
