import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { isLoopback, refusePlainText } from './loopback.js';
import { reveal, secretText, type SecretText } from './secret.js';
import { tlsTrouble, tlsTroubleOf, type TlsTrouble } from './tls-trouble.js';
import { messageOf, TrucError } from './truc-error.js';

/** How a PostgreSQL client reaches a database: the URL without what it says of TLS, and what that comes to. */
export interface PostgresLine {
  readonly connectionString: string;
  /** false: plain text. */
  readonly ssl: false | ConnectionOptions;
}

/** What a URL says about the line; taken out of it, for the driver would read it in another way. */
const parameters = ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation', 'uselibpqcompat', 'onOneMachine'];
const plainModes = ['disable', 'allow', 'prefer', 'no-verify'];

/**
 * The line that a URL asks for, by libpq's own words: `sslmode`, `sslrootcert`, `sslcert`, `sslkey`. Outside this machine it is `verify-full` unless told otherwise: TLS, a CA that is
 * trusted, and a certificate of this very host. `verify-ca` leaves the host out; `require` is taken as `verify-full`, since whoever asks for encryption wants to know with whom.
 * A URL is revealed and its files are read anew at each call, which is for one connection.
 * @throws TrucError POSTGRES_URL_INVALID, POSTGRES_PLAIN_TEXT, POSTGRES_TLS_FILE_UNREADABLE; none repeats the URL
 */
export function postgresLine(secretUrl: SecretText): PostgresLine {
  const { url, host, mode } = lineOf(reveal(secretUrl));
  const file = (name: string): Buffer | null => pemOf(url.searchParams.get(name));
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')];
  const stripped = new URL(url);
  for (const name of parameters) stripped.searchParams.delete(name);
  const connectionString = stripped.href;
  if (mode === 'plain') return { connectionString, ssl: false };
  return {
    connectionString,
    ssl: {
      host,
      minVersion: 'TLSv1.2',
      ...(ca === null ? {} : { ca }),
      ...(cert === null ? {} : { cert }),
      ...(key === null ? {} : { key }),
      ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    },
  };
}

/** For a pool, which makes connections by itself: what the URL says, with its password looked up at each of them. @throws as `postgresLine` */
export function postgresPoolLogin(secretUrl: SecretText) {
  const { connectionString, ssl } = postgresLine(secretUrl);
  const url = new URL(connectionString);
  const { host } = lineOf(connectionString);
  const user = decoded(url.username);
  const password = (): string => decoded(new URL(postgresLine(secretUrl).connectionString).password);
  return {
    host: host === '' ? 'localhost' : host,
    port: url.port === '' ? 5432 : Number(url.port),
    database: decoded(url.pathname.slice(1)) || user,
    ssl,
    ...(user === '' ? {} : { user }),
    ...(url.password === '' ? {} : { password }),
  };
}

/**
 * What TLS had against a connection that failed; null where it was something else.
 * @param stream of the driver's connection: a server without TLS answers the request for it with one byte, for which the driver has a sentence and no code
 */
export function postgresTlsTrouble(error: unknown, { ssl }: PostgresLine, stream: object): TlsTrouble | null {
  if (ssl === false) return null;
  const { bytesRead, encrypted } = stream as { readonly bytesRead?: number; readonly encrypted?: boolean };
  return tlsTroubleOf(error) ?? (encrypted !== true && bytesRead === 1 ? tlsTrouble('not-offered') : null);
}

/** Schema of a PostgreSQL URL as a setting: what would be refused at the first connection is refused at the start. */
export const postgresUrl = secretText.superRefine((value, context) => {
  try {
    lineOf(reveal(value));
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
  }
});

interface AskedLine {
  readonly url: URL;
  readonly host: string;
  readonly mode: 'plain' | 'verify-ca' | 'verify-full';
}

function lineOf(text: string): AskedLine {
  const url = parsed(text.trim());
  // The driver lets the parameter win.
  const host = decoded(url.searchParams.get('host') ?? url.hostname).replace(/^\[|\]$/g, '');
  const asked = url.searchParams.get('sslmode') ?? modeOfFlag(url.searchParams.get('ssl'));
  if (asked === null) return { url, host, mode: host === '' || isLoopback(host) ? 'plain' : 'verify-full' };
  if (asked === 'verify-ca') return { url, host, mode: 'verify-ca' };
  if (asked === 'verify-full' || asked === 'require') return { url, host, mode: 'verify-full' };
  if (!plainModes.includes(asked)) {
    throw new TrucError(
      'POSTGRES_URL_INVALID',
      `the URL of the database at ${host} asks for a sslmode that there is not: write verify-full, which is the default, or verify-ca`,
    );
  }
  const onOneMachine = asked === 'disable' && url.searchParams.get('onOneMachine') === 'true';
  refusePlainText(
    { host: host === '' ? 'localhost' : host, onOneMachine },
    {
      code: 'POSTGRES_PLAIN_TEXT',
      what: 'PostgreSQL',
      cure: `Take sslmode=${asked} out of its URL (verify-full is the default), and name the CA with sslrootcert=FILE where it is one of your own`,
    },
  );
  return { url, host, mode: 'plain' };
}

function parsed(text: string): URL {
  const url = URL.parse(text.replace(/^(postgres(?:ql)?:\/\/[^@/]*@)(?=\/)/, '$1localhost'));
  if (url !== null && /^postgres(ql)?:$/.test(url.protocol)) return url;
  throw new TrucError(
    'POSTGRES_URL_INVALID',
    'the URL of a database is not one of PostgreSQL: write it as postgres://user:password@host:5432/database, with % signs for special characters (@ is %40)',
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function modeOfFlag(flag: string | null): string | null {
  if (flag === null) return null;
  return ['0', 'false', 'off'].includes(flag) ? 'disable' : 'verify-full';
}

function pemOf(path: string | null): Buffer | null {
  if (path === null || path === 'system') return null;
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new TrucError(
      'POSTGRES_TLS_FILE_UNREADABLE',
      `the TLS file ${path} that the URL of the database names cannot be read: ${messageOf(cause)}; check the path, which is best written from the root, and its permissions`,
      { retry: true, cause },
    );
  }
}
