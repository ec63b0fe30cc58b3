/** A pair of schemas that have much in common: the second is the first with a few changes, so that most of their parts meet. */
export interface SchemaPair {
  readonly reader: unknown;
  readonly writer: unknown;
}

type Json = Record<string, unknown>;

/** The pair of a seed. */
export function schemaPair(seed: number): SchemaPair {
  const random = new Random(seed);
  const writer = new Draft(random).type(0, []);
  const reader = random.chance(0.1) ? new Draft(random).type(0, []) : changed(structuredClone(writer), random, 0);
  return random.chance(0.5) ? { reader, writer } : { reader: writer, writer: reader };
}

/** mulberry32. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  one<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  some<T>(values: readonly T[], share: number): T[] {
    return values.filter(() => this.chance(share));
  }
}

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'] as const;
const names = ['N1', 'N2', 'N3', 'N4', 'N5', 'N6'];
const spaces = ['a', 'a.b', ''];
const symbols = ['A', 'B', 'C', 'D'];
const fieldNames = ['f1', 'f2', 'f3', 'f4'];

class Draft {
  readonly #random: Random;
  /** Full names that were defined so far, none twice. */
  readonly #defined = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** @param open full names of the records around */
  type(depth: number, open: readonly string[], inUnion = false): unknown {
    const random = this.#random;
    const kind = random.below(depth > 4 ? 3 : 12);
    if (kind < 3) return this.#primitive();
    if (kind === 3) return { type: 'array', items: this.type(depth + 1, open) };
    if (kind === 4) return { type: 'map', values: this.type(depth + 1, open) };
    if (kind === 5 && !inUnion) return this.#union(depth, open);
    if (kind === 6 && this.#defined.size > 0) return random.one([...this.#defined]);
    if (kind === 7) return this.#named('enum', (json) => this.#enumeration(json));
    if (kind === 8) return this.#named('fixed', (json) => (json['size'] = 1 + random.below(3)));
    return this.#named('record', (json, full) => {
      const inside = [...open, full];
      json['fields'] = random.some(fieldNames, 0.6).map((name) => this.#field(name, depth, inside));
    });
  }

  #primitive(): unknown {
    const type = this.#random.one(primitives);
    return this.#random.chance(0.1) ? { type, note: 'x' } : type;
  }

  #union(depth: number, open: readonly string[]): unknown {
    const branches: unknown[] = [];
    for (let wanted = 1 + this.#random.below(4); wanted > 0; wanted -= 1) {
      const branch = this.type(depth + 1, open, true);
      if (!branches.some((other) => branchName(other) === branchName(branch))) branches.push(branch);
    }
    // A value has to end somewhere.
    return open.length > 0 && !branches.includes('null') ? ['null', ...branches] : branches;
  }

  #named(type: string, fill: (json: Json, full: string) => void): unknown {
    const space = this.#random.one(spaces);
    const name = this.#random.one(names);
    const full = space === '' ? name : `${space}.${name}`;
    if (this.#defined.has(full)) return this.#primitive();
    this.#defined.add(full);
    const json: Json = this.#random.chance(0.5) && space !== '' ? { type, name: full } : { type, name, namespace: space };
    if (this.#random.chance(0.2)) json['aliases'] = [`${this.#random.one(['a', 'b'])}.${this.#random.one(names)}`];
    fill(json, full);
    return json;
  }

  #enumeration(json: Json): void {
    const own = this.#random.some(symbols, 0.6);
    json['symbols'] = own.length === 0 ? ['A'] : own;
    if (this.#random.chance(0.3)) json['default'] = (json['symbols'] as string[])[0];
  }

  #field(name: string, depth: number, open: readonly string[]): Json {
    const random = this.#random;
    // A record that contains itself does so in something that may be empty.
    const recursive = random.chance(0.2)
      ? random.one<unknown>([['null', random.one(open)], { type: 'array', items: random.one(open) }])
      : null;
    const type = recursive ?? this.#closed(this.type(depth + 1, open), open);
    const json: Json = { name, type };
    if (random.chance(0.15)) json['aliases'] = [otherName(name, random)];
    const value = valueOf(type);
    if (value !== undefined && random.chance(0.4)) json['default'] = value;
    return json;
  }

  #closed(type: unknown, open: readonly string[]): unknown {
    return typeof type === 'string' && open.includes(type) ? ['null', type] : type;
  }
}

