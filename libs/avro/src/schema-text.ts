import { createHash } from 'node:crypto';
import { isNamed, type AvroSchema, type RecordField, type SchemaAttributes } from './avro-schema.js';
import { WrittenNumber } from './exact-json.js';

/**
 * Parsing Canonical Form of the Avro specification: two schemas with the same form read and write the same bytes. Attributes, logical types included, are left out.
 */
export function canonicalForm(schema: AvroSchema): string {
  return JSON.stringify(canonical(schema, new Set()));
}

/**
 * One text for equal schemas: full names, every attribute that was given (`doc`, `dictionaryElement`, `logicalType`, defaults) and all aliases in a fixed order, no white space.
 * Schemas that differ in anything but the writing of the same names have different texts.
 */
export function normalisedText(schema: AvroSchema): string {
  return JSON.stringify(normalised(schema, new Set()));
}

/** SHA-256 of the normalised text, hexadecimal. */
export function schemaFingerprint(schema: AvroSchema): string {
  return createHash('sha256').update(normalisedText(schema)).digest('hex');
}

function canonical(schema: AvroSchema, seen: Set<string>): unknown {
  if (isNamed(schema)) {
    if (seen.has(schema.name)) return schema.name;
    seen.add(schema.name);
  }
  switch (schema.type) {
    case 'record':
      return {
        name: schema.name,
        type: 'record',
        fields: schema.fields.map((field) => ({ name: field.name, type: canonical(field.schema, seen) })),
      };
    case 'enum':
      return { name: schema.name, type: 'enum', symbols: schema.symbols };
    case 'fixed':
      return { name: schema.name, type: 'fixed', size: schema.size };
    case 'array':
      return { type: 'array', items: canonical(schema.items, seen) };
    case 'map':
      return { type: 'map', values: canonical(schema.values, seen) };
    case 'union':
      return schema.branches.map((branch) => canonical(branch, seen));
    default:
      return schema.type;
  }
}

function normalised(schema: AvroSchema, seen: Set<string>): unknown {
  if (schema.type === 'union') return schema.branches.map((branch) => normalised(branch, seen));
  const attributes = sortedAttributes(schema.attributes);
  if (schema.type === 'array') return { type: 'array', items: normalised(schema.items, seen), ...attributes };
  if (schema.type === 'map') return { type: 'map', values: normalised(schema.values, seen), ...attributes };
  if (!isNamed(schema)) return Object.keys(attributes).length === 0 ? schema.type : { type: schema.type, ...attributes };
  if (seen.has(schema.name)) return schema.name;
  seen.add(schema.name);
  const naming = { name: schema.name, ...present('doc', schema.doc), ...aliasesOf(schema.aliases) };
  switch (schema.type) {
    case 'record': {
      const fields = schema.fields.map((field) => normalisedField(field, seen));
      return { type: schema.isError ? 'error' : 'record', ...naming, fields, ...attributes };
    }
    case 'enum':
      return { type: 'enum', ...naming, symbols: schema.symbols, ...present('default', schema.default), ...attributes };
    case 'fixed':
      return { type: 'fixed', ...naming, size: schema.size, ...attributes };
  }
}

function normalisedField(field: RecordField, seen: Set<string>): unknown {
  return {
    name: field.name,
    type: normalised(field.schema, seen),
    ...present('doc', field.doc),
    ...(field.default === undefined ? {} : { default: sorted(field.default) }),
    ...(field.order === 'ascending' ? {} : { order: field.order }),
    ...aliasesOf(field.aliases),
    ...sortedAttributes(field.attributes),
  };
}

function present(key: string, value: string | null): Record<string, string> {
  return value === null ? {} : { [key]: value };
}

/** Aliases are a set: their order says nothing. */
function aliasesOf(aliases: readonly string[]): { readonly aliases?: readonly string[] } {
  return aliases.length === 0 ? {} : { aliases: [...new Set(aliases)].sort() };
}

function sortedAttributes(attributes: SchemaAttributes): Record<string, unknown> {
  return sorted(attributes) as Record<string, unknown>;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || value instanceof WrittenNumber) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
