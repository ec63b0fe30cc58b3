import { isNamed, type AvroSchema } from './avro-schema.js';
import { candidateBranches, isReadAs, isSameName, missingSymbols, writtenAs } from './schema-resolution.js';

/** A reader's and a writer's named type that met. */
export interface ReadablePair {
  readonly reader: AvroSchema;
  readonly writer: AvroSchema;
  readonly readable: boolean;
}

interface Pair extends ReadablePair {
  readable: boolean;
  /** Pairs that were judged readable because this one was. */
  readonly leaning: Set<Pair>;
}

/**
 * Which pairs of types are readable, as the greatest solution: types that contain each other are readable unless something in them is not.
 * 1. A pair of named types is assumed readable when it is met, and noted down. 2. Each noted pair is judged by the assumptions of the pairs inside it.
 * 3. When one turns out unreadable, the pairs that leaned on it are judged again. A pair changes once, so this ends.
 */
export class ReadablePairs {
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

  /** Pairs of named types that turned out unreadable, in the order in which they met. */
  unreadable(): ReadablePair[] {
    return [...this.pairs.values()].flatMap((writers) => [...writers.values()].filter(({ readable }) => !readable));
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
    if (reader.type === 'union') return candidateBranches(reader, writer).some((branch) => this.judge(branch, writer, asking));
    if (!isReadAs(writer, reader)) return false;
    if (isNamed(reader) && isNamed(writer) && !isSameName(reader, writer)) return false;
    if (reader.type === 'fixed' && writer.type === 'fixed') return reader.size === writer.size;
    if (reader.type === 'enum' && writer.type === 'enum') return missingSymbols(reader, writer).length === 0;
    if (reader.type === 'array' && writer.type === 'array') return this.judge(reader.items, writer.items, asking);
    if (reader.type === 'map' && writer.type === 'map') return this.judge(reader.values, writer.values, asking);
    if (reader.type !== 'record' || writer.type !== 'record') return true;
    return reader.fields.every((field) => {
      const [written, ...others] = writtenAs(field, writer);
      if (written === undefined) return field.default !== undefined;
      return others.length === 0 && this.judge(field.schema, written.schema, asking);
    });
  }
}
