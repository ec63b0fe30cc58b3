import { createHash } from 'node:crypto';
import { TrucError } from '@truc/kernel';
import type { LogReader, StoredRecord } from './log.js';
import { scanToEnd } from './log-scan.js';
import { readQuarantineRecord, type QuarantineEntry } from './quarantine-entry.js';

export interface HeldRowsOptions {
  readonly reader: LogReader;
  readonly topic: string;
  readonly signal: AbortSignal;
  /** Which rows are wanted (default: all). */
  readonly isWanted?: (entry: QuarantineEntry) => boolean;
  /** Bytes of what is remembered of rows. */
  readonly bytesMax?: number;
}

const bytesMaxDefault = 192 * 1024 * 1024;
/** A digest and an offset, their place in a map. */
const rowBytes = 130;

/**
 * The rows that quarantine holds: what there is at the first look, their entries at the second. In memory are digests of keys, offsets, and one entry at a time.
 * A row that is released between the two looks may still be told.
 */
export class HeldRows {
  readonly #options: HeldRowsOptions;
  readonly #offsets: ReadonlySet<bigint>;
  /** Columns of all wanted rows, in the order in which they were met. */
  readonly columns: readonly string[];

  private constructor(options: HeldRowsOptions, offsets: ReadonlySet<bigint>, columns: readonly string[]) {
    this.#options = options;
    this.#offsets = offsets;
    this.columns = columns;
  }

  /** Looks for the first time. @throws TrucError QUARANTINE_TOO_LARGE; those of the log */
  static async find(options: HeldRowsOptions): Promise<HeldRows> {
    const { reader, topic, signal, isWanted = () => true, bytesMax = bytesMaxDefault } = options;
    const rowsMax = Math.floor(bytesMax / rowBytes);
    const offsets = new Map<string, bigint>();
    const columns = new Set<string>();
    for await (const record of scanToEnd(reader, topic, 0, -2n, signal)) {
      const digest = createHash('sha256').update(record.key).digest('binary').slice(0, 12);
      const read = readQuarantineRecord(record);
      if (read.kind === 'unreadable') continue;
      if (read.kind === 'released' || !isWanted(read.entry)) {
        offsets.delete(digest);
        continue;
      }
      offsets.set(digest, record.offset);
      for (const column of Object.keys(read.entry.columns)) columns.add(column);
      if (offsets.size > rowsMax)
        throw new TrucError('QUARANTINE_TOO_LARGE', `${topic} holds more than ${rowsMax} such rows: ask for fewer, by rule or by element`);
    }
    return new HeldRows(options, new Set(offsets.values()), [...columns]);
  }

  get size(): number {
    return this.#offsets.size;
  }

  /** @throws TrucError those of the log */
  async *entries(): AsyncGenerator<QuarantineEntry> {
    if (this.size === 0) return;
    const { reader, topic, signal } = this.#options;
    let left = this.size;
    for await (const record of scanToEnd(reader, topic, 0, -2n, signal)) {
      if (!this.#offsets.has(record.offset)) continue;
      const read = readQuarantineRecord(record);
      if (read.kind === 'held') yield read.entry;
      left -= 1;
      if (left === 0) return;
    }
  }
}

export interface FoundEntry {
  readonly entry: QuarantineEntry;
  /** Whether the row is still held by this entry, by a newer one, or not any more. */
  readonly state: { readonly kind: 'held' } | { readonly kind: 'held-anew'; readonly entry: bigint } | { readonly kind: 'released' };
}

/** The entry at this offset; null where there is none. @throws TrucError those of the log */
export async function findQuarantineEntry(
  reader: LogReader,
  topic: string,
  offset: bigint,
  signal: AbortSignal,
): Promise<FoundEntry | null> {
  let found: QuarantineEntry | null = null;
  let state: FoundEntry['state'] = { kind: 'held' };
  for await (const record of scanToEnd(reader, topic, 0, offset, signal)) {
    if (found === null) {
      found = entryAt(record, offset);
      if (found === null) return null;
    } else if (record.key.toString('utf8') === found.sourceKey) {
      state = record.value === null ? { kind: 'released' } : { kind: 'held-anew', entry: record.offset };
    }
  }
  return found === null ? null : { entry: found, state };
}

function entryAt(record: StoredRecord, offset: bigint): QuarantineEntry | null {
  if (record.offset !== offset) return null;
  const read = readQuarantineRecord(record);
  return read.kind === 'held' ? read.entry : null;
}
