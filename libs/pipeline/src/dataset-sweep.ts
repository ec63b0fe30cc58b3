import { positionHeaders } from '@truc/change-event';
import type { Position } from '@truc/kernel';
import { endsAtHighest, extendTrail, isSwept, type KeyTrail } from './key-trail.js';
import type { LogHeader, LogReader, LogRecord, LogWriter, StoredRecord } from './log.js';
import { scanToEnd } from './log-scan.js';
import { readablePosition } from './readable-position.js';

/** Header of a sweep's delete events and their tombstones: why the row is gone, `truncate` or `snapshot`. No source row stands behind them. */
export const SWEEP_HEADER = 'truc-sweep';
export type SweepCause = 'truncate' | 'snapshot';

export interface DatasetSweep {
  readonly topic: string;
  readonly partitions: number;
  readonly cause: SweepCause;
  /** Keys of which nothing newer than this is known are swept. */
  readonly upTo: Position;
  /** Position of the delete events and tombstones. */
  readonly at: Position;
  /** The delete event, the same for every key. */
  readonly deletion: Buffer;
  /** Keys, as the records have them in latin1, that are left alone where the log ends with what consumers have of them. */
  readonly spared: ReadonlySet<string>;
  readonly timestampMs: number;
}

export interface SweepParts {
  readonly reader: LogReader;
  readonly writer: LogWriter;
  readonly signal: AbortSignal;
  /** Bytes of what is remembered of keys at a time; a partition with more is read several times. */
  readonly bytesMax?: number;
}

const bytesMaxDefault = 64 * 1024 * 1024;
/** Three positions, their place in a map: on top of the key's own characters. */
const trailBytes = 400;
const recordsPerWrite = 500;

/**
 * Deletes what no event newer than `upTo` speaks for, and resolves when that is acknowledged. Doing it again changes nothing.
 * By the dataset's only writer, with nothing written beside it.
 * @returns how many keys were swept
 * @throws TrucError of the log; the signal's reason when it aborts before the end
 */
export async function sweepDataset(sweep: DatasetSweep, parts: SweepParts): Promise<number> {
  // What was written before belongs to what is looked at.
  await parts.writer.flush();
  let swept = 0;
  for (let partition = 0; partition < sweep.partitions; partition += 1) {
    const shares = [{ remainder: 0, divisor: 1 }];
    for (let share = shares.pop(); share !== undefined; share = shares.pop()) {
      const { remainder, divisor } = share;
      const trails = await readTrails(sweep, partition, remainder, divisor, parts);
      if (trails === null) shares.push({ remainder: remainder + divisor, divisor: divisor * 2 }, { remainder, divisor: divisor * 2 });
      else swept += await writeDeletions(sweep, partition, trails, parts.writer);
    }
  }
  await parts.writer.flush();
  return swept;
}

/** Trails by key of those keys whose hash leaves `remainder`; null when they are too many for the memory that is granted. */
async function readTrails(
  { topic }: DatasetSweep,
  partition: number,
  remainder: number,
  divisor: number,
  { reader, signal, bytesMax = bytesMaxDefault }: SweepParts,
): Promise<Map<string, KeyTrail> | null> {
  const trails = new Map<string, KeyTrail>();
  let bytes = 0;
  for await (const record of scanToEnd(reader, topic, partition, -2n, signal)) {
    if (record.key.length === 0 || (divisor > 1 && hashOf(record.key) % divisor !== remainder)) continue;
    const position = readablePosition(record.headers);
    if (position === null) continue;
    const key = record.key.toString('latin1');
    const known = trails.get(key);
    if (known === undefined) {
      bytes += trailBytes + key.length;
      // One key alone is never too many.
      if (bytes > bytesMax && trails.size > 0) return null;
    }
    trails.set(key, extendTrail(known, position, kindOf(record), isOfSweep(record)));
  }
  return trails;
}

async function writeDeletions(
  sweep: DatasetSweep,
  partition: number,
  trails: ReadonlyMap<string, KeyTrail>,
  writer: LogWriter,
): Promise<number> {
  const { topic, cause, at, deletion, spared, timestampMs } = sweep;
  const marked: LogHeader[] = [...positionHeaders(at), { key: SWEEP_HEADER, value: Buffer.from(cause) }];
  let records: LogRecord[] = [];
  let swept = 0;
  for (const [text, trail] of trails) {
    if (!isSwept(trail, sweep) || (spared.has(text) && endsAtHighest(trail))) continue;
    const key = Buffer.from(text, 'latin1');
    records.push({ topic, partition, key, value: deletion, headers: marked, timestampMs });
    records.push({ topic, partition, key, value: null, headers: marked, timestampMs });
    swept += 1;
    if (records.length < recordsPerWrite) continue;
    await writer.write(records);
    records = [];
  }
  if (records.length > 0) await writer.write(records);
  return swept;
}

function kindOf(record: StoredRecord): KeyTrail['lastKind'] {
  if (record.value === null) return 'tombstone';
  return isOfSweep(record) ? 'swept' : 'event';
}

function isOfSweep({ headers }: StoredRecord): boolean {
  return headers.some(({ key }) => key === SWEEP_HEADER);
}

/** FNV-1a, 32 bits: spreads the keys of one partition, which share what they were partitioned by. */
function hashOf(bytes: Buffer): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
