import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { TrucError } from '@truc/kernel';
import { z } from 'zod';

/** What the published tables of a server hold, as far as two servers can be compared by it. */
export interface TableContent {
  readonly table: string;
  readonly rows: string;
  readonly digest: string;
}

/** How often rows of a published table were written, since the server began to count. */
const tableWrites = z.strictObject({ table: z.string(), writes: z.string() });
export type TableWrites = z.infer<typeof tableWrites>;

/** Since when nobody writes to the old server: what was true of it then. */
const stop = z.strictObject({ atMs: z.number(), endLsn: z.string(), writes: z.array(tableWrites) });

const verdict = z.discriminatedUnion('kind', [
  /** Every change that was ever committed on the old server was published one by one, and the new one holds what the old one held. */
  z.strictObject({ kind: z.literal('no gap'), endLsn: z.string(), confirmedLsn: z.string() }),
  /** What cannot be said, each with its reason; the new epoch's snapshots bring the outcome. */
  z.strictObject({ kind: z.literal('gap'), reasons: z.array(z.string()).min(1), accepted: z.string().nullable() }),
]);
export type UpgradeVerdict = z.infer<typeof verdict>;

const upgradeRecord = z.strictObject({
  agency: z.string(),
  source: z.string(),
  slot: z.string(),
  publication: z.string(),
  /** Addresses as they may be shown. */
  from: z.string(),
  to: z.string(),
  systemIdentifier: z.string(),
  fromVersion: z.string(),
  toVersion: z.string(),
  stopped: stop.nullable(),
  drainedLsn: z.string().nullable(),
  verdict: verdict.nullable(),
  /** The epoch's beginning was asked for, with what the agent answered. */
  resolved: z.string().nullable(),
  finishedAtMs: z.number().nullable(),
});
/** How far an upgrade is; all that has to outlast the command. No secrets and no values of rows. */
export type UpgradeRecord = z.infer<typeof upgradeRecord>;

/** @returns null where the upgrade has not begun @throws TrucError UPGRADE_RECORD_UNREADABLE */
export function readUpgradeRecord(path: string): UpgradeRecord | null {
  if (!existsSync(path)) return null;
  try {
    return upgradeRecord.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new TrucError(
      'UPGRADE_RECORD_UNREADABLE',
      `${path} is no record of an upgrade: name another file with --record, or remove it to begin anew from the look at both servers`,
      { cause },
    );
  }
}

/** Complete or not at all. */
export function writeUpgradeRecord(path: string, record: UpgradeRecord): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(draft, path);
}
