import { describeSchema, isNamed, type AvroSchema, type RecordField, type RecordSchema } from '@truc/avro';

/** One way in which two schemas differ. */
export interface SchemaDifference {
  /** `$.after.person_full_name`; `[]` for the items of an array, `{}` for the values of a map. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'type' | 'default' | 'name' | 'symbols' | 'size' | 'aliases' | 'order' | 'doc' | 'attribute';
  /** Of an attribute. */
  readonly attribute: string | null;
  /** Empty where there was nothing. */
  readonly before: string;
  readonly after: string;
  /** URN of the element that the field is, where it names one. */
  readonly element: string | null;
}

interface Place {
  readonly path: string;
  readonly element: string | null;
}

const elementAttribute = 'dictionaryElement';

/** Everything that differs, each once; what is the same named type on both sides is told where it is met first. Whether it matters to readers is another question. */
export function schemaDifferences(before: AvroSchema, after: AvroSchema): SchemaDifference[] {
  return [...new Walk().differences(before, after, { path: '$', element: null })];
}

class Walk {
  readonly #met = new Map<AvroSchema, Set<AvroSchema>>();

  *differences(before: AvroSchema, after: AvroSchema, place: Place): Iterable<SchemaDifference> {
    const others = this.#met.get(before) ?? new Set<AvroSchema>();
    this.#met.set(before, others);
    if (others.has(after)) return;
    others.add(after);
    if (before.type !== after.type) {
      yield differing(place, 'type', describeSchema(before), describeSchema(after));
      return;
    }
    // What a logical type says is told as the type.
    const told = describeSchema(before) === describeSchema(after) ? [] : ['logicalType', 'precision', 'scale'];
    yield* attributeDifferences(before.attributes, after.attributes, place, told);
    if (isNamed(before) && isNamed(after)) {
      if (before.name !== after.name) yield differing(place, 'name', before.name, after.name);
      if (before.doc !== after.doc) yield differing(place, 'doc', before.doc ?? '', after.doc ?? '');
      yield* listDifference(place, 'aliases', before.aliases, after.aliases);
    }
    if (before.type === 'record' && after.type === 'record') yield* this.#fields(before, after, place);
    else if (before.type === 'array' && after.type === 'array') yield* this.differences(before.items, after.items, at(place, '[]'));
    else if (before.type === 'map' && after.type === 'map') yield* this.differences(before.values, after.values, at(place, '{}'));
    else if (before.type === 'enum' && after.type === 'enum') {
      yield* listDifference(place, 'symbols', before.symbols, after.symbols);
      if (before.default !== after.default) yield differing(place, 'default', before.default ?? '', after.default ?? '');
    } else if (before.type === 'fixed' && after.type === 'fixed') {
      if (before.size !== after.size) yield differing(place, 'size', String(before.size), String(after.size));
    } else if (before.type === 'union' && after.type === 'union') yield* this.#branches(before.branches, after.branches, place);
    else if (describeSchema(before) !== describeSchema(after))
      yield differing(place, 'type', describeSchema(before), describeSchema(after));
  }

  *#fields(before: RecordSchema, after: RecordSchema, place: Place): Iterable<SchemaDifference> {
    const old = new Map(before.fields.map((field) => [field.name, field]));
    const next = new Map(after.fields.map((field) => [field.name, field]));
    // A change envelope has its row record twice: people know it by `after`.
    const names = [...new Set([...old.keys(), ...next.keys()])].sort((a, b) => Number(b === 'after') - Number(a === 'after'));
    for (const name of names) {
      const [was, is] = [old.get(name), next.get(name)];
      if (was !== undefined && is !== undefined) yield* this.#field(was, is, fieldPlace(place, is));
      else if (is !== undefined) yield differing(fieldPlace(place, is), 'added', '', fieldText(is));
      else if (was !== undefined) yield differing(fieldPlace(place, was), 'removed', fieldText(was), '');
    }
    const kept = (fields: readonly RecordField[]): string[] =>
      fields.map(({ name }) => name).filter((name) => old.has(name) && next.has(name));
    if (kept(before.fields).join() !== kept(after.fields).join())
      yield differing(place, 'order', kept(before.fields).join(', '), kept(after.fields).join(', '));
  }

  *#field(was: RecordField, is: RecordField, place: Place): Iterable<SchemaDifference> {
    const [before, after] = [JSON.stringify(was.default), JSON.stringify(is.default)];
    if (before !== after) yield differing(place, 'default', before ?? '', after ?? '');
    if (was.doc !== is.doc) yield differing(place, 'doc', was.doc ?? '', is.doc ?? '');
    if (was.order !== is.order) yield differing(place, 'order', was.order, is.order);
    yield* listDifference(place, 'aliases', was.aliases, is.aliases);
    yield* attributeDifferences(was.attributes, is.attributes, place);
    yield* this.differences(was.schema, is.schema, place);
  }

  /** A branch is the same one where it is of the same type and name. */
  *#branches(before: readonly AvroSchema[], after: readonly AvroSchema[], place: Place): Iterable<SchemaDifference> {
    const key = (branch: AvroSchema): string => (isNamed(branch) ? branch.name : branch.type);
    const next = new Map(after.map((branch) => [key(branch), branch]));
    if (before.map(key).join() !== after.map(key).join()) {
      const shown = (branches: readonly AvroSchema[]): string => `[${branches.map(describeSchema).join(', ')}]`;
      yield differing(place, 'type', shown(before), shown(after));
    }
    for (const branch of before) {
      const same = next.get(key(branch));
      if (same !== undefined) yield* this.differences(branch, same, place);
    }
  }
}

function* attributeDifferences(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  place: Place,
  told: readonly string[] = [],
): Iterable<SchemaDifference> {
  for (const attribute of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (told.includes(attribute)) continue;
    const [was, is] = [JSON.stringify(before[attribute]), JSON.stringify(after[attribute])];
    if (was !== is) yield { ...differing(place, 'attribute', was ?? '', is ?? ''), attribute };
  }
}

function* listDifference(
  place: Place,
  kind: SchemaDifference['kind'],
  before: readonly string[],
  after: readonly string[],
): Iterable<SchemaDifference> {
  if (before.join() !== after.join()) yield differing(place, kind, before.join(', '), after.join(', '));
}

function fieldPlace(parent: Place, { name, attributes }: RecordField): Place {
  const element = attributes[elementAttribute];
  return { path: `${parent.path}.${name}`, element: typeof element === 'string' ? element : null };
}

function at({ path, element }: Place, step: string): Place {
  return { path: `${path}${step}`, element };
}

function fieldText({ schema, default: preset }: RecordField): string {
  return `${describeSchema(schema)}${preset === undefined ? '' : `, default ${JSON.stringify(preset)}`}`;
}

function differing(place: Place, kind: SchemaDifference['kind'], before: string, after: string): SchemaDifference {
  return { ...place, kind, attribute: null, before, after };
}
