import { describeSchema, isNamed, type AvroSchema, type EnumSchema, type RecordField, type RecordSchema } from './avro-schema.js';
import type { Incompatibility, IncompatibilityKind } from './compatibility.js';
import { candidateBranches, isReadAs, isSameName, missingSymbols, writtenAs } from './schema-resolution.js';

/** Most reasons that are kept of one pair of types. */
const reasonsMax = 500;
/** Branches of a union that are all asked whether they read a type. */
const branchesAskedMax = 64;

type Reasons = ReadonlySet<Incompatibility>;
const none: Reasons = new Set();

/**
 * Walks two schemas in the order of Avro's Java library (SchemaCompatibility), so that it finds the same reasons at the same paths: a pair that is met again brings the reasons and the paths of
 * its first time, one that is under way counts as readable, and what is inside the branch of a union is told by the branch alone.
 * Java's memory of pairs under way can make it call a schema readable that is not ({@link checkCompatibility} does not rely on it).
 */
export class CompatibilityWalk {
  readonly #met = new Map<AvroSchema, Map<AvroSchema, Reasons | 'under way'>>();

  /** @param path of the pair, without the slash of the root */
  reasons(reader: AvroSchema, writer: AvroSchema, path = ''): Reasons {
    const writers = this.#met.get(reader) ?? new Map<AvroSchema, Reasons | 'under way'>();
    this.#met.set(reader, writers);
    const known = writers.get(writer);
    if (known !== undefined) return known === 'under way' ? none : known;
    writers.set(writer, 'under way');
    const found = new Set<Incompatibility>();
    for (const reason of this.#inside(reader, writer, path)) {
      if (found.size < reasonsMax) found.add(reason);
    }
    writers.set(writer, found);
    return found;
  }

  *#inside(reader: AvroSchema, writer: AvroSchema, path: string): Iterable<Incompatibility> {
    if (writer.type === 'union') {
      for (const [index, branch] of writer.branches.entries()) {
        if (reader.type !== 'union') yield* this.reasons(reader, branch, `${path}/${index}`);
        else if (this.reasons(reader, branch).size > 0) yield missingBranch(reader, branch, `${path}/${index}`);
      }
    } else if (reader.type === 'union') {
      // Java asks every branch; of a large union those are left out that can have no other answer.
      const asked = reader.branches.length > branchesAskedMax ? candidateBranches(reader, writer) : reader.branches;
      if (asked.every((branch) => this.reasons(branch, writer).size > 0)) yield missingBranch(reader, writer, path);
    } else if (!isReadAs(writer, reader)) {
      yield mismatch(reader, writer, path);
    } else if (reader.type === 'array' && writer.type === 'array') {
      yield* this.reasons(reader.items, writer.items, `${path}/items`);
    } else if (reader.type === 'map' && writer.type === 'map') {
      yield* this.reasons(reader.values, writer.values, `${path}/values`);
    } else if (isNamed(reader) && isNamed(writer)) {
      if (!isSameName(reader, writer)) {
        const message = `${reader.name} expected, ${writer.name} is written`;
        yield reason('NAME_MISMATCH', `${path}/name`, message, `expected: ${writer.name}`);
      }
      if (reader.type === 'record' && writer.type === 'record') yield* this.#fields(reader, writer, path);
      if (reader.type === 'enum' && writer.type === 'enum') yield* symbolReasons(reader, writer, path);
      if (reader.type === 'fixed' && writer.type === 'fixed' && reader.size !== writer.size) {
        const message = `size ${reader.size} expected, ${writer.size} is written`;
        yield reason('FIXED_SIZE_MISMATCH', `${path}/size`, message, `expected: ${writer.size}, found: ${reader.size}`);
      }
    }
  }

  *#fields(reader: RecordSchema, writer: RecordSchema, path: string): Iterable<Incompatibility> {
    for (const [index, field] of reader.fields.entries()) {
      const at = `${path}/fields/${index}`;
      const [written, ...others] = writtenAs(field, writer);
      if (written === undefined) yield* this.#unwritten(field, writer, at);
      else if (others.length === 0) yield* this.reasons(field.schema, written.schema, `${at}/type`);
      else {
        const names = [written, ...others].map(({ name }) => name).join(', ');
        yield reason('NAME_MISMATCH', at, `the field ${field.name} and its aliases stand for several written fields: ${names}`, names);
      }
    }
  }

  *#unwritten(field: RecordField, writer: RecordSchema, at: string): Iterable<Incompatibility> {
    if (field.default !== undefined) return;
    // The default of an enum type is one for unknown symbols, and none for the field. Java asks whether the type reads the whole record, which it never does.
    if (field.schema.type === 'enum' && field.schema.default !== null) yield* this.reasons(field.schema, writer, `${at}/type`);
    else yield reason('READER_FIELD_MISSING_DEFAULT_VALUE', at, `the field ${field.name} is not written and has no default`, field.name);
  }
}

function* symbolReasons(reader: EnumSchema, writer: EnumSchema, path: string): Iterable<Incompatibility> {
  const missing = missingSymbols(reader, writer);
  if (missing.length === 0) return;
  const message = `${missing.join(', ')} may be written and ${reader.name} has neither them nor a default`;
  yield reason('MISSING_ENUM_SYMBOLS', `${path}/symbols`, message, `[${missing.join(', ')}]`);
}

function missingBranch(reader: AvroSchema, written: AvroSchema, path: string): Incompatibility {
  const message = `${describeSchema(written)} is written and no branch of ${describeSchema(reader)} reads it`;
  return reason('MISSING_UNION_BRANCH', path, message, `reader union lacking writer type: ${written.type.toUpperCase()}`);
}

function mismatch(reader: AvroSchema, writer: AvroSchema, path: string): Incompatibility {
  const detail = `reader type: ${reader.type.toUpperCase()} not compatible with writer type: ${writer.type.toUpperCase()}`;
  return reason('TYPE_MISMATCH', path, `${describeSchema(reader)} cannot read ${describeSchema(writer)}`, detail);
}

function reason(kind: IncompatibilityKind, path: string, message: string, detail: string): Incompatibility {
  return { kind, path: path === '' ? '/' : path, message, detail };
}
