import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ParentCodes } from '@truc/mapping';
import type { ParentEntries, ParentEntry, ParentMark } from './parent-entries.js';

/** Keys that are gone through at a time: behind them others of the process have their turn, or the source would take it for dead. */
const sliceKeys = 2_000;
/** Keys and codes that wait to be written, in bytes; what is more is written at once. */
const bytesMaxDefault = 16 * 1024 * 1024;
/** An entry and its place in a map. */
const entryBytes = 200;
/** Stands for the whole index among the entries; a parent's key is a JSON array. */
const wholeKey = '';

const unknown: ParentEntry = { code: undefined, formers: [], isAwaited: false, isPending: false };

/**
 * The codes of one child table's parents, as they stand at the point of the stream that the child table stands at. Fed with every row of the parent table, and with what has to be known
 * of children: where one waits for a code, and where some may still be published under a former one. It belongs to the child table, and goes where that table goes: it stops with it, is read anew with
 * it, and children of two tables have an index each.
 *
 * A parent's life, once all parents were read:
 *
 *   unknown ──▶ known        its children that wait are read again, where there are any
 *   known ──▶ another code   its children are read again; until then each may be published under the codes before
 *   known ──▶ unknown        the same: they are held, and keep what is published of them
 *
 * Until all parents were read nothing is known of any: a code that is learnt and then lost with an unclean end could be another one by the time it is read again, and nobody would know under which the
 * child had been published.
 *
 * Changes of the transaction that is open are kept apart, so that the index can be left as it was at the last point behind which nothing was open (`rollBack`).
 */
export class ParentIndex implements ParentCodes {
  readonly #bytesMax: number;
  #entries: ParentEntries | null = null;
  #isComplete = false;
  /** Since the last boundary. */
  #open = new Map<string, ParentEntry | null>();
  #openBytes = 0;
  /** Up to the last boundary, and not written yet. */
  #settled = new Map<string, ParentEntry | null>();
  #settledBytes = 0;
  /** Of the last boundary, where part of the open transaction was written already. */
  #boundary: ParentMark | null = null;
  /** Keys whose children are being read, and which of them changed meanwhile. */
  #reading: ReadonlySet<string> = new Set();
  #changedMeanwhile = new Set<string>();
  #mayHavePending = true;
  #becamePending = false;

  constructor(bytesMax = bytesMaxDefault) {
    this.#bytesMax = bytesMax;
  }

  /** @param mark as the state has it; null where the parents are to be read anew @returns false where the entries are lost */
  open(entries: ParentEntries, mark: ParentMark | null): boolean {
    this.close();
    if (!entries.begin(mark)) return false;
    this.#entries = entries;
    this.#open = new Map();
    this.#settled = new Map();
    this.#openBytes = this.#settledBytes = 0;
    this.#boundary = null;
    this.#reading = new Set();
    this.#changedMeanwhile = new Set();
    this.#mayHavePending = true;
    this.#isComplete = entries.get(wholeKey) !== null;
    return true;
  }

  close(): void {
    this.#entries?.close();
    this.#entries = null;
  }

  get isOpen(): boolean {
    return this.#entries !== null;
  }

  /** True once all parents were read. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  codeOf(_parent: string, key: string): string | null | undefined {
    return this.#isComplete ? this.#get(key).code : undefined;
  }

  /** Where children of this parent may be published under other codes than its own, and are yet to be read again. */
  pendingOf(key: string): { readonly formers: readonly string[]; readonly code: string | null | undefined } | null {
    if (!this.#isComplete) return null;
    const { isPending, formers, code } = this.#get(key);
    return isPending ? { formers, code } : null;
  }

  /** A row of the parent table is there now. @param code undefined where the source left out a large text that did not change */
  take(key: string, code: string | null | undefined): void {
    if (code !== undefined) this.#change(key, code);
  }

  /** No row of the parent table has this key any more. */
  drop(key: string): void {
    this.#change(key, undefined);
  }

  /** A child of this parent is held for want of a code. */
  awaits(key: string): void {
    const entry = this.#get(key);
    if (!entry.isAwaited && typeof this.codeOf('', key) !== 'string') this.#set(key, { ...entry, isAwaited: true });
  }

  /** The last parent was read. Children that waited meanwhile are read again. */
  async finish(): Promise<void> {
    if (this.#isComplete) return;
    this.#isComplete = true;
    this.#set(wholeKey, unknown);
    await this.#through('awaited', (key) => {
      const entry = this.#get(key);
      if (entry.isAwaited && typeof entry.code === 'string') this.#set(key, { ...entry, isPending: true });
    });
  }

  /** The parent table is empty now. */
  truncate(): Promise<void> {
    return this.#through('all', (key) => this.drop(key));
  }

