import type { SecretText } from '@truc/kernel';
import { escapeIdentifier, type Client } from 'pg';
import { parseLsn, type Lsn } from './lsn.js';
import type { SlotFacts } from './slot-verdict.js';
import { textRows, withSession } from './source-session.js';

/** Reads what is true of a slot and of its server. @throws TrucError */
export function inspectSlot(connectionString: SecretText, slot: string): Promise<SlotFacts> {
  return withSession(connectionString, `reading the slot "${slot}"`, (client) => slotFacts(client, slot), 'replication');
}

/**
 * Creates the slot and returns the sequence below which it will send nothing: what to store first, and to start from.
 * PostgreSQL waits here until every transaction that is now writing, in any database of the cluster, has ended.
 * The publication has to exist before: a slot cannot decode with a publication that was not there at the LSN it decodes.
 * @param options.failover keep the slot on standbys (PostgreSQL 17 and later, sync_replication_slots there)
 * @throws TrucError
 */
export function createSlot(connectionString: SecretText, slot: string, options: { readonly failover?: boolean } = {}): Promise<bigint> {
  return withSession(connectionString, `creating the slot "${slot}"`, (client) => createSlotOn(client, slot, options), 'replication');
}

/** Drops the slot if it exists and is one of this database's pgoutput slots; nobody may be reading it. @throws TrucError CAPTURE_SLOT_ACTIVE (retry) */
export function dropSlot(connectionString: SecretText, slot: string): Promise<void> {
  return withSession(connectionString, `dropping the slot "${slot}"`, async (client) => {
    const ours = "slot_name = $1 AND plugin = 'pgoutput' AND database = current_database()";
    await textRows(client, `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE ${ours}`, [slot]);
  });
}

export async function createSlotOn(client: Client, slot: string, options: { readonly failover?: boolean } = {}): Promise<bigint> {
  // What every version understands; the other form is of PostgreSQL 15 and later.
  const manner = options.failover === true ? "(SNAPSHOT 'nothing', FAILOVER true)" : 'NOEXPORT_SNAPSHOT';
  const [row] = await textRows(client, `CREATE_REPLICATION_SLOT ${escapeIdentifier(slot)} LOGICAL pgoutput ${manner}`);
  return parseLsn(row?.[1] ?? '') - 1n;
}

/** @param client a replication session; such a session takes no parameters, hence the literal */
export async function slotFacts(client: Client, slot: string): Promise<SlotFacts> {
  const [[systemIdentifier, timeline, currentWalLsn, database] = []] = await textRows(client, 'IDENTIFY_SYSTEM');
  const [row] = await textRows(
    client,
    `SELECT plugin, database, confirmed_flush_lsn, restart_lsn, wal_status, active, to_jsonb(s) ->> 'invalidation_reason'
       FROM pg_replication_slots s WHERE slot_name = ${client.escapeLiteral(slot)}`,
  );
  const [[inRecovery] = []] = await textRows(client, 'SELECT pg_is_in_recovery()');
  const lsn = (text: string | null | undefined): Lsn | null => (typeof text === 'string' ? parseLsn(text) : null);
  return {
    slot,
    exists: row !== undefined,
    plugin: row?.[0] ?? null,
    slotDatabase: row?.[1] ?? null,
    confirmedFlushLsn: lsn(row?.[2]),
    restartLsn: lsn(row?.[3]),
    walStatus: row?.[4] ?? null,
    active: row?.[5] === 't',
    invalidationReason: row?.[6] ?? null,
    inRecovery: inRecovery === 't',
    database: database ?? '',
    systemIdentifier: systemIdentifier ?? '',
    timeline: Number(timeline),
    timelineSwitches: await timelineSwitches(client, Number(timeline)),
    currentWalLsn: parseLsn(currentWalLsn ?? ''),
  };
}

/** A history file has a line per earlier timeline: its number, where it was left, and why. The first timeline has none. */
async function timelineSwitches(client: Client, timeline: number): Promise<SlotFacts['timelineSwitches']> {
  if (timeline <= 1) return [];
  const [row] = await textRows(client, `TIMELINE_HISTORY ${timeline}`);
  return parseTimelineHistory(row?.[1] ?? '');
}

/** @param content of a timeline history file; the protocol gives it as bytea, in its escape-free text or as `\x` and hexadecimal digits */
export function parseTimelineHistory(content: string): SlotFacts['timelineSwitches'] {
  const text = content.startsWith('\\x') ? Buffer.from(content.slice(2), 'hex').toString('utf8') : content;
  return [...text.matchAll(/^\s*(\d+)\s+([0-9A-Fa-f]+\/[0-9A-Fa-f]+)/gm)].map(([, timeline, switchLsn]) => ({
    timeline: Number(timeline),
    switchLsn: parseLsn(switchLsn!),
  }));
}
