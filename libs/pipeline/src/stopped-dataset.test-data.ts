import { compileCodec, unframe } from '@truc/avro';
import { decodeMasterDataKey, positionOf, type ChangeEnvelope } from '@truc/change-event';
import { comparePositions, type Position } from '@truc/kernel';
import { capturedResidents, clock, codeOf, relation, row } from './captured-residents.test-data.js';
import type { ChangeSourceStart, RowReread, SourceMessage, SourceRowChange, SourceText, TableMarks } from './change-source.js';
import type { StoredRecord } from './log.js';
import type { MemoryLog } from './memory-log.test-data.js';

/** What becomes of a row that breaks V2; rows without a code are held, but that the last one lets V2 pass and stops for V1. */
export type Choice = 'stop' | 'quarantine' | 'pass' | 'code-stop';
/** What becomes of one row of one table: a version, gone, or all rows gone. */
export type Operation = { readonly table: number; readonly row: string; readonly version: Version | null } | { readonly table: number };
export interface Version {
  /** Null for one that is none, which is held by another rule. */
  readonly code: number | null;
  /** Without it the row breaks a rule, and its dataset's choice counts. */
  readonly isSound: boolean;
}

export const ids = [0, 1, 2];
export const nameOf = (table: number): string => `dancu.bang_${table}`;
export const relations = ids.map((table) => ({ ...relation, table: `bang_${table}` }));
const captureOf = (table: number, choice: Choice, oneRowPerCode: boolean) => {
  const rules = choice === 'code-stop' ? ({ V1: 'stop', V2: 'pass' } as const) : { V2: choice };
  return capturedResidents(`t${table}`, { name: `population.table-${table}`, partitions: 2, rules, oneRowPerCode }, nameOf(table));
};
const capturesOf = (oneRowPerCode: boolean) =>
  ids.map((table) => ({
    stop: captureOf(table, 'stop', oneRowPerCode),
    quarantine: captureOf(table, 'quarantine', oneRowPerCode),
    pass: captureOf(table, 'pass', oneRowPerCode),
    'code-stop': captureOf(table, 'code-stop', oneRowPerCode),
  }));
/** Of several rows a code may have. */
export const captures = capturesOf(false);
/** Of one row a code may have. */
export const capturesOfCodes = capturesOf(true);
export const datasets = captures.map(({ stop }) => stop.dataset);
const textOf = (id: string, { code, isSound }: Version): SourceText[] =>
  row(id, code === null ? null : codeOf(code), isSound ? 'Số 1' : 'Số  1');

