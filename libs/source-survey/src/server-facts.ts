import type { SurveySession } from './survey-session.js';

/** A replication slot of the server, whoever's it is. */
export interface SlotFacts {
  readonly name: string;
  readonly plugin: string | null;
  readonly database: string | null;
  readonly active: boolean;
  /** Process that reads it now. */
  readonly activePid: number | null;
  /** WAL that the server keeps for it; null where it has lost its WAL or never had any. */
  readonly retainedBytes: number | null;
  /** `reserved`, `extended`, `unreserved` or `lost`. */
  readonly walStatus: string | null;
}

export interface WalFacts {
  /** Written since `seconds`, over which the server has counted. */
  readonly bytes: number;
  readonly seconds: number;
}

/** What is true of the server as far as capturing from it rests on it. */
export interface ServerFacts {
  readonly version: string;
  /** server_version_num, as in 180004. */
  readonly versionNumber: number;
  readonly database: string;
  readonly encoding: string;
  readonly isStandby: boolean;
  /** hot_standby_feedback, which keeps what a slot on a standby needs. */
  readonly standbyFeedback: boolean;
  readonly walLevel: string;
  readonly slotsMax: number;
  readonly sendersMax: number;
  readonly sendersUsed: number;
  readonly slots: readonly SlotFacts[];
  /** max_slot_wal_keep_size; null where a slot may keep WAL without end. */
  readonly keepBytesMax: number | null;
  readonly maxWalBytes: number;
  /** Null where the server has not counted. */
  readonly wal: WalFacts | null;
  /** Size of the directory of the WAL; null where the survey may not look. */
  readonly walDirectoryBytes: number | null;
  /** Null where the survey may not know it. */
  readonly dataDirectory: string | null;
  /** Where the settings that a script may change come from: true where ALTER SYSTEM set them, null where the survey may not know. */
  readonly setByAlterSystem: Readonly<Record<string, boolean | null>>;
}

/** Settings that a script may change. */
export const changedSettings = ['wal_level', 'max_replication_slots', 'max_wal_senders', 'max_slot_wal_keep_size'] as const;

const megabyte = 1024 * 1024;

const SERVER = `
  WITH lsn AS (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END AS here)
  SELECT json_build_object(
    'version', current_setting('server_version'),
    'versionNumber', current_setting('server_version_num')::int,
    'database', current_database(),
    'encoding', current_setting('server_encoding'),
    'isStandby', pg_is_in_recovery(),
    'standbyFeedback', current_setting('hot_standby_feedback')::bool,
    'walLevel', current_setting('wal_level'),
    'slotsMax', current_setting('max_replication_slots')::int,
    'sendersMax', current_setting('max_wal_senders')::int,
    'sendersUsed', (SELECT count(*) FROM pg_stat_replication),
    'slots', (SELECT coalesce(json_agg(json_build_object('name', s.slot_name, 'plugin', s.plugin, 'database', s.database, 'active', s.active,
        'activePid', s.active_pid, 'retainedBytes', greatest(pg_wal_lsn_diff(lsn.here, s.restart_lsn), 0), 'walStatus', s.wal_status) ORDER BY s.slot_name), '[]')
      FROM (SELECT * FROM pg_replication_slots LIMIT 1000) s, lsn),
    'keepMegabytes', (SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
    'maxWalBytes', (SELECT setting::bigint FROM pg_settings WHERE name = 'max_wal_size') * ${megabyte},
    'wal', (SELECT json_build_object('bytes', wal_bytes, 'seconds', greatest(extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time())), 1)) FROM pg_stat_wal),
    'walDirectory', has_function_privilege('pg_ls_waldir()', 'EXECUTE'),
    'mayReadSettings', pg_has_role(current_user, 'pg_read_all_settings', 'MEMBER'),
    'sources', (SELECT json_object_agg(name, sourcefile) FROM pg_settings WHERE name = ANY ($1))
  )`;

interface Answer extends Omit<ServerFacts, 'keepBytesMax' | 'walDirectoryBytes' | 'dataDirectory' | 'setByAlterSystem'> {
  readonly keepMegabytes: number;
  readonly walDirectory: boolean;
  readonly mayReadSettings: boolean;
  readonly sources: Readonly<Record<string, string | null>>;
}

/** @throws TrucError SURVEY_* */
export async function readServerFacts(session: SurveySession): Promise<ServerFacts> {
  const { keepMegabytes, walDirectory, mayReadSettings, sources, ...facts } = await session.value<Answer>(
    'reading the settings of the server',
    SERVER,
    [changedSettings],
  );
  const walDirectoryBytes = walDirectory
    ? Number(await session.value<string>('looking at the WAL', 'SELECT sum(size)::bigint FROM pg_ls_waldir()'))
    : null;
  const dataDirectory = mayReadSettings ? await session.value<string>('asking for the data directory', 'SHOW data_directory') : null;
  const setByAlterSystem = changedSettings.map((name): [string, boolean | null] => [
    name,
    mayReadSettings ? (sources[name] ?? '').endsWith('postgresql.auto.conf') : null,
  ]);
  return {
    ...facts,
    keepBytesMax: keepMegabytes < 0 ? null : keepMegabytes * megabyte,
    walDirectoryBytes,
    dataDirectory,
    setByAlterSystem: Object.fromEntries(setByAlterSystem),
  };
}
