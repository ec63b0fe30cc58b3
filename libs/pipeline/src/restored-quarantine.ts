import { positionHeaders } from '@truc/change-event';
import { TrucError, type Clock } from '@truc/kernel';
import type { LogReader, LogRecord, LogWriter, StoredRecord } from './log.js';
import { scanToEnd } from './log-scan.js';
import { replayTooOld } from './replay-age.js';
import { QuarantineBook } from './quarantine-book.js';
import type { StreamPoint } from './snapshot-plan.js';

export interface QuarantineStanding {
  readonly topic: string;
  readonly schemaId: number;
  readonly stored: StreamPoint;
  /** What stands beyond `stored` was written so long ago that compaction may have taken what it replaced. */
  readonly isOld?: boolean;
}

/**
 * Reads a dataset's quarantine as it stood at the stored position, and makes the topic say the same.
 *
 * Why it is written back: (1) a bad row is held at a position after the stored one, acknowledged, and the process ends; (2) the row is mended at the source before
 * the next start, which therefore sees it good and knows of nothing to release; (3) the entry would stay, a later start would believe it, and a delete of the
 * row would then be taken for that of one that was never published.
 *
 * Entries may have 64 KiB each: in memory are keys and offsets, and what the writer has room for.
 * Nor is what was replaced safe from compaction until then: so it is done where a table stops, too.
 * @throws TrucError QUARANTINE_ENTRY_INVALID where the last entry of a row cannot be read; CAPTURE_QUARANTINE_CHANGED (retry), CAPTURE_REPLAY_TOO_OLD; those of the log
 */
export async function restoreQuarantine(
  { topic, schemaId, stored, isOld = false }: QuarantineStanding,
  {
    reader,
    writer,
    clock,
    signal,
  }: { readonly reader: LogReader; readonly writer: LogWriter; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<QuarantineBook> {
  const book = new QuarantineBook(topic, schemaId);
  const ahead = new Set<string>();
  /** Offsets of the entries that the book has. */
  const heldAt = new Map<string, bigint>();
  /** What cannot be read, until a later entry of the row takes its place: the log holds both until it is compacted. */
  const unreadable = new Map<string, TrucError>();
  for await (const record of scanToEnd(reader, topic, 0, -2n, signal)) {
    const key = record.key.toString('utf8');
    const isRestored = restored(book, record, stored);
    if (isRestored instanceof TrucError) unreadable.set(key, isRestored);
    if (isRestored === false) ahead.add(key);
    if (isRestored !== true) continue;
    unreadable.delete(key);
    // It stands behind what was ahead: an earlier start has written it back.
    ahead.delete(key);
    if (record.value === null) heldAt.delete(key);
    else heldAt.set(key, record.offset);
  }
  for (const error of unreadable.values()) throw error;
  if (ahead.size === 0) return book;
  if (isOld && [...ahead].some((key) => !heldAt.has(key))) throw replayTooOld(topic, stored);
  // One by one: what the writer has no room for is not read.
  const writeBack = (record: Pick<LogRecord, 'key' | 'value' | 'headers'>) =>
    writer.write([{ topic, partition: 0, timestampMs: clock.now(), ...record }]);
  const atStored = positionHeaders({ ...stored, index: 0 });
  const held = new Set<string>();
  for (const key of ahead) {
    if (heldAt.has(key)) held.add(key);
    else await writeBack({ key: Buffer.from(key), value: null, headers: atStored });
  }
  if (held.size > 0) await writeHeldBack();
  await writer.flush();
  return book;

  /** Reads again up to the end that the topic has now; what is written back meanwhile stands at offsets that are not looked for. */
  async function writeHeldBack(): Promise<void> {
    for await (const { key, value, headers, offset } of scanToEnd(reader, topic, 0, -2n, signal)) {
      const text = key.toString('utf8');
      if (!held.has(text) || heldAt.get(text) !== offset || value === null) continue;
      const copied = headers.map((header) => ({ key: header.key, value: Buffer.from(header.value) }));
      await writeBack({ key: Buffer.from(key), value: Buffer.from(value), headers: copied });
      held.delete(text);
      if (held.size === 0) return;
    }
    throw new TrucError('CAPTURE_QUARANTINE_CHANGED', `${topic} was compacted while it was read: it is to be read again`, { retry: true });
  }
}

function restored(book: QuarantineBook, record: StoredRecord, stored: StreamPoint): boolean | TrucError {
  try {
    return book.restore(record, stored);
  } catch (error) {
    if (error instanceof TrucError) return error;
    throw error;
  }
}
