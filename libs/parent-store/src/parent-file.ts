import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { messageOf, TrucError } from '@truc/kernel';
import type { EntryKind, ParentEntries, ParentEntry, ParentMark } from '@truc/pipeline';
import { entryText, textEntry } from './entry-text.js';

/**
 * `entry`: what is known of each parent. `undo`: what was known before each change since the oldest mark that may still be asked for. `opening`: who writes, from where, and how far.
 * Keys and codes may be those of persons: the file is its owner's alone.
 */
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -16384;
  PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, body TEXT NOT NULL, awaited INTEGER NOT NULL, pending INTEGER NOT NULL) WITHOUT ROWID, STRICT;
  CREATE INDEX IF NOT EXISTS awaited ON entry (key) WHERE awaited = 1;
  CREATE INDEX IF NOT EXISTS pending ON entry (key) WHERE pending = 1;
  CREATE TABLE IF NOT EXISTS undo (ordinal INTEGER PRIMARY KEY, key TEXT NOT NULL, body TEXT) STRICT;
  CREATE TABLE IF NOT EXISTS opening (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, base_id TEXT, base_ordinal INTEGER, ordinal INTEGER NOT NULL, forgotten INTEGER NOT NULL) STRICT`;

const KEYS: Readonly<Record<EntryKind, string>> = {
  all: 'SELECT key FROM entry WHERE key > ? ORDER BY key LIMIT ?',
  awaited: 'SELECT key FROM entry WHERE awaited = 1 AND key > ? ORDER BY key LIMIT ?',
  pending: 'SELECT key FROM entry WHERE pending = 1 AND key > ? ORDER BY key LIMIT ?',
};

interface Opening {
  readonly id: string;
  readonly base_id: string | null;
  readonly base_ordinal: number | null;
  readonly ordinal: number;
  readonly forgotten: number;
}

/**
 * Where the index of one table's parents is kept: an SQLite database of its own in the agent's data directory.
 * @param directory made where it is not there, for its owner alone @param name what makes it the only one of its kind there: slot and table
 * @param roomBytesMin without so much room on the disk it is not begun with, and not gone on with without an eighth of it: an index that fills the disk in the middle of a run ends the capture of all tables for a moment, and one that is not opened stops its own alone
 * @throws TrucError CAPTURE_PARENTS_UNUSABLE
 */
export function openParentFile(directory: string, name: string, roomBytesMin = roomBytesMinDefault): ParentEntries {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
  const path = join(directory, `parents-${digest}.sqlite`);
  return guarded(path, 'opened', () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    refuseWithoutRoom(directory, existsSync(path) ? Math.ceil(roomBytesMin / 8) : roomBytesMin);
    return new ParentFile(path, openSound(path));
  });
}

/** What is written between two stored points, and what it replaced, several times over. */
const roomBytesMinDefault = 128 * 1024 * 1024;

function refuseWithoutRoom(directory: string, roomBytesMin: number): void {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize < roomBytesMin) throw new Error(`its disk has less than ${Math.ceil(roomBytesMin / (1024 * 1024))} MiB of room`);
}

/** What is no database any more is taken for lost: an empty one takes its place, in which no mark is found. */
function openSound(path: string): DatabaseSync {
  try {
    return opened(path);
  } catch (error) {
    if (!isOneOf(corrupt, error)) throw error;
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    return opened(path);
  }
}

function opened(path: string): DatabaseSync {
  // The files beside it get the rights that it has.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const database = new DatabaseSync(path);
  try {
    database.exec(SCHEMA);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

class ParentFile implements ParentEntries {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #id = '';
  #ordinal = 0;

  constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
  }

  begin(mark: ParentMark | null): boolean {
    return this.#inTransaction(() => {
      const found = this.#sql('SELECT * FROM opening').get() as unknown as Opening | undefined;
      if (mark !== null && !holds(found, mark)) return false;
      if (mark === null) this.#empty();
      else this.#undoTo(mark.ordinal);
      this.#id = randomUUID();
      this.#ordinal = mark?.ordinal ?? 0;
      const forgotten = mark === null ? 0 : (found?.forgotten ?? 0);
      this.#sql('INSERT OR REPLACE INTO opening VALUES (1, ?, ?, ?, ?, ?)').run(
        this.#id,
        mark?.id ?? null,
        mark?.ordinal ?? null,
        this.#ordinal,
        forgotten,
      );
      return true;
    });
  }

  get(key: string): ParentEntry | null {
    return guarded(this.#path, 'read', () => {
      const row = this.#sql('SELECT body FROM entry WHERE key = ?').get(key) as { body: string } | undefined;
      return row === undefined ? null : textEntry(row.body);
    });
  }

  put(changes: ReadonlyMap<string, ParentEntry | null>): ParentMark {
    if (changes.size === 0) return this.mark;
    this.#inTransaction(() => {
      for (const [key, entry] of changes) {
        const before = this.#sql('SELECT body FROM entry WHERE key = ?').get(key) as { body: string } | undefined;
        this.#ordinal += 1;
        this.#sql('INSERT INTO undo VALUES (?, ?, ?)').run(this.#ordinal, key, before?.body ?? null);
        this.#set(key, entry === null ? null : entryText(entry), entry);
      }
      this.#noteOrdinal();
    });
    return this.mark;
  }

  get mark(): ParentMark {
    return { id: this.#id, ordinal: this.#ordinal };
  }

  undo({ ordinal }: ParentMark): void {
    this.#inTransaction(() => {
      this.#undoTo(ordinal);
      this.#noteOrdinal();
    });
  }

  forget({ ordinal }: ParentMark): void {
    const isThere = guarded(
      this.#path,
      'read',
      () => this.#sql('SELECT 1 FROM undo WHERE ordinal <= ? LIMIT 1').get(ordinal) !== undefined,
    );
    if (!isThere) return;
    this.#inTransaction(() => {
      const { changes } = this.#sql('UPDATE opening SET forgotten = max(forgotten, ?) WHERE id = ?').run(ordinal, this.#id);
      // What somebody else has opened since is not ours to forget.
      if (Number(changes) > 0) this.#sql('DELETE FROM undo WHERE ordinal <= ?').run(ordinal);
    });
  }

  keys(kind: EntryKind, after: string | null, limit: number): string[] {
    return guarded(this.#path, 'read', () => (this.#sql(KEYS[kind]).all(after ?? '', limit) as { key: string }[]).map(({ key }) => key));
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #empty(): void {
    this.#database.exec('DELETE FROM entry; DELETE FROM undo; DELETE FROM opening');
  }

  #undoTo(ordinal: number): void {
    const select = this.#sql('SELECT ordinal, key, body FROM undo WHERE ordinal > ? ORDER BY ordinal DESC LIMIT 1000');
    for (;;) {
      const rows = select.all(ordinal) as { ordinal: number; key: string; body: string | null }[];
      const last = rows.at(-1);
      if (last === undefined) break;
      for (const { key, body } of rows) this.#set(key, body, body === null ? null : textEntry(body));
      this.#sql('DELETE FROM undo WHERE ordinal >= ?').run(last.ordinal);
    }
    this.#ordinal = ordinal;
  }

  #set(key: string, body: string | null, entry: ParentEntry | null): void {
    if (body === null || entry === null) this.#sql('DELETE FROM entry WHERE key = ?').run(key);
    else this.#sql('INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)').run(key, body, entry.isAwaited ? 1 : 0, entry.isPending ? 1 : 0);
  }

  /** Refuses to write what somebody else has opened since. */
  #noteOrdinal(): void {
    const { changes } = this.#sql('UPDATE opening SET ordinal = ? WHERE id = ?').run(this.#ordinal, this.#id);
    if (Number(changes) === 0)
      throw new TrucError('CAPTURE_PARENTS_TAKEN', `${this.#path} was opened by another process, which captures the source now`, {
        retry: true,
      });
  }

  #inTransaction<T>(work: () => T): T {
    return guarded(this.#path, 'written', () => {
      const ordinal = this.#ordinal;
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const done = work();
        this.#database.exec('COMMIT');
        return done;
      } catch (error) {
        this.#ordinal = ordinal;
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  #sql(text: string): StatementSync {
    const known = this.#statements.get(text) ?? this.#database.prepare(text);
    this.#statements.set(text, known);
    return known;
  }
}

