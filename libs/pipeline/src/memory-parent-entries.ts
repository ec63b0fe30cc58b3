import { TrucError } from '@truc/kernel';
import type { EntryKind, ParentEntries, ParentEntry, ParentMark } from './parent-entries.js';

/** What a file would have. Outlives those that opened it, as the disk does a process. */
export class MemoryParentFile {
  id = '';
  base: ParentMark | null = null;
  readonly entries = new Map<string, ParentEntry>();
  undo: { readonly ordinal: number; readonly key: string; readonly before: ParentEntry | null }[] = [];
  ordinal = 0;
  forgottenUpTo = 0;
  openings = 0;
  /** What a full disk would not take. */
  refuses: 'nothing' | 'changes' | 'everything' = 'nothing';
}

function unusable(): TrucError {
  return new TrucError('CAPTURE_PARENTS_UNUSABLE', 'the disk is full');
}

/** Entries in memory, for tests, by the rules of those on disk. */
export class MemoryParentEntries implements ParentEntries {
  readonly #file: MemoryParentFile;
  #id = '';

  constructor(file: MemoryParentFile = new MemoryParentFile()) {
    this.#file = file;
  }

  begin(mark: ParentMark | null): boolean {
    const file = this.#file;
    if (file.refuses === 'everything') throw unusable();
    if (mark === null) {
      file.entries.clear();
      file.undo = [];
      file.ordinal = 0;
      file.forgottenUpTo = 0;
    } else {
      const isBase = file.base !== null && file.base.id === mark.id && file.base.ordinal === mark.ordinal;
      if (!isBase && file.id !== mark.id) return false;
      if (mark.ordinal > file.ordinal || mark.ordinal < file.forgottenUpTo) return false;
      this.#undoTo(mark.ordinal);
    }
    file.base = mark;
    file.openings += 1;
    this.#id = file.id = `opening ${file.openings}`;
    return true;
  }

  get(key: string): ParentEntry | null {
    return this.#file.entries.get(key) ?? null;
  }

  put(changes: ReadonlyMap<string, ParentEntry | null>): ParentMark {
    const file = this.#file;
    if (file.refuses !== 'nothing') throw unusable();
    if (file.id !== this.#id) throw new Error('opened by another');
    for (const [key, entry] of changes) {
      file.ordinal += 1;
      file.undo.push({ ordinal: file.ordinal, key, before: file.entries.get(key) ?? null });
      if (entry === null) file.entries.delete(key);
      else file.entries.set(key, entry);
    }
    return this.mark;
  }

  get mark(): ParentMark {
    return { id: this.#id, ordinal: this.#file.ordinal };
  }

  undo({ ordinal }: ParentMark): void {
    this.#undoTo(ordinal);
  }

  forget({ ordinal }: ParentMark): void {
    if (this.#file.id !== this.#id) return;
    this.#file.undo = this.#file.undo.filter((one) => one.ordinal > ordinal);
    this.#file.forgottenUpTo = Math.max(this.#file.forgottenUpTo, ordinal);
  }

  keys(kind: EntryKind, after: string | null, limit: number): string[] {
    const isOf = (entry: ParentEntry): boolean => kind === 'all' || (kind === 'awaited' ? entry.isAwaited : entry.isPending);
    const found = [...this.#file.entries].flatMap(([key, entry]) => (isOf(entry) && (after === null || key > after) ? [key] : []));
    return found.toSorted((a, b) => (a < b ? -1 : 1)).slice(0, limit);
  }

  close(): void {
    this.#id = '';
  }

  #undoTo(ordinal: number): void {
    const file = this.#file;
    for (let last = file.undo.at(-1); last !== undefined && last.ordinal > ordinal; last = file.undo.at(-1)) {
      file.undo.pop();
      if (last.before === null) file.entries.delete(last.key);
      else file.entries.set(last.key, last.before);
    }
    file.ordinal = ordinal;
  }
}
