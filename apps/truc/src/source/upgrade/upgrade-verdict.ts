import { lsnOf } from './server-facts.js';
import type { TableContent, TableWrites, UpgradeRecord, UpgradeVerdict } from './upgrade-record.js';

export interface UpgradeEvidence {
  /** What the slot of the old server is confirmed to now; null where nobody can say. */
  readonly confirmedLsn: string | null;
  readonly writesNow: readonly TableWrites[];
  readonly old: readonly (TableContent | null)[];
  readonly restored: readonly (TableContent | null)[];
  readonly tables: readonly string[];
}

/**
 * Whether anything was lost between the two servers. There is no gap if
 * 1. nobody wrote to a published table since the end of the log was noted (its counters stand where they stood),
 * 2. the slot is confirmed to that end, which it is after the log and the state of the agent hold everything below it, and
 * 3. the new server holds in those tables what the old one holds.
 * Each of them that is not so is a reason, and together they are the gap's name.
 */
export function upgradeVerdict(stopped: NonNullable<UpgradeRecord['stopped']>, evidence: UpgradeEvidence): UpgradeVerdict {
  const { confirmedLsn, writesNow, old, restored, tables } = evidence;
  const reasons: string[] = [];
  const before = new Map(stopped.writes.map(({ table, writes }) => [table, writes]));
  const written = writesNow.filter(({ table, writes }) => before.get(table) !== writes).map(({ table }) => table);
  if (written.length > 0) reasons.push(`the old server was written to after ${stopped.endLsn}: ${written.join(', ')}`);
  if (confirmedLsn === null || lsnOf(confirmedLsn) < lsnOf(stopped.endLsn))
    reasons.push(`the agent has confirmed ${confirmedLsn ?? 'nothing'} of the old server's log, which ends at ${stopped.endLsn}`);
  tables.forEach((table, at) => {
    const [was, is] = [old[at] ?? null, restored[at] ?? null];
    if (was === null || is === null) reasons.push(`${table} is not on the ${is === null ? 'new' : 'old'} server`);
    else if (was.rows !== is.rows) reasons.push(`${table} has ${was.rows} rows on the old server and ${is.rows} on the new one`);
    else if (was.digest !== is.digest) reasons.push(`rows of ${table} differ between the two servers`);
  });
  if (reasons.length > 0 || confirmedLsn === null) return { kind: 'gap', reasons, accepted: null };
  return { kind: 'no gap', endLsn: stopped.endLsn, confirmedLsn };
}
