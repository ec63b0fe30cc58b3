import { isNamed, type AvroSchema } from './avro-schema.js';
import { decimalBound } from './logical-type.js';

export type Matches = (value: unknown) => boolean;

/** Composes the test whether a value is of a type: how a union of several types finds the branch of a plain value. The first branch that fits is taken. */
export function compileMatcher(schema: AvroSchema): Matches {
  const compiled = new Map<AvroSchema, Matches>();

  const compile = (type: AvroSchema): Matches => {
    if (!isNamed(type)) return compose(type);
    const found = compiled.get(type);
    if (found !== undefined) return found;
    // Met inside itself, the type is looked up when the first value comes.
    compiled.set(type, (value) => compiled.get(type)!(value));
    const matches = compose(type);
    compiled.set(type, matches);
    return matches;
  };

  const compose = (type: AvroSchema): Matches => {
    switch (type.type) {
      case 'null':
        return (value) => value === null;
      case 'boolean':
        return (value) => typeof value === 'boolean';
      case 'int':
        return (value) => typeof value === 'number' && (value | 0) === value && !Object.is(value, -0);
      case 'long':
        return (value) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
      case 'float':
        return (value) => typeof value === 'number' && Object.is(Math.fround(value), value);
      case 'double':
        return (value) => typeof value === 'number';
      case 'string':
        return (value) => typeof value === 'string';
      case 'bytes':
      case 'fixed': {
        const { logicalType } = type;
        const size = type.type === 'fixed' ? type.size : null;
        if (logicalType?.kind !== 'decimal') return (value) => value instanceof Uint8Array && (size === null || value.length === size);
        const bound = decimalBound(logicalType.precision);
        return (value) => typeof value === 'bigint' && value < bound && value > -bound;
      }
      case 'enum': {
        const symbols = new Set<unknown>(type.symbols);
        return (value) => symbols.has(value);
      }
      case 'union': {
        const branches = type.branches.map(compile);
        return (value) => branches.some((fits) => fits(value));
      }
      case 'array': {
        const item = compile(type.items);
        return (value) => Array.isArray(value) && value.every((each) => item(each));
      }
      case 'map': {
        const item = compile(type.values);
        return (value) => isObject(value) && Object.keys(value).every((key) => item(value[key]));
      }
      case 'record': {
        const fields = type.fields.map((field) => ({ name: field.name, fits: compile(field.schema) }));
        return (value) =>
          isObject(value) &&
          Object.keys(value).length === fields.length &&
          fields.every(({ name, fits }) => Object.hasOwn(value, name) && fits(value[name]));
      }
    }
  };
  return compile(schema);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
