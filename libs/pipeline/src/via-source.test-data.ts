import { datasetValueSchema, namespaceOfTopic } from '@truc/change-event';
import type { DatasetPolicy } from '@truc/coordination';
import { canonicalFieldName, rowSchema, type FieldPolicy } from '@truc/dictionary';
import { clock, codeOf, release } from './captured-residents.test-data.js';
import type { ChangeSourceStart, ChildrenWanted, SnapshotProgress, SourceMessage, SourceRowChange, SourceText } from './change-source.js';
import { DatasetCapture } from './dataset-capture.js';
import { ParentIndex } from './parent-index.js';

const field = (name: string, more: Partial<FieldPolicy> = {}): FieldPolicy => {
  const element = `urn:vn:ddict:element:${name}`;
  return { name: canonicalFieldName(element), element, role: 'source', protection: 'none', required: false, ...more };
};
const fields = [field('person.personal-id', { required: true }), field('address.detail')];
const topic = 'via.data.v1';

export const dataset: DatasetPolicy = {
  kind: 'dataset',
  name: 'population.address',
  generation: 1,
  agency: 'G01',
  title: { vi: 'Nơi ở', en: 'Addresses' },
  topic,
  quarantineTopic: 'via.quarantine',
  partitions: 1,
  scheme: 'personal-id',
  codeElement: 'urn:vn:ddict:element:person.personal-id',
  codeField: 'person_personal_id',
  keyIsCode: false,
  fields,
  release: 1,
  valueSchema: datasetValueSchema(topic, rowSchema({ namespace: namespaceOfTopic(topic), name: 'Row', fields, release })),
};
export const childTable = 'dancu.noi_o';
const parentTable = 'dancu.nguoi';

/** Addresses, whose code lies in a table of persons that is not published. @param bytesMax of what its index keeps in memory */
export function capturedAddresses(bytesMax?: number, more: Partial<DatasetPolicy> = {}): DatasetCapture {
  const table = {
    table: childTable,
    dataset: dataset.name,
    primaryKey: ['id'],
    identification: { column: 'nguoi_id', transform: null, via: { table: parentTable, key: ['id'], code: 'ma', columns: ['nguoi_id'] } },
    columns: [{ column: 'dia_chi', element: 'urn:vn:ddict:element:address.detail', transform: null }],
    referenceDateColumn: null,
  };
  return new DatasetCapture(table, { ...dataset, ...more }, release, { key: 1, value: 2 }, clock, new ParentIndex(bytesMax));
}

const parentRelation = {
  schema: 'dancu',
  table: 'nguoi',
  columns: [
    { name: 'id', type: 'bigint', isKey: true },
    { name: 'ma', type: 'text', isKey: false },
  ],
};
const childRelation = {
  schema: 'dancu',
  table: 'noi_o',
  columns: [
    { name: 'id', type: 'text', isKey: true },
    { name: 'nguoi_id', type: 'bigint', isKey: true },
    { name: 'dia_chi', type: 'text', isKey: false },
  ],
};

/** What becomes of a row: of a person with or without a code, of an address of a person, gone; or all rows of a table go. */
export type Operation =
  | { readonly parent: number; readonly code: number | null }
  | { readonly parent: number; readonly gone: true }
  /** Its key changes. */
  | { readonly parent: number; readonly becomes: number }
  | { readonly child: string; readonly of: number | null; readonly address?: string }
  | { readonly child: string; readonly gone: true }
  | { readonly truncate: 'parents' | 'children' };

interface Entry {
  readonly sequence: bigint;
  readonly changes: readonly SourceRowChange[];
  /** Of a chunk that was read before. */
  readonly watermark: object | null;
}

interface Reading {
  readonly make: (rows: readonly SourceText[][], sequence: bigint) => SourceMessage;
  readonly rows: readonly SourceText[][];
  /** Keys of rows that were touched after they were read. */
  readonly touched: Set<string>;
  readonly isOfParents: boolean;
  isMarked: boolean;
}

const textOf = (code: number | null): string | null => (code === null ? null : codeOf(code));
const rowsPerChunk = 2;

/** A source with both tables and a slot. What is written to it while it is read is given to it beforehand (`later`). */
export class ViaSource {
  readonly #log: Entry[] = [];
  readonly #parents = new Map<number, number | null>();
  readonly #children = new Map<string, { readonly of: number | null; readonly address: string }>();
  readonly #wanted: ChildrenWanted[] = [];
  readonly #later: (readonly Operation[])[];
  #reading: Reading | null = null;
  #newest = 0n;
  confirmed = 0n;
  passedOn = 0n;
  /** Chunks of children that were read again. */
  readings = 0;

