import { describeSchema, isNamed, type AvroSchema, type LogicalType, type RecordSchema, type UnionSchema } from './avro-schema.js';
import { type ByteSink } from './byte-sink.js';
import { decimalBound } from './logical-type.js';
import { PathError } from './path-error.js';
import { compileMatcher } from './value-matcher.js';

export type Encode = (value: unknown, sink: ByteSink) => void;

/** Composes the function that writes values of a schema, once per type. Values that do not fit are refused with their path and never with themselves. */
export function compileEncoder(schema: AvroSchema): Encode {
  const compiled = new Map<AvroSchema, Encode>();
  const underWay = new Set<AvroSchema>();

  const compile = (type: AvroSchema): Encode => {
    const found = compiled.get(type);
    if (found !== undefined) return found;
    // The type is still being composed when it is met inside itself, so it is looked up when the first value comes.
    if (underWay.has(type)) return (value, sink) => compiled.get(type)!(value, sink);
    underWay.add(type);
    const encode = compose(type);
    underWay.delete(type);
    if (isNamed(type)) compiled.set(type, encode);
    return encode;
  };

  const compose = (type: AvroSchema): Encode => {
    switch (type.type) {
      case 'null':
        return (value) => {
          if (value !== null) refuse(type, value);
        };
      case 'boolean':
        return (value, sink) => (typeof value === 'boolean' ? sink.boolean(value) : refuse(type, value));
      case 'int':
        return (value, sink) => (typeof value === 'number' && (value | 0) === value ? sink.int(value) : refuse(type, value));
      case 'long':
        return (value, sink) => (typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? sink.long(value) : refuse(type, value));
      case 'float':
        return (value, sink) => (typeof value === 'number' ? sink.float(value) : refuse(type, value));
      case 'double':
        return (value, sink) => (typeof value === 'number' ? sink.double(value) : refuse(type, value));
      case 'string':
        return (value, sink) => (typeof value === 'string' ? sink.string(value) : refuse(type, value));
      case 'bytes': {
        const fits = decimalFits(type.logicalType);
        if (fits !== null) return (value, sink) => (fits(value) ? sink.bigInteger(value) : refuse(type, value));
        return (value, sink) => {
          if (!(value instanceof Uint8Array)) return refuse(type, value);
          sink.int(value.length);
          sink.bytes(value);
        };
      }
      case 'fixed': {
        const { size } = type;
        const fits = decimalFits(type.logicalType);
        if (fits !== null) return (value, sink) => (fits(value) ? sink.bigIntegerIn(value, size) : refuse(type, value));
        return (value, sink) => (value instanceof Uint8Array && value.length === size ? sink.bytes(value) : refuse(type, value));
      }
      case 'enum': {
        const indexes = new Map(type.symbols.map((symbol, index) => [symbol as unknown, index]));
        return (value, sink) => {
          const index = indexes.get(value);
          if (index === undefined) return refuse(type, value);
          sink.int(index);
        };
      }
      case 'union':
        return unionEncoder(type, type.branches.map(compile));
      case 'array': {
        const item = compile(type.items);
        return (value, sink) => {
          if (!Array.isArray(value)) return refuse(type, value);
          if (value.length > 0) sink.int(value.length);
          let index = 0;
          try {
            for (; index < value.length; index++) item(value[index], sink);
          } catch (error) {
            throw error instanceof PathError ? error.within(`[${index}]`) : error;
          }
          sink.int(0);
        };
      }
      case 'map': {
        const item = compile(type.values);
        return (value, sink) => {
          if (!isObject(value)) return refuse(type, value);
          const keys = Object.keys(value);
          if (keys.length > 0) sink.int(keys.length);
          for (const key of keys) {
            try {
              sink.string(key);
              item(value[key], sink);
            } catch (error) {
              throw error instanceof PathError ? error.within('{}') : error;
            }
          }
          sink.int(0);
        };
      }
      case 'record':
        return recordEncoder(
          type,
          type.fields.map((field) => compile(field.schema)),
        );
    }
  };
  return compile(schema);
}

function recordEncoder(schema: RecordSchema, encoders: readonly Encode[]): Encode {
  const names = schema.fields.map((field) => field.name);
  return (value, sink) => {
    if (!isObject(value)) return refuse(schema, value);
    let index = 0;
    try {
      for (; index < encoders.length; index++) encoders[index]!(value[names[index]!], sink);
    } catch (error) {
      throw error instanceof PathError ? error.within(names[index]!) : error;
    }
  };
}

function unionEncoder(schema: UnionSchema, encoders: readonly Encode[]): Encode {
  const [first, second] = encoders;
  const nullIndex = schema.branches.findIndex((branch) => branch.type === 'null');
  if (first !== undefined && second !== undefined && encoders.length === 2 && nullIndex !== -1) {
    const other = nullIndex === 0 ? second : first;
    return (value, sink) => {
      if (value === null) return sink.int(nullIndex);
      sink.int(1 - nullIndex);
      other(value, sink);
    };
  }
  const matches = schema.branches.map(compileMatcher);
  return (value, sink) => {
    const index = matches.findIndex((fits) => fits(value));
    if (index === -1) return refuse(schema, value);
    sink.int(index);
    encoders[index]!(value, sink);
  };
}

function decimalFits(logicalType: LogicalType | null): ((value: unknown) => value is bigint) | null {
  if (logicalType?.kind !== 'decimal') return null;
  const bound = decimalBound(logicalType.precision);
  return (value): value is bigint => typeof value === 'bigint' && value < bound && value > -bound;
}

function refuse(schema: AvroSchema, value: unknown): never {
  const given = value === null ? 'null' : Array.isArray(value) ? 'array' : value instanceof Uint8Array ? 'bytes' : typeof value;
  throw new PathError(`${describeSchema(schema)} expected, not this ${given === 'undefined' ? 'absent value' : given}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
