import { jsonExtent, messageOf } from '@truc/kernel';
import {
  isNamed,
  primitiveTypes,
  type AvroSchema,
  type EnumSchema,
  type FixedSchema,
  type PrimitiveType,
  type RecordField,
  type RecordSchema,
  type SchemaAttributes,
} from './avro-schema.js';
import { defaultProblems } from './default-value.js';
import { parseWithNumbers, withoutComments, WrittenNumber } from './exact-json.js';
import { logicalTypeOf } from './logical-type.js';
import { minimumSizes } from './minimum-size.js';
import { AvroSchemaError, type BrokenLimit } from './schema-error.js';
import { schemaLimits } from './schema-limits.js';

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;
const dotted = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;
const ownAttributes: Record<string, readonly string[]> = {
  primitive: ['type'],
  record: ['type', 'name', 'namespace', 'aliases', 'doc', 'fields'],
  enum: ['type', 'name', 'namespace', 'aliases', 'doc', 'symbols', 'default'],
  fixed: ['type', 'name', 'namespace', 'aliases', 'doc', 'size'],
  array: ['type', 'items'],
  map: ['type', 'values'],
  field: ['name', 'aliases', 'doc', 'type', 'default', 'order'],
};

type JsonObject = Record<string, unknown>;

/**
 * Parses a schema's JSON text, resolves its names and checks it against the limits of rule D12.
 * @throws AvroSchemaError with the JSON path of the first problem
 */
export function parseAvroSchema(text: string): AvroSchema {
  const { schema, limits } = readAvroSchema(text);
  const [first] = limits;
  if (first !== undefined) throw first;
  // Without a broken limit there is a schema.
  return schema!;
}

/** A schema as far as it can be read, with everything that is beyond the limits of rule D12. */
export interface AvroReading {
  /** Null where what is beyond the limits leaves nothing to read. What it holds is good for being judged further, and for nothing else, where `limits` is not empty. */
  readonly schema: AvroSchema | null;
  /** Of code AVRO_SCHEMA_LIMIT, in the order of the text; the first thousand. */
  readonly limits: readonly AvroSchemaError[];
}

/**
 * Parses like {@link parseAvroSchema}, and goes on behind a broken limit where that is possible, so that everything can be told at once.
 * @throws AvroSchemaError AVRO_SCHEMA_INVALID where the text is no Avro schema and no limit is broken before that
 */
export function readAvroSchema(text: string): AvroReading {
  const bytes = Buffer.byteLength(text);
  if (bytes > schemaLimits.textBytes) {
    return {
      schema: null,
      limits: [limit('$', 'textBytes', bytes, `the text has ${bytes} bytes, the limit is ${schemaLimits.textBytes}`)],
    };
  }
  const plain = withoutComments(text);
  // Known before anything recurses into it.
  const jsonDepth = jsonExtent(Buffer.from(plain)).depth;
  if (jsonDepth > schemaLimits.jsonDepth) {
    return { schema: null, limits: [limit('$', 'jsonDepth', jsonDepth, `the JSON is nested deeper than ${schemaLimits.jsonDepth}`)] };
  }
  let json: unknown;
  try {
    json = parseWithNumbers(plain);
  } catch (error) {
    const problem = error instanceof RangeError ? error.message : `not JSON: ${messageOf(error)}`;
    throw new AvroSchemaError('AVRO_SCHEMA_INVALID', '$', problem);
  }
  return new SchemaParser().parse(json);
}

/** Broken limits of one schema that are told: 64 KiB have room for thirteen thousand names that are none. */
const limitsMax = 1000;

class SchemaParser {
  private readonly limits: AvroSchemaError[] = [];
  private readonly named = new Map<string, RecordSchema | EnumSchema | FixedSchema>();
  private readonly arrays: { path: string; items: AvroSchema }[] = [];
  private readonly records: { path: string; record: RecordSchema }[] = [];
  /** Defaults are judged last, when every name is known and every record has its fields. */
  private readonly defaults: { path: string; schema: AvroSchema; value: unknown }[] = [];
  private fieldCount = 0;

