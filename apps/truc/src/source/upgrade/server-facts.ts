import { TrucError } from '@truc/kernel';
import type { SurveySession } from '@truc/source-survey';
import { escapeIdentifier } from 'pg';
import type { TableContent, TableWrites } from './upgrade-record.js';

/** A slot as it stands on one of the two servers. */
export interface UpgradeSlot {
  readonly confirmedLsn: string | null;
  readonly activePid: number | null;
  readonly walStatus: string | null;
}

export interface UpgradeServer {
  readonly systemIdentifier: string;
  readonly version: string;
  readonly versionNumber: number;
  readonly isStandby: boolean;
  readonly walLevel: string;
  /** End of what is written. */
  readonly endLsn: string;
  readonly slot: UpgradeSlot | null;
  /** Of the publication, as `schema.table`; null where there is none. */
  readonly tables: readonly string[] | null;
}

const SERVER = `
  SELECT json_build_object(
    'systemIdentifier', (SELECT system_identifier::text FROM pg_control_system()),
    'version', current_setting('server_version'), 'versionNumber', current_setting('server_version_num')::int,
    'isStandby', pg_is_in_recovery(), 'walLevel', current_setting('wal_level'),
    'endLsn', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END,
    'slot', (SELECT json_build_object('confirmedLsn', confirmed_flush_lsn, 'activePid', active_pid, 'walStatus', wal_status)
      FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()),
    'tables', CASE WHEN EXISTS (SELECT FROM pg_publication WHERE pubname = $2)
      THEN (SELECT coalesce(json_agg(schemaname || '.' || tablename ORDER BY schemaname, tablename), '[]') FROM pg_publication_tables WHERE pubname = $2) END)`;

/** @throws TrucError SURVEY_* */
export function readUpgradeServer(session: SurveySession, slot: string, publication: string): Promise<UpgradeServer> {
  return session.value('looking at the server', SERVER, [slot, publication]);
}

/** Of published tables and their partitions. The server counts a moment after the commit. @throws TrucError SURVEY_* */
export function readTableWrites(session: SurveySession, publication: string): Promise<TableWrites[]> {
  return session.rows<TableWrites>(
    'counting writes',
    `SELECT p.schemaname || '.' || p.tablename AS table,
        (SELECT coalesce(sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del), 0)::text FROM pg_stat_all_tables s
          WHERE s.relid IN (SELECT c.oid UNION SELECT t.relid FROM pg_partition_tree(c.oid) t)) AS writes
       FROM pg_publication_tables p
       JOIN pg_namespace n ON n.nspname = p.schemaname JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
      WHERE p.pubname = $1 ORDER BY 1`,
    [publication],
  );
}

/** How many rows each table has and a digest over all of them in no order; null for a table that is not there. Reads every row once, at the server. */
export async function readTableContents(session: SurveySession, tables: readonly string[]): Promise<(TableContent | null)[]> {
  const contents: (TableContent | null)[] = [];
  for (const table of tables) {
    const name = quoted(table);
    const exists = await session.value<boolean>(`looking for ${table}`, 'SELECT to_regclass($1) IS NOT NULL', [name]);
    if (!exists) {
      contents.push(null);
      continue;
    }
    // Both servers write their rows in the same form: by the settings of the session, and a type's own output.
    const [row] = await session.rows<{ rows: string; digest: string }>(
      `comparing ${table}`,
      `SELECT count(*)::text AS rows, coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint::numeric), 0)::text AS digest FROM ${name} t`,
    );
    contents.push({ table, rows: row?.rows ?? '0', digest: row?.digest ?? '0' });
  }
  return contents;
}

function quoted(table: string): string {
  const dot = table.indexOf('.');
  return `${escapeIdentifier(table.slice(0, dot))}.${escapeIdentifier(table.slice(dot + 1))}`;
}

/** Ends whoever reads the slot, who comes back by the address that holds by then. */
export async function endSlotReader(session: SurveySession, pid: number): Promise<void> {
  const refused = await session.attempt(`SELECT pg_terminate_backend(${pid})`);
  if (refused !== null) throw new TrucError('UPGRADE_READER_NOT_ENDED', session.told('ending the reader of the old slot', refused).message);
}

/** A position in the log as a number. */
export function lsnOf(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}
