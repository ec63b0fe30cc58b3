import { primitiveTypes } from './avro-schema.js';
import { javaJson, parseExactly } from './exact-json.js';

type JsonObject = Record<string, unknown>;
const typeNames: readonly unknown[] = [...primitiveTypes, 'record', 'enum', 'array', 'map', 'union', 'fixed'];
const named: readonly unknown[] = ['record', 'error', 'enum', 'fixed'];

/**
 * A schema's text as Avro's Java library writes it (Schema.toString), which is what registries hand out and what their GUIDs are made of: no white space, attributes of the language in a fixed order,
 * others in the order of the text, a namespace only where it differs from the one around it.
 * @param text that {@link parseAvroSchema} takes; names that other schemas define may stand in it
 * @param outside full names that other schemas define
 */
export function registeredText(text: string, outside: ReadonlySet<string> = new Set()): string {
  return javaJson(new PlainLayout(outside).schema(parseExactly(text), ''));
}

/** The same in the one form that equal schemas share: full names, attributes in order. Confluent's registry stores it where a caller asks to `normalize`. */
export function normalizedRegisteredText(text: string, outside: ReadonlySet<string> = new Set()): string {
  return javaJson(new SortedLayout(outside).schema(parseExactly(text), ''));
}

/** Walks the JSON of a schema; the two layouts differ in what they write of it. */
abstract class Layout {
  /** Full names that stand for a type from here on. */
  protected readonly known: Set<string>;

  constructor(outside: ReadonlySet<string>) {
    this.known = new Set(outside);
  }

  schema(json: unknown, space: string): unknown {
    if (Array.isArray(json)) return json.map((branch) => this.schema(branch, space));
    if (typeof json === 'string') return typeNames.includes(json) ? json : this.reference(this.fullNameOf(json, space), space);
    const object = json as JsonObject;
    const { type } = object;
    if (named.includes(type)) {
      const full = declaredName(object, space);
      this.known.add(full);
      return this.definition(object, full, space);
    }
    if (type === 'array') return this.container(object, 'items', space);
    if (type === 'map') return this.container(object, 'values', space);
    // A type in a type, or a name in one, stands for itself.
    if (typeof type !== 'string' || !typeNames.includes(type)) return this.schema(type, space);
    const attributes = this.attributes(object, ['type']);
    return Object.keys(attributes).length === 0 ? type : { type, ...attributes };
  }

  protected abstract reference(full: string, space: string): string;
  protected abstract definition(json: JsonObject, full: string, space: string): unknown;
  protected abstract attributes(json: JsonObject, own: readonly string[]): JsonObject;

  private container(json: JsonObject, inside: 'items' | 'values', space: string): unknown {
    return { type: json['type'], [inside]: this.schema(json[inside], space), ...this.attributes(json, ['type', inside]) };
  }

  private fullNameOf(name: string, space: string): string {
    const qualified = qualify(name, space);
    return this.known.has(qualified) ? qualified : name;
  }
}

const ownOfNamed = ['type', 'name', 'namespace', 'doc', 'aliases', 'fields', 'symbols', 'size'];
const ownOfField = ['name', 'type', 'doc', 'default', 'order', 'aliases'];

class PlainLayout extends Layout {
  protected reference(full: string, space: string): string {
    return shortened(full, space);
  }

