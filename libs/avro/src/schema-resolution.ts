import {
  isNamed,
  type AvroSchema,
  type EnumSchema,
  type FixedSchema,
  type RecordField,
  type RecordSchema,
  type UnionSchema,
} from './avro-schema.js';

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
  const names = kept(fieldsByName, writer, () => new Map(writer.fields.map((one) => [one.name, one])));
  if (field.aliases.length === 0) return [names.get(field.name) ?? []].flat();
  const wanted = new Set([field.name, ...field.aliases]);
  const found = [...wanted].flatMap((name) => names.get(name) ?? []);
  return found.length < 2 ? found : writer.fields.filter(({ name }) => wanted.has(name));
}

/** The branches of a reader's union that could read the written type, by type and name alone; all others cannot. */
export function candidateBranches(reader: UnionSchema, writer: AvroSchema): readonly AvroSchema[] {
  const { byType, byName } = kept(branchIndexes, reader, () => branchIndexOf(reader));
  if (!isNamed(writer)) return [writer.type, ...(promotions[writer.type] ?? [])].flatMap((type) => byType.get(type) ?? []);
  const found = new Set([...(byName.get(simpleName(writer.name)) ?? []), ...(byName.get(`.${writer.name}`) ?? [])]);
  return [...found].filter(({ type }) => type === writer.type);
}

interface BranchIndex {
  /** Of those without a name. */
  readonly byType: ReadonlyMap<AvroSchema['type'], readonly AvroSchema[]>;
  /** By simple name, and by full alias with a point before it. */
  readonly byName: ReadonlyMap<string, readonly AvroSchema[]>;
}

function branchIndexOf({ branches }: UnionSchema): BranchIndex {
  const byName = new Map<string, AvroSchema[]>();
  const put = (name: string, branch: AvroSchema): void => void byName.set(name, [...(byName.get(name) ?? []), branch]);
  for (const branch of branches) {
    if (!isNamed(branch)) continue;
    put(simpleName(branch.name), branch);
    for (const alias of branch.aliases) put(`.${alias}`, branch);
  }
  return {
    byType: Map.groupBy(
      branches.filter((branch) => !isNamed(branch)),
      ({ type }) => type,
    ),
    byName,
  };
}

// Schemas never change, and a union or an enum may have thousands of members: comparing each with each would take seconds.
const fieldsByName = new WeakMap<RecordSchema, ReadonlyMap<string, RecordField>>();
const branchIndexes = new WeakMap<UnionSchema, BranchIndex>();
const symbolSets = new WeakMap<EnumSchema, ReadonlySet<string>>();

function kept<K extends object, V>(all: WeakMap<K, V>, key: K, make: () => V): V {
  const found = all.get(key);
  if (found !== undefined) return found;
  const made = make();
  all.set(key, made);
  return made;
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
  if (reader.default !== null) return [];
  const known = kept(symbolSets, reader, () => new Set(reader.symbols));
  return writer.symbols.filter((symbol) => !known.has(symbol)).sort();
}
