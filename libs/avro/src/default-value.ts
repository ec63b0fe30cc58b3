import { describeSchema, type AvroSchema } from './avro-schema.js';

/** Why a field's JSON default is not a value of the type; null when it is one. A union's default may be of any of its branches (Avro 1.12). */
export function defaultProblem(schema: AvroSchema, value: unknown): string | null {
  switch (schema.type) {
    case 'null':
      return value === null ? null : expected(schema);
    case 'boolean':
      return typeof value === 'boolean' ? null : expected(schema);
    case 'int':
      return Number.isInteger(value) && Math.abs(value as number) <= 2 ** 31 && value !== 2 ** 31 ? null : expected(schema);
    case 'long':
      return Number.isInteger(value) && Math.abs(value as number) <= 2 ** 63 ? null : expected(schema);
    case 'float':
    case 'double':
      return typeof value === 'number' ? null : expected(schema);
    case 'string':
    case 'bytes':
      return typeof value === 'string' ? null : expected(schema);
    case 'fixed':
      return typeof value === 'string' && value.length === schema.size ? null : expected(schema);
    case 'enum':
      return typeof value === 'string' && schema.symbols.includes(value) ? null : expected(schema);
    case 'array':
      return Array.isArray(value) ? firstProblem(value.map((item: unknown) => defaultProblem(schema.items, item))) : expected(schema);
    case 'map':
      return isObject(value) ? firstProblem(Object.values(value).map((item) => defaultProblem(schema.values, item))) : expected(schema);
    case 'union':
      return schema.branches.some((branch) => defaultProblem(branch, value) === null) ? null : expected(schema);
    case 'record': {
      if (!isObject(value)) return expected(schema);
      return firstProblem(
        schema.fields.map((field) => {
          const given = Object.hasOwn(value, field.name) ? value[field.name] : field.default;
          return given === undefined ? `${field.name} is missing` : defaultProblem(field.schema, given);
        }),
      );
    }
  }
}

function expected(schema: AvroSchema): string {
  return `${describeSchema(schema)} expected`;
}

function firstProblem(problems: readonly (string | null)[]): string | null {
  return problems.find((problem) => problem !== null) ?? null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
