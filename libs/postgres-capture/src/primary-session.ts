import { TrucError, type SecretText } from '@truc/kernel';
import type { Client } from 'pg';
import type { CaptureLog } from './capture-options.js';
import { captureError } from './postgres-error.js';
import type { SlotFacts } from './slot-verdict.js';
import { openSession, textRows } from './source-session.js';

/** PostgreSQL decodes on a standby from this version on. */
const STANDBY_VERSION_MIN = 160_000;
const SNAPSHOT_ASK_MS = 1_000;

/**
 * Connects to the primary of the standby that is captured from. A standby writes nothing into the log, so whatever is to come by in it is written there.
 * @param standby a session of the standby @throws TrucError CAPTURE_STANDBY_TOO_OLD, CAPTURE_PRIMARY_WRONG, CAPTURE_WAL_LEVEL and those of a connection
 */
export async function openPrimary(
  primaryUrl: SecretText,
  standby: Client,
  { systemIdentifier }: SlotFacts,
  log: CaptureLog,
): Promise<Client> {
  await checkStandby(standby, log);
  const primary = await openSession(primaryUrl);
  try {
    await primary.query('SET synchronous_commit = local; SET statement_timeout = 0');
    const [[identifier, inRecovery, walLevel] = []] = await textRows(
      primary,
      "SELECT (SELECT system_identifier FROM pg_control_system()), pg_is_in_recovery(), current_setting('wal_level')",
    );
    if (identifier !== systemIdentifier || inRecovery === 't') {
      const what = inRecovery === 't' ? 'a standby itself' : `the cluster ${identifier}, and the standby belongs to ${systemIdentifier}`;
      throw new TrucError(
        'CAPTURE_PRIMARY_WRONG',
        `primaryUrl of the source leads to ${what}: name the server that the standby follows; after a failover, the new one`,
        { retry: true },
      );
    }
    if (walLevel !== 'logical') {
      throw new TrucError(
        'CAPTURE_WAL_LEVEL',
        `wal_level of the primary is ${walLevel}, and its standbys decode what it writes: ALTER SYSTEM SET wal_level = 'logical' there, and restart it`,
      );
    }
    return primary;
  } catch (error) {
    primary.connection.stream.destroy();
    throw captureError(error, 'looking at the primary of the source');
  }
}

async function checkStandby(standby: Client, log: CaptureLog): Promise<void> {
  const [[version, feedback] = []] = await textRows(
    standby,
    "SELECT current_setting('server_version_num'), current_setting('hot_standby_feedback')",
  );
  if (Number(version) < STANDBY_VERSION_MIN) {
    throw new TrucError(
      'CAPTURE_STANDBY_TOO_OLD',
      `the source is a standby of PostgreSQL ${version}, which decodes on the primary only: name the primary as the source, or upgrade to version 16 or later`,
    );
  }
  if (feedback === 'off') {
    log(
      'warn',
      "hot_standby_feedback of the standby is off: the primary may remove rows of its catalogue that the slot still needs, and the slot is lost then. ALTER SYSTEM SET hot_standby_feedback = 'on' there",
    );
  }
}

/**
 * Does `work`, which waits for the primary to write down its running transactions, as the creation of a slot on a standby does. It writes them every 15 s where it has
 * anything to do; asked for it, at once.
 */
export async function whilePrimaryTells<T>(primary: Client, log: CaptureLog, work: () => Promise<T>): Promise<T> {
  let isDone = false;
  let timer: NodeJS.Timeout | undefined;
  const ask = async (): Promise<void> => {
    try {
      await textRows(primary, 'SELECT pg_log_standby_snapshot()');
    } catch (error) {
      log(
        'warn',
        `the primary cannot be asked to tell of its transactions (${captureError(error, 'asking').code}); the slot on the standby waits until it does by itself. ` +
          'GRANT EXECUTE ON FUNCTION pg_log_standby_snapshot() TO the role that captures',
      );
      return;
    }
    if (!isDone) timer = setTimeout(() => void ask(), SNAPSHOT_ASK_MS);
  };
  const asking = ask();
  try {
    return await work();
  } finally {
    isDone = true;
    await asking;
    clearTimeout(timer);
  }
}
