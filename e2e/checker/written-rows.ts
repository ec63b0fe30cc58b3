import type { Op, OpKind } from './oplog.js';
import { badCommune, contractFields, expectedRecord, personKey, type PersonRow } from './person.js';
import { recordHash, selected } from './record-hash.js';

/** What stands in the source under a key, and what of it was published. */
export interface WrittenRow {
  readonly row: PersonRow;
  /** Whether a good version of it stands in the dataset. */
  readonly isPublished: boolean;
  /** Whether the version that stands in the source had to be refused. */
  readonly isRefused: boolean;
}

/**
 * What one writer knows of the rows that it wrote, and what each of its operations must bring about. A transaction works on a layer of its own, and each savepoint on another one above.
 */
export class WrittenRows {
  readonly #base: WrittenRows | null;
  /** Null: deleted in this layer. */
  readonly #rows = new Map<string, WrittenRow | null>();
  readonly #sequences = new Map<string, number>();

  constructor(base: WrittenRows | null = null) {
    this.#base = base;
  }

  /** A layer that may be merged or forgotten. */
  layer(): WrittenRows {
    return new WrittenRows(this);
  }

  /** Of the lowest layer. @returns puts back what stands there now */
  checkpoint(): () => void {
    const [rows, sequences] = [new Map(this.#rows), new Map(this.#sequences)];
    return () => {
      this.#rows.clear();
      for (const [key, row] of rows) this.#rows.set(key, row);
      this.#sequences.clear();
      for (const [key, sequence] of sequences) this.#sequences.set(key, sequence);
    };
  }

  /** Gives what this layer holds to the one below. */
  merge(): void {
    const base = this.#base;
    if (base === null) return;
    for (const [key, row] of this.#rows) {
      if (row === null && base.#base === null) base.#rows.delete(key);
      else base.#rows.set(key, row);
    }
    for (const [key, sequence] of this.#sequences) base.#sequences.set(key, sequence);
  }

  get(key: string): WrittenRow | null {
    const own = this.#rows.get(key);
    return own === undefined ? (this.#base?.get(key) ?? null) : own;
  }

  /** Keys of rows that stand in the lowest layer. */
  keys(): string[] {
    return this.#base === null ? [...this.#rows.keys()] : this.#base.keys();
  }

  insert(opId: number, row: PersonRow, isGood: boolean): Op {
    return this.#put(opId, row, isGood, 'c');
  }

  /** An update that leaves the key. */
  update(opId: number, row: PersonRow, isGood: boolean): Op {
    return this.#put(opId, row, isGood, 'u');
  }

  /** @param how d by a delete, s by a truncate */
  delete(opId: number, key: string, how: 'd' | 's' = 'd'): Op {
    const isPublished = this.get(key)?.isPublished ?? false;
    if (this.#base === null) this.#rows.delete(key);
    else this.#rows.set(key, null);
    return this.#op(opId, key, isPublished ? how : 'n', null);
  }

  #put(opId: number, row: PersonRow, isGood: boolean, op: OpKind): Op {
    const key = personKey(row);
    this.#rows.set(key, { row, isPublished: isGood || (this.get(key)?.isPublished ?? false), isRefused: !isGood });
    return this.#op(opId, key, isGood ? op : 'q', row.ma_xa_thuong_tru === badCommune ? null : row);
  }

  #sequence(key: string): number {
    return this.#sequences.get(key) ?? (this.#base === null ? 0 : this.#base.#sequence(key));
  }

  #op(opId: number, key: string, op: OpKind, row: PersonRow | null): Op {
    const keySeq = this.#sequence(key) + 1;
    this.#sequences.set(key, keySeq);
    return operation(opId, key, keySeq, op, row);
  }
}

/** @param row that must be published by it; with q, that may be, by a snapshot that reads it whole */
export function operation(opId: number, key: string, keySeq: number, op: OpKind, row: PersonRow | null): Op {
  const record = row === null ? null : expectedRecord(row);
  return {
    opId,
    key,
    keySeq,
    op,
    rowHash: record === null ? null : recordHash(record),
    viewHash: record === null ? null : recordHash(selected(record, contractFields)),
  };
}