  /** The child table is empty now, and nothing of it is published or held. */
  async childrenGone(): Promise<void> {
    for (const kind of ['pending', 'awaited'] as const)
      await this.#through(kind, (key) => {
        const { code } = this.#get(key);
        this.#set(key, code === undefined ? null : { ...unknown, code });
      });
  }

  /** Some parents whose children have to be read again; none while those of others are being read. To be asked at a boundary. */
  startReading(limit: number): string[] {
    const entries = this.#entries;
    if (entries === null || !this.#isComplete || !this.#mayHavePending || this.#reading.size > 0) return [];
    this.#write();
    const keys = entries.keys('pending', null, limit);
    this.#reading = new Set(keys);
    this.#mayHavePending = keys.length > 0;
    return keys;
  }

  /** Children of some parent have to be read again, or are being read. */
  get hasPending(): boolean {
    return this.#isComplete && this.#mayHavePending;
  }

  /** Whether any parent's children have to be read again since this was last asked. */
  takeBecamePending(): boolean {
    const became = this.#becamePending;
    this.#becamePending = false;
    return became;
  }

  /** The children that were being read are judged by the codes that hold now. What changed while they were being read is pending still. */
  doneReading(): void {
    for (const key of this.#reading) {
      const { code, isAwaited } = this.#get(key);
      if (this.#changedMeanwhile.has(key)) continue;
      const isHeld = isAwaited && typeof code !== 'string';
      this.#set(key, code === undefined && !isHeld ? null : { code, formers: [], isAwaited: isHeld, isPending: false });
    }
    this.#reading = new Set();
    this.#changedMeanwhile.clear();
  }

  /** A point of the stream behind which nothing is open. */
  reached(): void {
    for (const [key, entry] of this.#open) this.#settled.set(key, entry);
    this.#settledBytes += this.#openBytes;
    this.#open = new Map();
    this.#openBytes = 0;
    this.#boundary = null;
    if (this.#settledBytes > this.#bytesMax) this.#write();
  }

  /** The table stops at the last boundary. */
  rollBack(): void {
    this.#open = new Map();
    this.#openBytes = 0;
    if (this.#boundary !== null) this.#entries?.undo(this.#boundary);
    this.#boundary = null;
    this.#reading = new Set();
    this.#changedMeanwhile.clear();
  }

  /** Writes what there is up to the last boundary. @returns its mark, for the state; null where nothing is open */
  save(): ParentMark | null {
    if (this.#boundary === null) this.#write();
    return this.#boundary ?? this.#entries?.mark ?? null;
  }

  /** The state with this mark is durable. */
  saved(mark: ParentMark): void {
    this.#entries?.forget(mark);
  }

  #change(key: string, code: string | null | undefined): void {
    const before = this.#get(key);
    if (before.code === code) return;
    if (this.#reading.has(key)) this.#changedMeanwhile.add(key);
    if (!this.#isComplete) {
      this.#set(key, code === undefined && !before.isAwaited ? null : { ...before, code });
      return;
    }
    const { isAwaited } = before;
    const earlier = before.formers.filter((former) => former !== before.code);
    const formers = typeof before.code === 'string' ? [...earlier, before.code] : earlier;
    // Where it has its only former code again nothing has to be read: whatever became of a child meanwhile, it waits.
    const isPending = formers.some((former) => former !== code) || (isAwaited && typeof code === 'string');
    const next = { code, formers: isPending ? formers : [], isAwaited, isPending };
    this.#set(key, code === undefined && !isPending && !isAwaited ? null : next);
  }

  #get(key: string): ParentEntry {
    for (const changes of [this.#open, this.#settled]) {
      const entry = changes.get(key);
      if (entry !== undefined) return entry ?? unknown;
    }
    return this.#entries?.get(key) ?? unknown;
  }

  #set(key: string, entry: ParentEntry | null): void {
    if (entry?.isPending === true) this.#mayHavePending = this.#becamePending = true;
    this.#open.set(key, entry);
    this.#openBytes += entryBytes + 2 * key.length + (entry?.code?.length ?? 0);
    if (this.#openBytes <= this.#bytesMax) return;
    this.#write();
    this.#boundary ??= this.#entries?.mark ?? null;
    this.#entries?.put(this.#open);
    this.#open = new Map();
    this.#openBytes = 0;
  }

  /** What is settled, so that the entries stand at the boundary. */
  #write(): void {
    if (this.#settled.size === 0) return;
    this.#entries?.put(this.#settled);
    this.#settled = new Map();
    this.#settledBytes = 0;
  }

  /** Every key of a kind, slice by slice; those that are not written yet as well. */
  async #through(kind: 'all' | 'awaited' | 'pending', take: (key: string) => void): Promise<void> {
    const entries = this.#entries;
    if (entries === null) return;
    for (const key of [...this.#settled.keys(), ...this.#open.keys()]) if (key !== wholeKey) take(key);
    for (let keys = entries.keys(kind, wholeKey, sliceKeys); keys.length > 0;) {
      const last = keys.at(-1) ?? null;
      for (const key of keys) take(key);
      await nextTurn();
      if (this.#entries !== entries) return;
      keys = keys.length < sliceKeys ? [] : entries.keys(kind, last, sliceKeys);
    }
  }
}
