import { checkCompatibility, isNamed, type AvroSchema } from '@truc/avro';

/** Why one schema cannot read what another one wrote. */
export interface CompatibilityReason {
  /** JSON pointer into the reader's schema. */
  readonly path: string;
  readonly message: string;
}

/** Most reasons that are told. */
const reasonsMax = 500;

/** Pairs of types that were looked into: what is met again is told without its inside. */
type Met = Map<AvroSchema, Set<AvroSchema>>;

/**
 * Every reason, down to the field. The registry's own answer ends at a union of which no branch reads the data; a person wants to know why the branch that is meant does not.
 */
export function compatibilityReasons(reader: AvroSchema, writer: AvroSchema): CompatibilityReason[] {
  return [...inside(reader, writer, '', new Map())].slice(0, reasonsMax);
}

function* inside(reader: AvroSchema, writer: AvroSchema, at: string, met: Met): Iterable<CompatibilityReason> {
  const writers = met.get(reader) ?? new Set();
  met.set(reader, writers.add(writer));
  for (const { kind, path, message } of checkCompatibility(reader, writer)) {
    const meant = kind === 'MISSING_UNION_BRANCH' ? meantBranch(reader, writer, path) : null;
    const isNew = meant !== null && met.get(meant.reader)?.has(meant.writer) !== true;
    const why = isNew ? [...inside(meant.reader, meant.writer, `${at}${path}`, met)] : [];
    if (why.length > 0) yield* why;
    else yield { path: `${at}${path}` || '/', message };
  }
}

/** The branch of the same type and name, and what is written there; null where there is none. */
function meantBranch(from: AvroSchema, of: AvroSchema, pointer: string): { reader: AvroSchema; writer: AvroSchema } | null {
  let reader = from;
  let writer = of;
  const steps = pointer.split('/').slice(1);
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
    if (step === 'fields' && reader.type === 'record' && writer.type === 'record') {
      const field = reader.fields[Number(steps.shift())];
      const written = writer.fields.find(({ name }) => name === field?.name || field?.aliases.includes(name) === true);
      if (field === undefined || written === undefined || steps.shift() !== 'type') return null;
      [reader, writer] = [field.schema, written.schema];
    } else if (step === 'items' && reader.type === 'array' && writer.type === 'array') [reader, writer] = [reader.items, writer.items];
    else if (step === 'values' && reader.type === 'map' && writer.type === 'map') [reader, writer] = [reader.values, writer.values];
    else if (writer.type === 'union') writer = writer.branches[Number(step)] ?? writer;
    else return null;
  }
  const meant = reader.type === 'union' ? reader.branches.find((branch) => isSameKind(branch, writer)) : undefined;
  return meant === undefined ? null : { reader: meant, writer };
}

function isSameKind(one: AvroSchema, other: AvroSchema): boolean {
  return one.type === other.type && (!isNamed(one) || !isNamed(other) || one.name === other.name);
}