/** A source with a slot: it sends again what comes after the position that was acknowledged, and reads tables as a whole where it is asked to. */
export class SourceLog {
  readonly #transactions: {
    readonly sequence: bigint;
    readonly changes: readonly SourceRowChange[];
    readonly stops: ReadonlySet<number>;
  }[] = [];
  readonly #rows = ids.map(() => new Map<string, SourceText[]>());
  /** How often each table was put back into what is published. */
  readonly #marks = ids.map(() => 1);
  readonly #unpublished = new Set<number>();
  /** Where the newest thing in its log begins. */
  #newest = 0n;
  confirmed = 0n;
  /** What a new mark says: rows came or went unseen, and what was streamed of the table is sound. */
  movesRows = false;
  /** How far anybody has looked. */
  walEnd = 0n;
  starts: bigint[] = [];
  /** Committed while a run streams, and not visible yet to whoever reads tables then: what it touched is left out there, for the stream carries it. */
  late: readonly Operation[] = [];
  /** What each run asked to be read again. */
  rereads: (readonly RowReread[])[] = [];

  push(operations: readonly Operation[]): void {
    const all = operations.flatMap((operation, index): SourceRowChange[] => {
      const rows = this.#rows[operation.table]!;
      const relation = relations[operation.table]!;
      if (!('row' in operation)) {
        rows.clear();
        return [{ kind: 'truncate', relation, index }];
      }
      const { row: id, version } = operation;
      const before = rows.get(id) ?? null;
      if (version === null) rows.delete(id);
      else rows.set(id, textOf(id, version));
      if (before === null) return version === null ? [] : [{ kind: 'insert', relation, index, after: textOf(id, version) }];
      if (version === null) return [{ kind: 'delete', relation, index, before, beforeIsWhole: true }];
      return [{ kind: 'update', relation, index, before, beforeIsWhole: true, after: textOf(id, version) }];
    });
    const isPublished = (table: number): boolean => !this.#unpublished.has(table);
    const changes = all.filter(({ relation }) => isPublished(relations.indexOf(relation)));
    const unsound = operations.flatMap((one) => ('row' in one && one.version?.isSound === false ? [one.table] : []));
    const stops = new Set(unsound.filter(isPublished));
    this.#newest += 10n;
    this.#transactions.push({ sequence: this.#newest, changes, stops });
  }

  /** From here on the log says nothing of the table. */
  unpublish(table: number): void {
    this.#unpublished.add(table);
  }

  republish(table: number): void {
    this.#unpublished.delete(table);
    this.#marks[table]! += 1;
  }

  tableMarks(): TableMarks {
    const published = ids.filter((table) => !this.#unpublished.has(table));
    const marks = new Map(published.map((table) => [nameOf(table), String(this.#marks[table])]));
    return { marks, sequence: this.end, changeOf: () => (this.movesRows ? 'moved' : 'other') };
  }

  /** Rows of a table as they are published. */
  rows(table: number): string[] {
    return [...this.#rows[table]!.values()].map(([id, code, address]) => `["${id}"] ${code} ${address}`).toSorted();
  }

  /** Those that keep all rules. */
  soundRows(table: number): string[] {
    return this.rows(table).filter((shown) => shown.endsWith('Số 1') && !shown.includes('not a code'));
  }

  clear(): void {
    for (const table of ids) this.push([...this.#rows[table]!.keys()].map((id) => ({ table, row: id, version: null })));
  }

  /** Whether the transaction that follows this position has a row that stops the table. */
  stopsBehind(sequence: bigint, table: number): boolean {
    return this.#transactions.find((one) => one.sequence > sequence)?.stops.has(table) ?? false;
  }

  get end(): bigint {
    return this.#newest + 6n;
  }

  acknowledge(sequence: bigint): void {
    if (sequence > this.walEnd) throw new Error('acknowledged ahead');
    if (sequence > this.confirmed) this.confirmed = sequence;
  }

  async *stream({ after, snapshots, rereads = [] }: ChangeSourceStart): AsyncGenerator<SourceMessage> {
    this.starts.push(after);
    this.rereads.push(rereads);
    if (after < this.confirmed) throw new Error('the source has forgotten what is asked for');
    this.walEnd = after;
    let last = after;
    let unseen: readonly Operation[] = [];
    for (let place = 0; place < this.#transactions.length; place += 1) {
      const { sequence, changes } = this.#transactions[place]!;
      if (place === this.#transactions.length - 1 && this.late.length > 0) {
        unseen = this.late;
        this.late = [];
        this.push(unseen);
      }
      if (sequence <= last) continue;
      last = sequence;
      // What is kept is looked at again and again, as time goes by.
      await new Promise((resolve) => setImmediate(resolve));
      this.walEnd = sequence + 3n;
      yield { kind: 'begin', transactionId: String(sequence), sequence, committedAtMs: clock.now() };
      for (const change of changes) yield { kind: 'rows', changes: [change] };
      yield { kind: 'commit', sequence: sequence + 3n };
    }
    for (const round of [1, 2] as const) {
      for (const { table: name, keys } of rereads) {
        const table = ids.find((one) => nameOf(one) === name)!;
        const rows = keys.flatMap(([id]) =>
          this.#rows[table]!.has(id!) && !isTouched(unseen, table, id!) ? [this.#rows[table]!.get(id!)!] : [],
        );
        this.#newest += 10n;
        this.walEnd = this.end;
        const more = { round, isLast: true, takenAtMs: clock.now() };
        yield { kind: 'reread', relation: relations[table]!, sequence: this.#newest, rows, ...more };
      }
    }
    // A watermark is written behind everything that is there.
    if (snapshots.length > 0) this.#newest += 10n;
    this.walEnd = this.end;
    for (const { table: name } of snapshots) {
      const table = ids.find((one) => nameOf(one) === name)!;
      const rows = [...this.#rows[table]!].flatMap(([id, values]) => (isTouched(unseen, table, id) ? [] : [values]));
      const progress = { table: name, lastKey: null, rowsRead: rows.length, rowsEstimated: rows.length, done: true };
      yield { kind: 'snapshot', relation: relations[table]!, sequence: this.#newest, rows, progress, takenAtMs: clock.now() };
    }
    yield { kind: 'idle', sequence: this.end };
  }
}

function isTouched(operations: readonly Operation[], table: number, row: string): boolean {
  return operations.some((one) => one.table === table && (!('row' in one) || one.row === row));
}

/** Of all partitions. */
export const events = (log: MemoryLog, table: number): StoredRecord[] =>
  [0, 1].flatMap((partition) => log.records(datasets[table]!.topic, partition));

/**
 * What compaction leaves of a topic; and that each key ends as its highest event has it. A chunk of a snapshot whose position was not stored leaves such an event with what the stream says too, which
 * comes again without it where the row is refused meanwhile.
 * @param isOrdered false where rules that refuse more came to judge what a killed run had sent: its newer event may stand in front of an older one, and consumers keep the newer
 */
export function published(log: MemoryLog, table: number, isOrdered = true): string[] {
  const { topic, valueSchema } = datasets[table]!;
  const codec = compileCodec(valueSchema);
  const keys = new Map<string, { highest: Position; atHighest: string | null; last: string | null }>();
  for (const { key, value, headers } of events(log, table)) {
    const position = positionOf(headers);
    const place = key.toString('latin1');
    const { code, row: id } = decodeMasterDataKey(key).key;
    const after = value === null ? null : (codec.decode(unframe(value).body) as ChangeEnvelope).after;
    const last = after === null ? null : `${id} ${code} ${String(after['address_detail'])}`;
    const known = keys.get(place);
    const isHighest = known === undefined || comparePositions(position, known.highest) >= 0;
    keys.set(place, isHighest ? { highest: position, atHighest: last, last } : { ...known, last });
  }
  for (const { atHighest, last } of keys.values())
    if (isOrdered && last !== atHighest) throw new Error(`${topic} ends a key with ${last}, and its highest event says ${atHighest}`);
  return [...keys.values()].flatMap(({ last }) => last ?? []).toSorted();
}

/** All that was ever published: rows with their codes. */
export const everPublished = (log: MemoryLog, table: number): Set<string> =>
  new Set(
    events(log, table).flatMap(({ key, value }) => {
      const { code, row: id } = decodeMasterDataKey(key).key;
      return value === null ? [] : [`${id} ${code}`];
    }),
  );

export const held = (log: MemoryLog, table: number): string[] => {
  const last = new Map<string, boolean>();
  for (const { key, value } of log.records(datasets[table]!.quarantineTopic, 0)) last.set(key.toString(), value !== null);
  return [...last].flatMap(([key, isHeld]) => (isHeld ? [key] : []));
};

export const sound = (table: number, id: string, code: number | null): Operation => ({ table, row: id, version: { code, isSound: true } });
export const unsound = (table: number, id: string, code: number): Operation => ({ table, row: id, version: { code, isSound: false } });