/** Whether the file can go back to the mark: it was written by the opening that the mark names, or by the one after it, which had not stored anything yet. */
function holds(found: Opening | undefined, { id, ordinal }: ParentMark): boolean {
  if (found === undefined || ordinal > found.ordinal || ordinal < found.forgotten) return false;
  return found.id === id || (found.base_id === id && found.base_ordinal === ordinal);
}

/** Codes of SQLite: SQLITE_CORRUPT and SQLITE_NOTADB. */
const corrupt: ReadonlySet<number> = new Set([11, 26]);
/** SQLITE_BUSY and SQLITE_LOCKED. */
const busy: ReadonlySet<number> = new Set([5, 6]);

function isOneOf(codes: ReadonlySet<number>, error: unknown): boolean {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' && codes.has(code & 0xff);
}

/** What the disk does not allow concerns the tables whose index lies there. */
function guarded<T>(path: string, done: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TrucError) throw error;
    if (isOneOf(busy, error))
      throw new TrucError('CAPTURE_PARENTS_BUSY', `${path} is being written by another process, which has not ended yet`, {
        retry: true,
        cause: error,
      });
    throw new TrucError(
      'CAPTURE_PARENTS_UNUSABLE',
      `${path}, the index of a table's parents, cannot be ${done}: ${messageOf(error)}. Look at the agent's data directory (dataDirectory): its rights, and the room on its disk`,
      { cause: error },
    );
  }
}