  parse(json: unknown): AvroReading {
    try {
      return { schema: this.whole(json), limits: this.limits };
    } catch (error) {
      // What is missing may well be what a limit kept from being read.
      if (error instanceof AvroSchemaError && this.limits.length > 0) return { schema: null, limits: this.limits };
      throw error;
    }
  }

  private whole(json: unknown): AvroSchema {
    const schema = this.schema(json, '$', '', 1);
    const sizeOf = minimumSizes();
    for (const { path, record } of this.records) {
      if (sizeOf(record) === Infinity) throw invalid(path, `every value of ${record.name} would contain itself without end`);
    }
    for (const { path, items } of this.arrays) {
      if (sizeOf(items) === 0) {
        this.beyond(
          path,
          'itemBytes',
          0,
          'items of an array must take at least one byte, or a few bytes of input could claim any number of them',
        );
      }
    }
    const defaultProblem = defaultProblems();
    for (const { path, schema: fieldSchema, value } of this.defaults) {
      const problem = defaultProblem(fieldSchema, value);
      if (problem !== null) throw invalid(path, `the default does not fit the type: ${problem}`);
    }
    return schema;
  }

  private beyond(path: string, kind: BrokenLimit, found: string | number, problem: string): void {
    if (this.limits.length < limitsMax) this.limits.push(limit(path, kind, found, problem));
  }

  private schema(json: unknown, path: string, namespace: string, depth: number): AvroSchema {
    if (depth > schemaLimits.depth) {
      this.beyond(path, 'depth', depth, `types are nested deeper than ${schemaLimits.depth}`);
      // Something that has no problem of its own stands in for what is not read.
      return { type: 'boolean', logicalType: null, attributes: {} };
    }
    if (typeof json === 'string') return this.reference(json, path, namespace);
    if (Array.isArray(json)) return this.union(json, path, namespace, depth);
    if (!isObject(json)) throw invalid(path, 'a type is a name, an object or an array of types');
    const { type } = json;
    switch (type) {
      case 'record':
      case 'error':
        return this.record(json, path, namespace, depth);
      case 'enum':
        return this.enumeration(json, path, namespace);
      case 'fixed':
        return this.fixed(json, path, namespace);
      case 'array': {
        const items = this.schema(required(json, 'items', path), `${path}.items`, namespace, depth + 1);
        this.arrays.push({ path: `${path}.items`, items });
        return { type, items, attributes: extra(json, 'array') };
      }
      case 'map':
        return {
          type,
          values: this.schema(required(json, 'values', path), `${path}.values`, namespace, depth + 1),
          attributes: extra(json, 'map'),
        };
      default:
    }
    if (isPrimitive(type)) {
      const attributes = extra(json, 'primitive');
      return { type, logicalType: logicalTypeOf(type, attributes, 0), attributes };
    }
    if (type === undefined) throw invalid(path, 'the object has no "type"');
    return this.schema(type, `${path}.type`, namespace, depth + 1);
  }

  private reference(name: string, path: string, namespace: string): AvroSchema {
    if (isPrimitive(name)) return { type: name, logicalType: null, attributes: {} };
    const found = this.named.get(qualify(name, namespace)) ?? this.named.get(name);
    if (found === undefined) throw invalid(path, `"${name.slice(0, 80)}" is neither a primitive type nor a name defined before`);
    return found;
  }

  private union(json: unknown[], path: string, namespace: string, depth: number): AvroSchema {
    const branches = json.map((branch, index) => this.schema(branch, `${path}[${index}]`, namespace, depth + 1));
    const seen = new Set<string>();
    branches.forEach((branch, index) => {
      if (branch.type === 'union') throw invalid(`${path}[${index}]`, 'a union may not directly contain a union');
      const key = isNamed(branch) ? branch.name : branch.type;
      if (seen.has(key)) throw invalid(`${path}[${index}]`, `the union already has a branch ${key}`);
      seen.add(key);
    });
    return { type: 'union', branches, attributes: {} };
  }

