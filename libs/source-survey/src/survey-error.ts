import { messageOf, TrucError } from '@truc/kernel';

/** A database by its address as it may be shown: never with a password. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly hasPassword: boolean;
}

const sayHow = 'write it as postgres://user:password@host:5432/database';

/** @throws TrucError SURVEY_URL_INVALID, which does not repeat the text: it may hold a password */
export function parseAddress(text: string): DatabaseAddress {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw new TrucError(
      'SURVEY_URL_INVALID',
      `the URL of the database is not one: ${sayHow}, with % signs for special characters (@ is %40)`,
    );
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    throw new TrucError('SURVEY_URL_INVALID', `the URL of the database begins with ${url.protocol}//, which is not PostgreSQL: ${sayHow}`);
  const user = decoded(url.username);
  return {
    host: (url.searchParams.get('host') || url.hostname || 'localhost').replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 5432 : Number(url.port),
    database: decoded(url.pathname.slice(1)) || user,
    user,
    hasPassword: url.password !== '',
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TrucError('SURVEY_URL_INVALID', `a % sign in the URL of the database stands for itself only as %25: ${sayHow}`);
  }
}

/** SQLSTATE of an answer, or the code of a socket error; empty where there is neither. */
export function stateOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * What went wrong on the way to a database, in one sentence with what to do; decided by SQLSTATE and by codes of sockets, never by text.
 * PostgreSQL's own words are left out where they could quote a value of a row.
 * @param doing to follow "while": `reading the catalogue`
 */
export function surveyError(error: unknown, { host, port, database, user, hasPassword }: DatabaseAddress, doing: string): TrucError {
  if (error instanceof TrucError) return error;
  const place = `${host}:${port}`;
  const state = stateOf(error);
  const make = (code: string, sentence: string): TrucError => new TrucError(code, sentence);
  switch (state) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return make(
        'SURVEY_HOST_UNKNOWN',
        `nobody knows the host "${host}": look at the name in the URL, and whether this machine can resolve it`,
      );
    case 'ECONNREFUSED':
      return make(
        'SURVEY_REFUSED',
        `nothing answers at ${place}: look at host and port, whether PostgreSQL runs, and whether its listen_addresses and the firewall let this machine in`,
      );
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return make('SURVEY_UNREACHABLE', `${place} cannot be reached from this machine: ask for the way through the firewall to be opened`);
    case '28P01':
      return make(
        'SURVEY_PASSWORD',
        hasPassword
          ? `PostgreSQL at ${place} does not accept the password of "${user}": look at it, with special characters written with % signs`
          : `PostgreSQL at ${place} asks for a password of "${user}": put it into the URL, into the variable PGPASSWORD, or into ~/.pgpass`,
      );
    case '28000':
      return make(
        'SURVEY_NOT_ADMITTED',
        `PostgreSQL at ${place} does not let "${user}" into "${database}" from this machine: add a line to its pg_hba.conf (hostssl ${database} ${user} <address> scram-sha-256) and reload it; a line that begins with hostssl asks for TLS, which goes without saying outside this machine`,
      );
    case '3D000':
      return make('SURVEY_DATABASE_UNKNOWN', `PostgreSQL at ${place} has no database "${database}": look at the end of the URL`);
    case '53300':
      return make('SURVEY_SERVER_FULL', `PostgreSQL at ${place} has no connection left: try again, or raise max_connections`);
    case '57P03':
      return make('SURVEY_SERVER_STARTING', `PostgreSQL at ${place} is starting or stopping: try again in a minute`);
    case '57014':
    case '55P03':
      return make(
        'SURVEY_TOO_SLOW',
        `while ${doing}: PostgreSQL at ${place} took longer than the limit, or somebody holds a lock: try again when it is less busy, or give more time with --timeout`,
      );
    case '42501':
      return make('SURVEY_NOT_PERMITTED', `while ${doing}: "${user}" may not do this at ${place} (${messageOf(error)})`);
    default:
      break;
  }
  if (/^(22|23|P0)/.test(state))
    return make('SURVEY_POSTGRES_ERROR', `while ${doing}: PostgreSQL at ${place} refused it with SQLSTATE ${state}`);
  if (/^[0-9A-Z]{5}$/.test(state))
    return make('SURVEY_POSTGRES_ERROR', `while ${doing}: PostgreSQL at ${place} says ${messageOf(error)} (SQLSTATE ${state})`);
  const password = hasPassword ? '' : '; the URL has no password, which may be the reason';
  return make('SURVEY_CONNECTION', `the connection to ${place} did not hold while ${doing} (${messageOf(error)})${password}`);
}
