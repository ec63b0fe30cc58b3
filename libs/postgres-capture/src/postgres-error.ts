import { messageOf, TrucError } from '@truc/kernel';

/** SQLSTATE of an error that PostgreSQL answered, or the code of a socket error. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Data exceptions, broken constraints and what a function in the source raised: the server's message quotes values of rows there. */
const QUOTES_VALUES = /^(22|23|P0)/;

/**
 * The one place where what PostgreSQL or the socket throws becomes one of our errors. Decided by SQLSTATE (PostgreSQL documentation, appendix A), never by text.
 * No value of a row goes into the error: where the message may quote one it is left out, and the driver's error, whose detail may too, is then not kept as a cause.
 * @param doing what was being done, to follow "while": `reading the slot "truc"`
 */
export function captureError(error: unknown, doing: string): TrucError {
  if (error instanceof TrucError) return error;
  const state = codeOf(error);
  if (QUOTES_VALUES.test(state)) {
    return new TrucError(
      'CAPTURE_POSTGRES_ERROR',
      `while ${doing}: the source refused it with SQLSTATE ${state}; its own log says for which value`,
    );
  }
  const said = `while ${doing}: ${messageOf(error)}`;
  const make = (code: string, advice: string, retry = false) => new TrucError(code, `${said}. ${advice}`, { retry, cause: error });
  switch (state) {
    case '28000':
    case '28P01':
    case '3D000':
      return make(
        'CAPTURE_ACCESS_REFUSED',
        'Check user, password, database and pg_hba.conf of the source; the role needs LOGIN and REPLICATION',
      );
    case '42501':
      return make(
        'CAPTURE_NOT_PERMITTED',
        'Grant the role REPLICATION, and SELECT on the published columns (truc source check writes the SQL); it may not be subject to row security there',
      );
    case '55006':
      return make(
        'CAPTURE_SLOT_ACTIVE',
        'Another connection reads this slot: a second agent with the same identity, or one that has just ended',
        true,
      );
    case '55P03':
      return make('CAPTURE_TABLE_LOCKED', 'Somebody holds a table there (VACUUM FULL, TRUNCATE, ALTER TABLE): it is tried again', true);
    case '58P01':
      return make('CAPTURE_SLOT_LOST', 'The log that the slot needs is no longer on the server');
    case '42704':
      return make('CAPTURE_OBJECT_MISSING', 'The slot or the publication is not there, or was not yet there at the LSN that is being read');
    case '42P01':
    case '42703':
      return make('CAPTURE_TABLE_CHANGED', 'A table or column of the mapping is no longer there: compare the mapping with the source');
    case '53300':
    case '53400':
      return make('CAPTURE_SERVER_FULL', 'Raise max_wal_senders, max_replication_slots or max_connections at the source', true);
    default:
      break;
  }
  // 08 connection, 57 operator intervention (shutdown, failover, cancel), 40 rollback, 53 resources; a code of five characters is an SQLSTATE, the rest are of the socket.
  if (!/^[0-9A-Z]{5}$/.test(state) || /^(08|57|40|53)/.test(state)) {
    return make('CAPTURE_CONNECTION_LOST', 'The stream starts again from the stored position', true);
  }
  return make('CAPTURE_POSTGRES_ERROR', `SQLSTATE ${state}`);
}
