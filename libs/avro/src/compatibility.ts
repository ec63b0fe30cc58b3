import {
  describeSchema,
  isNamed,
  type AvroSchema,
  type EnumSchema,
  type RecordField,
  type RecordSchema,
  type UnionSchema,
} from './avro-schema.js';

export type IncompatibilityKind =
  | 'NAME_MISMATCH'
  | 'FIXED_SIZE_MISMATCH'
  | 'MISSING_ENUM_SYMBOLS'
  | 'READER_FIELD_MISSING_DEFAULT_VALUE'
  | 'TYPE_MISMATCH'
  | 'MISSING_UNION_BRANCH';

/** Why a reader's schema cannot read what a writer's schema wrote. The kinds are those of Avro's own checker. */
export interface Incompatibility {
  readonly kind: IncompatibilityKind;
  /** JSON pointer into the reader's schema: `/fields/3/type/1`. */
  readonly path: string;
  readonly message: string;
}

/**
 * Every reason why data of `writer` cannot be read as `reader`, by the rules of Avro's Java implementation (SchemaCompatibility); empty when it can.
 * Logical types do not take part, as there. Takes time in proportion to the pairs of named types that meet, however they refer to each other.
 */
export function checkCompatibility(reader: AvroSchema, writer: AvroSchema): Incompatibility[] {
  const readable = new ReadablePairs();
  if (readable.test(reader, writer)) return [];
  const told = new Map<AvroSchema, Set<AvroSchema>>();

  const explain = (to: AvroSchema, from: AvroSchema, path: string): Incompatibility[] => {
    if (isNamed(to) && isNamed(from)) {
      const others = told.get(to) ?? new Set<AvroSchema>();
      if (others.has(from)) return [];
      told.set(to, others.add(from));
    }
    if (from.type === 'union' && to.type !== 'union') return from.branches.flatMap((branch) => explain(to, branch, path));
    if (to.type === 'union') {
      const written = from.type === 'union' ? from.branches : [from];
      return written.flatMap((branch, index) =>
        to.branches.some((candidate) => readable.test(candidate, branch))
          ? []
          : [missingBranch(to, branch, from.type === 'union' ? `${path}/${index}` : path)],
      );
    }
    const nested = parts(to, from).flatMap((part) => explain(part.reader, part.writer, `${path}${part.path}`));
    return [...ownProblems(to, from, path), ...nested];
  };
  return explain(reader, writer, '');
}

/**
 * Which pairs of types are readable, as the greatest solution: types that contain each other are readable unless something in them is not.
 * 1. A pair of named types is assumed readable when it is met, and noted down. 2. Each noted pair is judged by the assumptions of the pairs inside it.
 * 3. When one turns out unreadable, the pairs that leaned on it are judged again. A pair changes once, so this ends.
 */
class ReadablePairs {
  private readonly pairs = new Map<AvroSchema, Map<AvroSchema, Pair>>();
  private readonly pending: Pair[] = [];

  test(reader: AvroSchema, writer: AvroSchema): boolean {
    let readable = this.judge(reader, writer, null);
    while (this.pending.length > 0) {
      for (let pair = this.pending.pop(); pair !== undefined; pair = this.pending.pop()) {
        if (!pair.readable || this.judgeInside(pair.reader, pair.writer, pair)) continue;
        pair.readable = false;
        this.pending.push(...pair.leaning);
      }
      readable = this.judge(reader, writer, null);
    }
    return readable;
  }

  private judge(reader: AvroSchema, writer: AvroSchema, asking: Pair | null): boolean {
    if (!isNamed(reader) || !isNamed(writer)) return this.judgeInside(reader, writer, asking);
    const writers = this.pairs.get(reader) ?? new Map<AvroSchema, Pair>();
    this.pairs.set(reader, writers);
    let pair = writers.get(writer);
    if (pair === undefined) {
      pair = { reader, writer, readable: true, leaning: new Set() };
      writers.set(writer, pair);
      this.pending.push(pair);
    }
    if (asking !== null) pair.leaning.add(asking);
    return pair.readable;
  }

  private judgeInside(reader: AvroSchema, writer: AvroSchema, asking: Pair | null): boolean {
    if (writer.type === 'union') return writer.branches.every((branch) => this.judge(reader, branch, asking));
    if (reader.type === 'union') return reader.branches.some((branch) => this.judge(branch, writer, asking));
    if (ownProblems(reader, writer, '').length > 0) return false;
    return parts(reader, writer).every((part) => this.judge(part.reader, part.writer, asking));
  }
}