  private record(json: JsonObject, path: string, outer: string, depth: number): AvroSchema {
    const { name, namespace } = this.nameOf(json, path, outer);
    const fields: RecordField[] = [];
    const record: RecordSchema = {
      type: 'record',
      name,
      aliases: this.aliasesOf(json, path, namespace),
      doc: docOf(json, path),
      isError: json['type'] === 'error',
      fields,
      attributes: extra(json, 'record'),
    };
    this.define(record, path);
    this.records.push({ path, record });
    const list = required(json, 'fields', path);
    if (!Array.isArray(list)) throw invalid(`${path}.fields`, 'the fields of a record are an array');
    const isTooMany = this.fieldCount <= schemaLimits.fields && this.fieldCount + list.length > schemaLimits.fields;
    this.fieldCount += list.length;
    if (isTooMany) this.beyond(`${path}.fields`, 'fields', this.fieldCount, `the schema has more than ${schemaLimits.fields} fields`);
    const names = new Set<string>();
    list.forEach((item: unknown, index) => {
      const field = this.field(item, `${path}.fields[${index}]`, namespace, depth);
      if (names.has(field.name)) throw invalid(`${path}.fields[${index}].name`, `the record already has a field ${field.name}`);
      names.add(field.name);
      fields.push(field);
    });
    return record;
  }

  private field(json: unknown, path: string, namespace: string, depth: number): RecordField {
    if (!isObject(json)) throw invalid(path, 'a field is an object with a name and a type');
    const name = this.checkedName(required(json, 'name', path), `${path}.name`, identifier);
    const schema = this.schema(required(json, 'type', path), `${path}.type`, namespace, depth + 1);
    // As Java reads it: schemas that Confluent's registry normalised say ASCENDING.
    const order = String(json['order'] ?? 'ascending').toLowerCase();
    if (order !== 'ascending' && order !== 'descending' && order !== 'ignore') {
      throw invalid(`${path}.order`, 'the order is ascending, descending or ignore');
    }
    const value = json['default'];
    if (value !== undefined) this.defaults.push({ path: `${path}.default`, schema, value });
    const aliases = namesIn(json, path).map((alias, index) => this.checkedName(alias, `${path}.aliases[${index}]`, identifier));
    return { name, aliases, doc: docOf(json, path), schema, default: value, order, attributes: extra(json, 'field') };
  }

  private enumeration(json: JsonObject, path: string, outer: string): AvroSchema {
    const { name, namespace } = this.nameOf(json, path, outer);
    const list = required(json, 'symbols', path);
    if (!Array.isArray(list)) throw invalid(`${path}.symbols`, 'the symbols of an enum are an array of names');
    const symbols = list.map((symbol: unknown, index) => this.checkedName(symbol, `${path}.symbols[${index}]`, identifier));
    const known = new Set<string>();
    const twice = symbols.findIndex((symbol) => known.size === known.add(symbol).size);
    if (twice !== -1) throw invalid(`${path}.symbols[${twice}]`, `the symbol ${symbols[twice]} is there twice`);
    const fallback = json['default'];
    if (fallback !== undefined && (typeof fallback !== 'string' || !symbols.includes(fallback))) {
      throw invalid(`${path}.default`, 'the default of an enum is one of its symbols');
    }
    return this.define(
      {
        type: 'enum',
        name,
        aliases: this.aliasesOf(json, path, namespace),
        doc: docOf(json, path),
        symbols,
        default: fallback ?? null,
        attributes: extra(json, 'enum'),
      },
      path,
    );
  }

