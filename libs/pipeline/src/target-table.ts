import { describeSchema, type AvroSchema, type LogicalType, type RecordSchema } from '@truc/avro';
import { TrucError } from '@truc/kernel';
import type { TargetColumnType, TargetItemType, TargetTable } from './change-target.js';

/** Where the rows of a topic are kept. */
export interface TableNaming {
  readonly schema: string;
  readonly name: string;
}

/**
 * The table that holds the rows of an envelope: one column for each field of the record that `after` holds, in its order.
 * @throws TrucError APPLY_SCHEMA_UNSUPPORTED when the schema is no envelope, or a field has a type that no value domain of the dictionary has
 */
export function targetTableOf(valueSchema: AvroSchema, { schema, name }: TableNaming): TargetTable {
  return {
    schema,
    name,
    columns: rowRecordOf(valueSchema).fields.map((field) => ({ name: field.name, type: columnTypeOf(field.schema, field.name) })),
  };
}

/** The record of the rows in an envelope's schema. @throws TrucError APPLY_SCHEMA_UNSUPPORTED */
export function rowRecordOf(valueSchema: AvroSchema): RecordSchema {
  const after = valueSchema.type === 'record' ? valueSchema.fields.find((field) => field.name === 'after')?.schema : undefined;
  const row = after === undefined ? undefined : withoutNull(after);
  if (row?.type !== 'record') throw unsupported('the schema is no envelope: it has no field "after" with a record');
  return row;
}

function columnTypeOf(schema: AvroSchema, field: string): TargetColumnType {
  const type = withoutNull(schema);
  return type?.type === 'array' ? { kind: 'list', item: itemTypeOf(type.items, field) } : itemTypeOf(schema, field);
}

function itemTypeOf(schema: AvroSchema, field: string): TargetItemType {
  const type = withoutNull(schema);
  switch (type?.type) {
    case 'string':
    case 'enum':
      return { kind: 'text' };
    case 'boolean':
      return { kind: 'boolean' };
    case 'float':
    case 'double':
      return { kind: 'double' };
    case 'int':
      if (type.logicalType === null) return { kind: 'integer' };
      if (type.logicalType.kind === 'date') return { kind: 'date' };
      break;
    case 'long':
      if (type.logicalType === null) return { kind: 'bigint' };
      if (type.logicalType.kind === 'timestamp-micros') return { kind: 'timestamp-micros' };
      break;
    case 'bytes':
    case 'fixed':
      if (isDecimal(type.logicalType)) return { kind: 'decimal', precision: type.logicalType.precision, scale: type.logicalType.scale };
      break;
    case 'null':
    case 'array':
    case 'map':
    case 'record':
    case 'union':
    case undefined:
      break;
  }
  throw unsupported(`the field ${field} is ${describeSchema(schema)}, which no column can hold`);
}

/** The type itself, or the one type beside null; null where a union has several. */
function withoutNull(schema: AvroSchema): AvroSchema | null {
  if (schema.type !== 'union') return schema;
  const branches = schema.branches.filter((branch) => branch.type !== 'null');
  return branches.length === 1 ? (branches[0] as AvroSchema) : null;
}

function isDecimal(type: LogicalType | null): type is Extract<LogicalType, { kind: 'decimal' }> {
  return type?.kind === 'decimal';
}

function unsupported(what: string): TrucError {
  return new TrucError('APPLY_SCHEMA_UNSUPPORTED', `${what}; register a schema that the dictionary's rules accept`);
}
