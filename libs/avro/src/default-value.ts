import { describeSchema, type AvroSchema } from './avro-schema.js';
import { WrittenNumber } from './exact-json.js';

/**
 * A function that tells why a field's JSON default is not a value of the type; null when it is one. A union's default may be of any of its branches (Avro 1.12).
 * A field that the value leaves out stands for the field's own default, which is judged where it stands and not once more.
 * What was judged is kept per call of this factory: records that may contain each other in many ways would else be gone through in each of them.
 */
export function defaultProblems(): (schema: AvroSchema, value: unknown) => string | null {
  const known = new Map<AvroSchema, Map<object, string | null>>();
  const judge = (schema: AvroSchema, value: unknown): string | null => {
    if (typeof value !== 'object' || value === null) return problemOf(schema, value, judge);
    const ofSchema = known.get(schema) ?? new Map<object, string | null>();
    known.set(schema, ofSchema);
    const found = ofSchema.get(value);
    if (found !== undefined) return found;
    const problem = problemOf(schema, value, judge);
    ofSchema.set(value, problem);
    return problem;
  };
  return judge;
}

type Judge = (schema: AvroSchema, value: unknown) => string | null;

function problemOf(schema: AvroSchema, value: unknown, judge: Judge): string | null {
  switch (schema.type) {
    case 'null':
      return value === null ? null : expected(schema);
    case 'boolean':
      return typeof value === 'boolean' ? null : expected(schema);
    case 'int':
      return Number.isInteger(value) && Math.abs(value as number) <= 2 ** 31 && value !== 2 ** 31 ? null : expected(schema);
    case 'long':
      return isLong(value) ? null : expected(schema);
    case 'float':
    case 'double':
      return typeof value === 'number' || value instanceof WrittenNumber ? null : expected(schema);
    case 'string':
    case 'bytes':
      return typeof value === 'string' ? null : expected(schema);
    case 'fixed':
      return typeof value === 'string' && value.length === schema.size ? null : expected(schema);
    case 'enum':
      return typeof value === 'string' && schema.symbols.includes(value) ? null : expected(schema);
    case 'array':
      return Array.isArray(value) ? firstProblem(value, (item) => judge(schema.items, item)) : expected(schema);
    case 'map':
      return isObject(value) ? firstProblem(Object.values(value), (item) => judge(schema.values, item)) : expected(schema);
    case 'union':
      return schema.branches.some((branch) => judge(branch, value) === null) ? null : expected(schema);
    case 'record': {
      if (!isObject(value)) return expected(schema);
      return firstProblem(schema.fields, (field) => {
        if (Object.hasOwn(value, field.name)) return judge(field.schema, value[field.name]);
        return field.default === undefined ? `${field.name} is missing` : null;
      });
    }
  }
}

function expected(schema: AvroSchema): string {
  return `${describeSchema(schema)} expected`;
}

function firstProblem<T>(items: readonly T[], judge: (item: T) => string | null): string | null {
  for (const item of items) {
    const problem = judge(item);
    if (problem !== null) return problem;
  }
  return null;
}

function isLong(value: unknown): boolean {
  if (!(value instanceof WrittenNumber)) return Number.isInteger(value);
  if (!value.isInteger) return false;
  const written = BigInt(value.text);
  return BigInt.asIntN(64, written) === written;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber);
}