  private fixed(json: JsonObject, path: string, outer: string): AvroSchema {
    const { name, namespace } = this.nameOf(json, path, outer);
    const size = required(json, 'size', path);
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) throw invalid(`${path}.size`, 'the size is a number of bytes');
    if (size > schemaLimits.fixedBytes)
      this.beyond(`${path}.size`, 'fixedBytes', size, `a fixed type has at most ${schemaLimits.fixedBytes} bytes`);
    const attributes = extra(json, 'fixed');
    return this.define(
      {
        type: 'fixed',
        name,
        aliases: this.aliasesOf(json, path, namespace),
        doc: docOf(json, path),
        size,
        logicalType: logicalTypeOf('fixed', attributes, size),
        attributes,
      },
      path,
    );
  }

  private checkedName(name: unknown, path: string, pattern: RegExp): string {
    if (typeof name !== 'string' || name === '') throw invalid(path, 'a name is text of at least one character');
    if (name.length > schemaLimits.nameChars)
      this.beyond(path, 'nameChars', name.length, `the name is longer than ${schemaLimits.nameChars} characters`);
    else if (!pattern.test(name))
      this.beyond(path, 'name', name, `"${name}" is not a name: ASCII letters, digits and underscores, not a digit first`);
    return name;
  }

  private aliasesOf(json: JsonObject, path: string, namespace: string): string[] {
    return namesIn(json, path).map((alias, index) => qualify(this.checkedName(alias, `${path}.aliases[${index}]`, dotted), namespace));
  }

  private define<T extends RecordSchema | EnumSchema | FixedSchema>(schema: T, path: string): T {
    if (this.named.has(schema.name)) throw invalid(path, `the name ${schema.name} is defined twice`);
    this.named.set(schema.name, schema);
    return schema;
  }

  private nameOf(json: JsonObject, path: string, outer: string): { name: string; namespace: string } {
    const given = required(json, 'name', path);
    const text = this.checkedName(given, `${path}.name`, dotted);
    const dot = text.lastIndexOf('.');
    const own = json['namespace'] ?? outer;
    if (own !== '') this.checkedName(own, `${path}.namespace`, dotted);
    const namespace = dot === -1 ? String(own) : text.slice(0, dot);
    const name = dot === -1 ? qualify(text, namespace) : text;
    if (isPrimitive(name)) throw invalid(`${path}.name`, `${name} is the name of a primitive type`);
    return { name, namespace };
  }
}

function isPrimitive(type: unknown): type is PrimitiveType {
  return (primitiveTypes as readonly unknown[]).includes(type);
}

function qualify(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

function isObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && !(json instanceof WrittenNumber);
}

function required(json: JsonObject, key: string, path: string): unknown {
  if (!Object.hasOwn(json, key)) throw invalid(path, `"${key}" is missing`);
  return json[key];
}

function extra(json: JsonObject, kind: keyof typeof ownAttributes): SchemaAttributes {
  const own = ownAttributes[kind] ?? [];
  return Object.fromEntries(Object.entries(json).filter(([key]) => !own.includes(key)));
}

function docOf(json: JsonObject, path: string): string | null {
  const { doc = null } = json;
  if (doc !== null && typeof doc !== 'string') throw invalid(`${path}.doc`, 'the doc is text');
  return doc;
}

function namesIn(json: JsonObject, path: string): readonly unknown[] {
  const { aliases = [] } = json;
  if (!Array.isArray(aliases)) throw invalid(`${path}.aliases`, 'aliases are an array of names');
  return aliases;
}

function invalid(path: string, problem: string): AvroSchemaError {
  return new AvroSchemaError('AVRO_SCHEMA_INVALID', path, problem);
}

function limit(path: string, kind: BrokenLimit, found: string | number, problem: string): AvroSchemaError {
  return new AvroSchemaError('AVRO_SCHEMA_LIMIT', path, problem, { kind, found: String(found) });
}
