import { messageOf, TrucError } from '@truc/kernel';
import pg from 'pg';

/** The database refused one or more rows of a statement: found by bisecting, never seen outside this room. */
export const ROW_REFUSED = 'APPLY_ROW_REFUSED';

/**
 * What an error of the driver or of the server means, decided on its SQLSTATE alone.
 *
 * The server's message may quote values of rows (classes 22, 23), and its detail does: neither goes into those errors, and the driver's error is not kept as a cause.
 * @param doing what was being done, e.g. `applying to the database`
 */
export function classifyDatabaseError(error: unknown, doing: string): TrucError {
  if (error instanceof TrucError) return error;
  if (!(error instanceof pg.DatabaseError) || error.code === undefined) {
    return new TrucError(
      'APPLY_CONNECTION_LOST',
      `${doing}: the connection to the database was lost (${messageOf(error)}). Take the partitions again and continue from the stored offsets`,
      { retry: true },
    );
  }
  const state = error.code;
  const said = `${doing}: ${error.message} (SQLSTATE ${state})`;
  switch (state) {
    case '40001':
    case '40P01':
    case '55P03':
    case '57014':
      return new TrucError('APPLY_CONFLICT', `${said}. Nothing was written; try again`, { retry: true });
    case '42501':
      return new TrucError(
        'APPLY_NOT_ALLOWED',
        `${said}. The role needs CREATE and TEMPORARY on the database: GRANT CREATE, TEMPORARY ON DATABASE <database> TO <role>, and must own the tables it applies to`,
      );
    case '42P01':
    case '42703':
    case '42804':
    case '42P10':
      return new TrucError('APPLY_TABLE_CHANGED', `${said}. The table was changed by somebody else; it is looked at anew at the next try`, {
        retry: true,
      });
    case '57P01':
    case '57P02':
    case '57P03':
    case '57P05':
    case '25P03':
      return lost(said);
    case 'P0001':
      return refusedRow(error);
  }
  switch (state.slice(0, 2)) {
    case '08':
      return lost(said);
    case '22':
    case '23':
    case '54':
      return refusedRow(error);
    case '53':
      return new TrucError('APPLY_DATABASE_EXHAUSTED', `${said}. Free space, memory or connections at the database`, { retry: true });
    case '28':
    case '3D':
      return new TrucError('APPLY_LOGIN_REFUSED', `${said}. Check user, password, database and pg_hba.conf`);
    default:
      return new TrucError('APPLY_FAILED', said);
  }
}

function lost(said: string): TrucError {
  return new TrucError('APPLY_CONNECTION_LOST', `${said}. Take the partitions again and continue from the stored offsets`, { retry: true });
}

/** Names the rule that the row broke and where, never the value. */
function refusedRow(error: pg.DatabaseError): TrucError {
  const parts = [`the database refused it with SQLSTATE ${error.code}`];
  if (error.constraint) parts.push(`constraint ${error.constraint}`);
  if (error.column) parts.push(`column ${error.column}`);
  return new TrucError(ROW_REFUSED, parts.join(', '));
}