  protected definition(json: JsonObject, full: string, space: string): unknown {
    const [own, name] = apart(full);
    const isEnum = json['type'] === 'enum';
    return {
      type: json['type'],
      name,
      ...(own === space ? {} : { namespace: own }),
      ...given(json, 'doc'),
      ...(json['fields'] === undefined ? {} : { fields: (json['fields'] as JsonObject[]).map((field) => this.#field(field, own)) }),
      ...given(json, 'symbols'),
      ...(isEnum ? given(json, 'default') : {}),
      ...given(json, 'size'),
      ...this.attributes(json, isEnum ? [...ownOfNamed, 'default'] : ownOfNamed),
      ...aliasesOf(json, (alias) => shortened(qualify(alias, own), own)),
    };
  }

  protected attributes(json: JsonObject, own: readonly string[]): JsonObject {
    return Object.fromEntries(Object.entries(json).filter(([key]) => !own.includes(key)));
  }

  #field(json: JsonObject, space: string): unknown {
    const order = String(json['order'] ?? 'ascending').toLowerCase();
    return {
      name: json['name'],
      type: this.schema(json['type'], space),
      ...given(json, 'doc'),
      ...(json['default'] === undefined ? {} : { default: json['default'] }),
      ...(order === 'ascending' ? {} : { order }),
      ...aliasesOf(json, (alias) => alias),
      ...this.attributes(json, ownOfField),
    };
  }
}

class SortedLayout extends Layout {
  protected reference(full: string): string {
    return full;
  }

  protected definition(json: JsonObject, full: string): unknown {
    const [own] = apart(full);
    const { type, doc } = json;
    return {
      name: full,
      type: type === 'error' ? 'record' : type,
      ...given(json, 'symbols'),
      ...given(json, 'size'),
      ...(json['fields'] === undefined ? {} : { fields: (json['fields'] as JsonObject[]).map((field) => this.#field(field, own)) }),
      ...this.#logical(json),
      ...(typeof doc === 'string' && doc !== '' ? { doc } : {}),
      ...aliasesOf(json, (alias) => qualify(alias, own), true),
      ...(type === 'enum' ? given(json, 'default') : {}),
      ...this.#others(json, type === 'enum' ? [...ownOfNamed, 'default'] : ownOfNamed),
    };
  }

  protected attributes(json: JsonObject, own: readonly string[]): JsonObject {
    return { ...this.#logical(json), ...this.#others(json, own) };
  }

  #logical(json: JsonObject): JsonObject {
    return { ...given(json, 'logicalType'), ...given(json, 'precision'), ...given(json, 'scale') };
  }

  #others(json: JsonObject, own: readonly string[]): JsonObject {
    const logical = this.#logical(json);
    const others = Object.entries(json).filter(([key]) => !own.includes(key) && !Object.hasOwn(logical, key));
    return sorted(Object.fromEntries(others)) as JsonObject;
  }

  #field(json: JsonObject, space: string): unknown {
    return {
      name: json['name'],
      type: this.schema(json['type'], space),
      order: String(json['order'] ?? 'ascending').toUpperCase(),
      ...given(json, 'doc'),
      ...aliasesOf(json, (alias) => alias, true),
      ...(json['default'] === undefined ? {} : { default: sorted(json['default']) }),
      ...(sorted(Object.fromEntries(Object.entries(json).filter(([key]) => !ownOfField.includes(key)))) as JsonObject),
    };
  }
}

function given(json: JsonObject, key: string): JsonObject {
  return json[key] === undefined || json[key] === null ? {} : { [key]: json[key] };
}

function aliasesOf(json: JsonObject, write: (alias: string) => string, isSorted = false): JsonObject {
  const aliases = [...new Set(((json['aliases'] ?? []) as string[]).map(write))];
  if (aliases.length === 0) return {};
  return { aliases: isSorted ? aliases.sort() : aliases };
}

function declaredName(json: JsonObject, space: string): string {
  const name = String(json['name']);
  const own = json['namespace'];
  return qualify(name, typeof own === 'string' ? own : space);
}

function qualify(name: string, space: string): string {
  return name.includes('.') || space === '' ? name : `${space}.${name}`;
}

/** Namespace and name. */
function apart(full: string): readonly [string, string] {
  const dot = full.lastIndexOf('.');
  return dot === -1 ? ['', full] : [full.slice(0, dot), full.slice(dot + 1)];
}

/** The name alone where its namespace is the one around it, and it could not be taken for a type. */
function shortened(full: string, space: string): string {
  const [own, name] = apart(full);
  return own === space && own !== '' && !typeNames.includes(name) ? name : full;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || 'rawJSON' in value) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