interface Pair {
  readonly reader: AvroSchema;
  readonly writer: AvroSchema;
  readable: boolean;
  /** Pairs that were judged readable because this one was. */
  readonly leaning: Set<Pair>;
}

/** Types that are read as another one: writer to readers. */
const promotions: Partial<Record<AvroSchema['type'], readonly AvroSchema['type'][]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

/** The pairs of types inside a pair that is no union. */
function parts(reader: AvroSchema, writer: AvroSchema): { reader: AvroSchema; writer: AvroSchema; path: string }[] {
  if (reader.type === 'array' && writer.type === 'array') return [{ reader: reader.items, writer: writer.items, path: '/items' }];
  if (reader.type === 'map' && writer.type === 'map') return [{ reader: reader.values, writer: writer.values, path: '/values' }];
  if (reader.type !== 'record' || writer.type !== 'record') return [];
  return reader.fields.flatMap((field, index) => {
    const [written] = writtenAs(field, writer);
    return written === undefined ? [] : [{ reader: field.schema, writer: written.schema, path: `/fields/${index}/type` }];
  });
}

/** What is wrong with a pair that is no union, apart from the types inside it. */
function ownProblems(reader: AvroSchema, writer: AvroSchema, path: string): Incompatibility[] {
  if (reader.type !== writer.type) return promotions[writer.type]?.includes(reader.type) ? [] : [mismatch(reader, writer, path)];
  if (reader.type === 'fixed' && writer.type === 'fixed') {
    const named = nameMismatch(reader, writer, path);
    if (reader.size === writer.size) return named;
    const message = `size ${reader.size} expected, ${writer.size} is written`;
    return [...named, { kind: 'FIXED_SIZE_MISMATCH', path: `${path}/size`, message }];
  }
  if (reader.type === 'enum' && writer.type === 'enum')
    return [...nameMismatch(reader, writer, path), ...missingSymbols(reader, writer, path)];
  if (reader.type === 'record' && writer.type === 'record')
    return [...nameMismatch(reader, writer, path), ...fieldProblems(reader, writer, path)];
  return [];
}

function fieldProblems(reader: RecordSchema, writer: RecordSchema, path: string): Incompatibility[] {
  return reader.fields.flatMap((field, index): Incompatibility[] => {
    const written = writtenAs(field, writer);
    const at = `${path}/fields/${index}`;
    if (written.length > 1) {
      const names = written.map(({ name }) => name).join(', ');
      return [
        { kind: 'NAME_MISMATCH', path: at, message: `the field ${field.name} and its aliases stand for several written fields: ${names}` },
      ];
    }
    if (written.length === 1 || field.default !== undefined) return [];
    return [{ kind: 'READER_FIELD_MISSING_DEFAULT_VALUE', path: at, message: `the field ${field.name} is not written and has no default` }];
  });
}

/** The written fields that a reader's field takes its value from, by its name and its aliases. */
function writtenAs(field: RecordField, writer: RecordSchema): RecordField[] {
  return writer.fields.filter(({ name }) => name === field.name || field.aliases.includes(name));
}

function missingBranch(reader: UnionSchema, written: AvroSchema, path: string): Incompatibility {
  const message = `${describeSchema(written)} is written and no branch of ${describeSchema(reader)} reads it`;
  return { kind: 'MISSING_UNION_BRANCH', path: path === '' ? '/' : path, message };
}

function missingSymbols(reader: EnumSchema, writer: EnumSchema, path: string): Incompatibility[] {
  const missing = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol));
  if (missing.length === 0 || reader.default !== null) return [];
  return [
    {
      kind: 'MISSING_ENUM_SYMBOLS',
      path: `${path}/symbols`,
      message: `${missing.join(', ')} may be written and ${reader.name} has neither them nor a default`,
    },
  ];
}

function nameMismatch(
  reader: AvroSchema & { name: string; aliases: readonly string[] },
  writer: AvroSchema & { name: string },
  path: string,
): Incompatibility[] {
  // Unqualified names decide, as in Java: a record may move to another namespace.
  const simple = (name: string) => name.slice(name.lastIndexOf('.') + 1);
  if (simple(reader.name) === simple(writer.name) || reader.aliases.includes(writer.name)) return [];
  return [{ kind: 'NAME_MISMATCH', path: `${path}/name`, message: `${reader.name} expected, ${writer.name} is written` }];
}

function mismatch(reader: AvroSchema, writer: AvroSchema, path: string): Incompatibility {
  return {
    kind: 'TYPE_MISMATCH',
    path: path === '' ? '/' : path,
    message: `${describeSchema(reader)} cannot read ${describeSchema(writer)}`,
  };
}
