import type { AvroSchema, EnumSchema, FixedSchema, RecordField, RecordSchema } from './avro-schema.js';

/** The rules of Avro's schema resolution by which one type reads another, each for itself. Logical types take no part, as in Java. */

/** Types that are read as another one: writer to readers. */
const promotions: Partial<Record<AvroSchema['type'], readonly AvroSchema['type'][]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

/** Whether every value of one type is read as another one; of types that contain others the outermost alone is looked at. */
export function isReadAs(writer: AvroSchema, reader: AvroSchema): boolean {
  return reader.type === writer.type || (promotions[writer.type]?.includes(reader.type) ?? false);
}

/** The written fields that a reader's field takes its value from, by its name and its aliases. More than one leave open which. */
export function writtenAs(field: RecordField, writer: RecordSchema): RecordField[] {
  return writer.fields.filter(({ name }) => name === field.name || field.aliases.includes(name));
}

/** Unqualified names decide, so a type may move to another namespace; an alias of the reader names the written type in full. */
export function isSameName(reader: RecordSchema | EnumSchema | FixedSchema, writer: { readonly name: string }): boolean {
  return simpleName(reader.name) === simpleName(writer.name) || reader.aliases.includes(writer.name);
}

function simpleName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Symbols that may be written and that a reader knows neither by themselves nor by a default, in order. */
export function missingSymbols(reader: EnumSchema, writer: EnumSchema): string[] {
  return reader.default === null ? writer.symbols.filter((symbol) => !reader.symbols.includes(symbol)).sort() : [];
}
