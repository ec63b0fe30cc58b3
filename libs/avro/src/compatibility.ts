import { isNamed, type AvroSchema } from './avro-schema.js';
import { CompatibilityWalk } from './compatibility-walk.js';
import { ReadablePairs } from './readable-pairs.js';

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
  /** JSON pointer into the reader's schema: `/fields/3/type/1`; the index of a union's branch is the writer's. */
  readonly path: string;
  /** For a person. */
  readonly message: string;
  /** As Avro's own checker puts it: the field, the symbols, the types. */
  readonly detail: string;
}

/**
 * Every reason why data of `writer` cannot be read as `reader`, by the rules of Avro's Java implementation (SchemaCompatibility); empty when it can.
 * Logical types do not take part, as there. Takes time in proportion to the pairs of types that meet, however they refer to each other.
 */
export function checkCompatibility(reader: AvroSchema, writer: AvroSchema): Incompatibility[] {
  const pairs = new ReadablePairs();
  if (pairs.test(reader, writer)) return [];
  const reasons = [...new CompatibilityWalk().reasons(reader, writer)];
  return reasons.length > 0 ? reasons : unseenReasons(pairs);
}

/**
 * Reasons that the walk in Java's order does not come to: 1. Types A and B contain each other. 2. B is judged while A is under way, and found readable because A is assumed to be. 3. A is not, but lies
 * in a union where another branch reads the data. 4. B is met again outside of that union and is taken for readable, though it contains A. Each pair of types is therefore walked by itself.
 */
function unseenReasons(pairs: ReadablePairs): Incompatibility[] {
  for (const { reader, writer } of pairs.unreadable()) {
    const reasons = [...new CompatibilityWalk().reasons(reader, writer)];
    const name = isNamed(reader) ? reader.name : reader.type;
    if (reasons.length > 0) return reasons.map((found) => ({ ...found, message: `in ${name}: ${found.message}` }));
  }
  throw new Error('a pair of types is unreadable, and nothing in it is');
}