  constructor(later: readonly (readonly Operation[])[] = []) {
    this.#later = [...later];
  }

  /** One transaction. */
  push(operations: readonly Operation[]): void {
    const changes = operations.flatMap((operation, index) => this.#change(operation, index));
    for (const change of changes) this.#touch(change);
    this.#append(changes, null);
  }

  /** Rows that were there before the slot. */
  load(operations: readonly Operation[]): void {
    for (const operation of operations) this.#change(operation, 0);
  }

  /** What should be published: `key address`. */
  get published(): string[] {
    return [...this.#children]
      .flatMap(([id, { of, address }]) => {
        const code = of === null ? null : (this.#parents.get(of) ?? null);
        return code === null ? [] : [`["${id}"] ${codeOf(code)} ${address}`];
      })
      .toSorted();
  }

  get waiting(): string[] {
    return [...this.#children]
      .flatMap(([id, { of }]) => (of === null || (this.#parents.get(of) ?? null) === null ? [`["${id}"]`] : []))
      .toSorted();
  }

  acknowledge(sequence: bigint): void {
    if (sequence > this.passedOn) throw new Error('acknowledged ahead');
    if (sequence > this.confirmed) this.confirmed = sequence;
  }

  readChildren(wanted: ChildrenWanted): void {
    this.#wanted.push(wanted);
  }

  async *stream({ after, snapshots }: ChangeSourceStart): AsyncGenerator<SourceMessage> {
    if (after < this.confirmed) throw new Error('the source has forgotten what is asked for');
    this.#reading = null;
    this.#wanted.length = 0;
    const unfinished = [...snapshots];
    let at = after;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#reading ??= this.#read(unfinished);
      const entry = this.#log.find(({ sequence }) => sequence > at);
      if (entry !== undefined) {
        const { sequence, watermark, changes } = entry;
        at = sequence;
        this.passedOn = sequence + 3n;
        if (watermark !== null) {
          if (watermark !== this.#reading) continue;
          const { make, rows, touched, isOfParents } = this.#reading;
          this.#reading = null;
          const message = make(
            rows.filter(([key]) => !touched.has(`${isOfParents} ${key}`)),
            sequence,
          );
          if (message.kind === 'snapshot') this.#advance(unfinished, message.progress);
          yield message;
          continue;
        }
        yield { kind: 'begin', transactionId: String(sequence), sequence, committedAtMs: clock.now() };
        for (const change of changes) yield { kind: 'rows', changes: [change] };
        yield { kind: 'commit', sequence: sequence + 3n };
        continue;
      }
      const next = this.#later.shift();
      if (next !== undefined) this.push(next);
      else if (this.#reading !== null) this.#mark();
      else {
        this.passedOn = this.#newest + 4n;
        yield { kind: 'idle', sequence: this.#newest + 4n };
        if (this.#wanted.length === 0) return;
      }
      // Sometimes the watermark comes before what is written next, sometimes behind it.
      if (this.#reading !== null && next !== undefined && next.length % 2 === 1) this.#mark();
    }
  }

  #mark(): void {
    if (this.#reading === null || this.#reading.isMarked) return;
    this.#reading.isMarked = true;
    this.#append([], this.#reading);
  }

  #append(changes: readonly SourceRowChange[], watermark: object | null): void {
    this.#newest += 10n;
    this.#log.push({ sequence: this.#newest, changes, watermark });
  }

  /** Begins the next chunk. */
  #read(unfinished: readonly SnapshotProgress[]): Reading | null {
    const takenAtMs = clock.now();
    const reading = (isOfParents: boolean, rows: readonly SourceText[][], make: Reading['make']): Reading => ({
      make,
      rows,
      touched: new Set(),
      isOfParents,
      isMarked: false,
    });
    const wanted = this.#wanted.shift();
    if (wanted !== undefined) {
      this.readings += 1;
      const keys = new Set(wanted.keys.map(([key]) => key));
      const rows = this.#childRows().filter(([, of]) => of !== null && keys.has(of));
      return reading(false, rows, (left, sequence) => ({
        kind: 'children',
        relation: childRelation,
        sequence,
        rows: left,
        isLast: true,
        takenAtMs,
      }));
    }
    const [progress] = unfinished;
    if (progress === undefined) return null;
    const isOfParents = progress.isOfParents === true;
    const all = (isOfParents ? this.#parentRows() : this.#childRows()).filter(
      ([key]) => progress.lastKey === null || key! > progress.lastKey[0]!,
    );
    const rows = all.slice(0, rowsPerChunk);
    const lastKey = rows.at(-1)?.[0] ?? null;
    const next = {
      ...progress,
      lastKey: lastKey === null ? progress.lastKey : [lastKey],
      rowsRead: progress.rowsRead + rows.length,
      done: all.length <= rowsPerChunk,
    };
    return reading(isOfParents, rows, (left, sequence) => ({
      kind: 'snapshot',
      relation: isOfParents ? parentRelation : childRelation,
      sequence,
      rows: left,
      progress: next,
      takenAtMs,
    }));
  }

  #advance(unfinished: SnapshotProgress[], progress: SnapshotProgress): void {
    if (!progress.done) unfinished[0] = progress;
    else if (progress.isOfParents === true)
      unfinished[0] = { table: progress.table, lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false };
    else unfinished.shift();
  }

  #parentRows(): SourceText[][] {
    return [...this.#parents].map(([id, code]) => [String(id), textOf(code)]).toSorted(([a], [b]) => (a! < b! ? -1 : 1));
  }

  #childRows(): SourceText[][] {
    return [...this.#children.keys()].map((id) => this.#childRow(id)).toSorted(([a], [b]) => (a! < b! ? -1 : 1));
  }

  #childRow(id: string): SourceText[] {
    const { of, address } = this.#children.get(id)!;
    return [id, of === null ? null : String(of), address];
  }

  #change(operation: Operation, index: number): SourceRowChange[] {
    const [relation, key] = [childRelation, (id: string) => [...this.#childRow(id).slice(0, 2), null]];
    if ('truncate' in operation) {
      if (operation.truncate === 'parents') this.#parents.clear();
      else this.#children.clear();
      return [{ kind: 'truncate', relation: operation.truncate === 'parents' ? parentRelation : relation, index }];
    }
    if ('parent' in operation) return this.#changeParent(operation, index);
    const { child } = operation;
    const before = this.#children.has(child) ? key(child) : null;
    if ('gone' in operation) {
      this.#children.delete(child);
      return before === null ? [] : [{ kind: 'delete', relation, index, before, beforeIsWhole: false }];
    }
    this.#children.set(child, { of: operation.of, address: operation.address ?? 'Số 1' });
    const after = this.#childRow(child);
    if (before === null) return [{ kind: 'insert', relation, index, after }];
    return [{ kind: 'update', relation, index, before: before[1] === after[1] ? null : before, beforeIsWhole: false, after }];
  }

  #changeParent(operation: Extract<Operation, { parent: number }>, index: number): SourceRowChange[] {
    const relation = parentRelation;
    const { parent } = operation;
    const isThere = this.#parents.has(parent);
    const before = [String(parent), null];
    if ('becomes' in operation) {
      const { becomes } = operation;
      if (!isThere || this.#parents.has(becomes)) return [];
      const code = this.#parents.get(parent) ?? null;
      this.#parents.delete(parent);
      this.#parents.set(becomes, code);
      return [{ kind: 'update', relation, index, before, beforeIsWhole: false, after: [String(becomes), textOf(code)] }];
    }
    if ('gone' in operation) {
      this.#parents.delete(parent);
      return isThere ? [{ kind: 'delete', relation, index, before, beforeIsWhole: false }] : [];
    }
    this.#parents.set(parent, operation.code);
    const after = [String(parent), textOf(operation.code)];
    return [
      isThere ? { kind: 'update', relation, index, before: null, beforeIsWhole: false, after } : { kind: 'insert', relation, index, after },
    ];
  }

  #touch(change: SourceRowChange): void {
    const isOfParents = change.relation.table === parentRelation.table;
    if (this.#reading === null) return;
    if (change.kind === 'truncate') {
      for (const [key] of this.#reading.rows)
        if (isOfParents === this.#reading.isOfParents) this.#reading.touched.add(`${isOfParents} ${key}`);
      return;
    }
    if (change.kind !== 'insert' && change.before !== null) this.#reading.touched.add(`${isOfParents} ${change.before[0]}`);
    if (change.kind !== 'delete') this.#reading.touched.add(`${isOfParents} ${change.after[0]}`);
  }
}
