import { decodeMasterDataKey, positionOf } from '@truc/change-event';
import type { DatasetPolicy } from '@truc/coordination';
import { LiveCodes } from './live-codes.js';
import type { LogReader } from './log.js';
import { scanPartitionsToEnd } from './log-scan.js';
import { isAhead, type QuarantineBook } from './quarantine-book.js';
import { replayTooOld } from './replay-age.js';
import type { StreamPoint, TableSnapshot } from './snapshot-plan.js';
import type { TableGate } from './table-positions.js';

/** About two and a half million codes. */
const bytesDefault = 256 * 1024 * 1024;

export interface LiveCodesParts {
  readonly reader: LogReader;
  readonly signal: AbortSignal;
  /** Bytes of what is remembered of the codes of one dataset. */
  readonly liveCodesBytesMax?: number;
}

export interface CodesStanding {
  readonly stored: StreamPoint;
  /** Where a snapshot began that is still to sweep what it does not find: what is older is not known to be there any more, and takes no code. */
  readonly since: StreamPoint | null;
  /** What stands beyond `stored` was sent so long ago that compaction may have taken what it replaced. */
  readonly isOld?: boolean;
}

/**
 * Reads from a dataset's topic which codes its rows were published under at the stored position. The topic is the durable form: there is nothing else that could be lost
 * or disagree with it. What was sent after the stored position is left out, since it is judged and sent again.
 *
 * @throws TrucError CAPTURE_CODES_TOO_MANY, CAPTURE_REPLAY_TOO_OLD; those of the log
 */
export async function restoreLiveCodes(
  live: LiveCodes,
  { topic, partitions }: Pick<DatasetPolicy, 'topic' | 'partitions'>,
  { stored, since, isOld = false }: CodesStanding,
  { reader, signal }: LiveCodesParts,
): Promise<void> {
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: -2n }));
  for await (const { key, value, headers } of scanPartitionsToEnd(reader, all, signal)) {
    if (key.length === 0) continue;
    const position = positionOf(headers);
    if (isOld && isAhead(position, stored)) throw replayTooOld(topic, stored);
    if (isAhead(position, stored) || (since !== null && !isAhead(position, since))) continue;
    const decoded = decodeMasterDataKey(key).key;
    // A delete is followed by its tombstone, which has the same position.
    if (value === null) live.free(decoded);
    else live.take(decoded);
  }
}

/** Where several rows could have one code, and may not: a source's key is unique by itself. */
function keepsCodes({ oneRowPerCode, keyIsCode }: DatasetPolicy): boolean {
  return oneRowPerCode === true && !keyIsCode;
}

/** The tables whose codes are kept. By `schema.table`. */
export function keepingCodes(tables: ReadonlyMap<string, { readonly dataset: DatasetPolicy }>): ReadonlySet<string> {
  return new Set([...tables].flatMap(([table, { dataset }]) => (keepsCodes(dataset) ? [table] : [])));
}

/**
 * Those of every dataset that allows one row per code and where several rows could have one. By `schema.table`.
 * @param standing where each table stands, and whether what is beyond is old
 * @param gate is told of a table whose codes cannot be known, instead of the caller
 */
export async function restoreAllLiveCodes(
  tables: ReadonlyMap<string, { readonly dataset: DatasetPolicy }>,
  snapshots: readonly TableSnapshot[],
  standing: (table: string) => StreamPoint & { readonly isOld?: boolean },
  parts: LiveCodesParts,
  gate?: Pick<TableGate, 'stop'>,
): Promise<Map<string, LiveCodes>> {
  const restored = new Map<string, LiveCodes>();
  for (const [table, { dataset }] of tables) {
    if (!keepsCodes(dataset)) continue;
    const live = new LiveCodes(dataset.name, parts.liveCodesBytesMax ?? bytesDefault);
    const snapshot = snapshots.find((one) => one.table === table);
    const since = snapshot?.sweeps === true ? snapshot.since : null;
    try {
      const { isOld = false, ...stored } = standing(table);
      await restoreLiveCodes(live, dataset, { stored, since, isOld }, parts);
    } catch (error) {
      if (gate === undefined) throw error;
      gate.stop(table, error);
      continue;
    }
    restored.set(table, live);
  }
  return restored;
}

/**
 * Codes under which a retry meant to publish rows that are still held: they may be published under them, and no other row takes such a code. Left out where a snapshot still
 * sweeps, as what is older than it is.
 */
export function takeIntendedCodes(
  liveCodes: ReadonlyMap<string, LiveCodes>,
  books: ReadonlyMap<string, QuarantineBook>,
  snapshots: readonly TableSnapshot[],
): void {
  for (const [table, live] of liveCodes) {
    if (snapshots.some((snapshot) => snapshot.table === table && snapshot.sweeps)) continue;
    for (const key of books.get(table)?.allIntendedKeys() ?? []) if (!live.isTaken(key)) live.take(key);
  }
}
