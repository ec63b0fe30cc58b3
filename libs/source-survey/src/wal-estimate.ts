import type { DiskFacts } from './disk-facts.js';
import type { ServerFacts } from './server-facts.js';
import type { TableFacts } from './table-facts.js';

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;
const daySeconds = 86_400;

/** For how long an agent should be able to be away. */
const absenceSeconds = 3 * daySeconds;
const keepBytesLeast = gibibyte;
/** Where nobody knows how large the disk is. */
const keepBytesUnknownDisk = 10 * gibibyte;
const keepStepBytes = 256 * mebibyte;

/** WAL that the server writes in a day, on average since it has counted; null where it has not. */
export function walBytesPerDay({ wal }: ServerFacts): number | null {
  return wal === null ? null : (Number(wal.bytes) / Number(wal.seconds)) * daySeconds;
}

/** Hours until `bytes` of WAL are written; null where the pace is not known. */
export function hoursOfWal(server: ServerFacts, bytes: number): number | null {
  const perDay = walBytesPerDay(server);
  return perDay === null || perDay <= 0 ? null : (bytes / perDay) * 24;
}

/** A limit for what a slot may keep: three days of WAL, at least 1 GiB, at most half of the room on the disk, and 10 GiB where that is not known. */
export function proposedKeepBytes(server: ServerFacts, disk: DiskFacts | null): number {
  const wanted = Math.max(keepBytesLeast, ((walBytesPerDay(server) ?? 0) / daySeconds) * absenceSeconds);
  const most = disk === null ? keepBytesUnknownDisk : disk.freeBytes / 2;
  const bytes = Math.min(wanted, most);
  return Math.max(keepStepBytes, Math.floor(bytes / keepStepBytes) * keepStepBytes);
}

/**
 * Bytes of one row: by the planner's statistics where they can be read, which count a value that is kept outside of the row (TOAST) for a pointer, so that what lies outside comes on top;
 * else by the table's size. Null where nothing is known.
 */
export function rowBytes({ columns, rowsEstimated, bytes, toastBytes }: TableFacts): number | null {
  const outside = rowsEstimated > 0 ? toastBytes / rowsEstimated : 0;
  if (columns.every(({ widthBytes }) => widthBytes !== null))
    return columns.reduce((sum, { widthBytes }) => sum + (widthBytes ?? 0), 0) + outside;
  return rowsEstimated > 0 ? bytes / rowsEstimated : null;
}

/** Rows that are updated or deleted in a day. */
export function changesPerDay({ updates, deletes, sinceSeconds }: TableFacts): number {
  return ((updates + deletes) / sinceSeconds) * daySeconds;
}

/** What REPLICA IDENTITY FULL adds to the WAL of a day: each changed row's old values once more. */
export function fullBytesPerDay(facts: TableFacts): number | null {
  const width = rowBytes(facts);
  return width === null ? null : width * changesPerDay(facts);
}
