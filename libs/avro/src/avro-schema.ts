/**
 * A parsed Avro schema. Named types are resolved: a reference is the very object of its definition, so a recursive schema is a graph with cycles.
 */
export type AvroSchema = PrimitiveSchema | FixedSchema | EnumSchema | RecordSchema | ArraySchema | MapSchema | UnionSchema;

export const primitiveTypes = ['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'] as const;
export type PrimitiveType = (typeof primitiveTypes)[number];

/** Logical types that are understood; any other, or one that does not fit its type, is an attribute without meaning, as the specification says. */
export type LogicalType =
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | {
      readonly kind:
        | 'date'
        | 'time-millis'
        | 'time-micros'
        | 'timestamp-millis'
        | 'timestamp-micros'
        | 'local-timestamp-millis'
        | 'local-timestamp-micros'
        | 'uuid'
        | 'duration';
    };

/** JSON attributes beyond those that the type itself defines, in the order of the text: `dictionaryElement`, `logicalType`, `avro.java.string`. */
export type SchemaAttributes = Readonly<Record<string, unknown>>;

interface SchemaNode {
  readonly attributes: SchemaAttributes;
}

export interface PrimitiveSchema extends SchemaNode {
  readonly type: PrimitiveType;
  readonly logicalType: LogicalType | null;
}

interface NamedSchema extends SchemaNode {
  /** Full name, namespace included. */
  readonly name: string;
  /** Full names. */
  readonly aliases: readonly string[];
  readonly doc: string | null;
}

export interface FixedSchema extends NamedSchema {
  readonly type: 'fixed';
  /** Bytes. */
  readonly size: number;
  readonly logicalType: LogicalType | null;
}

export interface EnumSchema extends NamedSchema {
  readonly type: 'enum';
  readonly symbols: readonly string[];
  readonly default: string | null;
}

export interface RecordSchema extends NamedSchema {
  readonly type: 'record';
  readonly isError: boolean;
  readonly fields: readonly RecordField[];
}

export interface RecordField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly doc: string | null;
  readonly schema: AvroSchema;
  /** `undefined` when the field has no default; `null` is a default. */
  readonly default: unknown;
  readonly order: 'ascending' | 'descending' | 'ignore';
  readonly attributes: SchemaAttributes;
}

export interface ArraySchema extends SchemaNode {
  readonly type: 'array';
  readonly items: AvroSchema;
}

export interface MapSchema extends SchemaNode {
  readonly type: 'map';
  readonly values: AvroSchema;
}

export interface UnionSchema extends SchemaNode {
  readonly type: 'union';
  readonly branches: readonly AvroSchema[];
}

export function isNamed(schema: AvroSchema): schema is FixedSchema | EnumSchema | RecordSchema {
  return schema.type === 'record' || schema.type === 'enum' || schema.type === 'fixed';
}

/** Of a union that a person is told of. */
const branchesShownMax = 12;

/** What a person calls the type: its full name, or `decimal(18,2)`, or `array`. */
export function describeSchema(schema: AvroSchema): string {
  if (schema.type === 'union') {
    const { length } = schema.branches;
    const shown = schema.branches.slice(0, branchesShownMax).map(describeSchema);
    return `[${[...shown, ...(length > shown.length ? [`and ${length - shown.length} more`] : [])].join(', ')}]`;
  }
  if (isNamed(schema)) {
    const logical = schema.type === 'fixed' ? logicalTypeText(schema.logicalType) : null;
    return logical === null ? schema.name : `${logical} in ${schema.name}`;
  }
  if (schema.type === 'array') return `array of ${describeSchema(schema.items)}`;
  if (schema.type === 'map') return `map of ${describeSchema(schema.values)}`;
  const logical = logicalTypeText(schema.logicalType);
  return logical === null ? schema.type : `${schema.type} (${logical})`;
}

function logicalTypeText(logicalType: LogicalType | null): string | null {
  if (logicalType === null) return null;
  return logicalType.kind === 'decimal' ? `decimal(${logicalType.precision},${logicalType.scale})` : logicalType.kind;
}