/** An alias that repeats the field's own name makes Java find the field twice. */
function otherName(name: unknown, random: Random): string {
  return random.one(fieldNames.filter((other) => other !== name));
}

function branchName(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  const { type, name, namespace } = json as Json;
  return name === undefined ? type : namespace === undefined || namespace === '' ? name : `${String(namespace)}.${String(name)}`;
}

/** A value of the type, as JSON, where one is at hand. */
function valueOf(json: unknown): unknown {
  if (Array.isArray(json)) return valueOf(json.at(-1));
  const { type = json, symbols: own, size } = (typeof json === 'object' && json !== null ? json : {}) as Json;
  const values: Json = {
    null: null,
    boolean: true,
    int: 1,
    long: 2,
    float: 1.5,
    double: 0.25,
    string: 's',
    bytes: 'b',
    array: [],
    map: {},
  };
  if (type === 'enum') return (own as string[])[0];
  if (type === 'fixed') return 'x'.repeat(Number(size));
  return typeof type === 'string' ? values[type] : undefined;
}

/** A few changes that keep it a schema, as a rule. */
function changed(json: unknown, random: Random, depth: number): unknown {
  if (random.chance(0.06)) return random.one(primitives);
  if (Array.isArray(json)) {
    const branches = json.filter((branch) => branch === 'null' || !random.chance(0.15)).map((branch) => changed(branch, random, depth + 1));
    const kept = branches.filter((branch, index) => branches.findIndex((other) => branchName(other) === branchName(branch)) === index);
    return kept.length === 0 ? ['null'] : kept.filter((branch) => !Array.isArray(branch));
  }
  if (typeof json !== 'object' || json === null)
    return random.chance(0.15) && primitives.includes(json as 'int') ? random.one(primitives) : json;
  const object = json as Json;
  if (object['name'] !== undefined && random.chance(0.1)) object['aliases'] = [`a.${random.one(names)}`, random.one(names)];
  if (object['namespace'] === 'a' && random.chance(0.15)) object['namespace'] = 'other';
  if (object['size'] !== undefined && random.chance(0.2)) object['size'] = 4;
  if (object['symbols'] !== undefined) {
    const own = random.some(symbols, 0.7);
    if (own.length > 0) object['symbols'] = own;
    if (own.length > 0 && object['default'] !== undefined) object['default'] = own[0];
    else if (random.chance(0.2)) object['default'] = (object['symbols'] as string[])[0];
  }
  for (const inside of ['items', 'values']) if (object[inside] !== undefined) object[inside] = changed(object[inside], random, depth + 1);
  if (Array.isArray(object['fields'])) object['fields'] = changedFields(object['fields'] as Json[], random, depth);
  return object;
}

function changedFields(fields: readonly Json[], random: Random, depth: number): Json[] {
  const kept = fields.filter(() => !random.chance(0.1));
  for (const field of kept) {
    field['type'] = changed(field['type'], random, depth + 1);
    const value = valueOf(field['type']);
    delete field['default'];
    if (value !== undefined && random.chance(0.4)) field['default'] = value;
    if (random.chance(0.1)) field['aliases'] = [otherName(field['name'], random)];
  }
  const free = fieldNames.filter((name) => kept.every((field) => field['name'] !== name));
  if (free.length > 0 && random.chance(0.3)) {
    const type = random.one<unknown>([...primitives, { type: 'enum', name: `E${random.below(1e6)}`, symbols: ['A'], default: 'A' }]);
    kept.push({ name: free[0], type, ...(random.chance(0.5) ? { default: valueOf(type) } : {}) });
  }
  return kept;
}
