import { postgresLine, postgresTlsTrouble, tlsError, type SecretText } from '@truc/kernel';
import pg, { type Client, type ClientConfig } from 'pg';
import { captureError } from './postgres-error.js';

/**
 * Every setting that a type's text form depends on. The walsender and the reader of snapshots use the same ones, so that a row of a snapshot and the same row of
 * the stream have equal text. `row_security = off` makes a table that row security would filter an error rather than a snapshot that lacks rows.
 */
const SETTINGS = [
  "SET client_encoding = 'UTF8'",
  "SET datestyle = 'ISO, YMD'",
  "SET intervalstyle = 'postgres'",
  "SET timezone = 'UTC'",
  'SET extra_float_digits = 1',
  "SET bytea_output = 'hex'",
  "SET lc_monetary = 'C'",
  "SET search_path = 'pg_catalog'",
  'SET row_security = off',
].join('; ');

/**
 * The server lets go of the slot of a reader that has been silent for so long, so that another may take over from a process that was stopped or cut off. Readers of
 * ours answer every second; the server's own default of 60 s is for those that it need not wait for.
 */
const REPLICATION_SETTINGS = `${SETTINGS}; SET wal_sender_timeout = '15s'`;

const CONNECT_TIMEOUT_MS = 10_000;
/** Values stay in the text form in which they came. */
const asText = { getTypeParser: () => (text: string) => text };

/**
 * A connection with the settings above and every value as text.
 * @param mode `replication` speaks the walsender's commands and plain SQL without parameters
 * @throws TrucError CAPTURE_ACCESS_REFUSED, CAPTURE_CONNECTION_LOST (retry), CAPTURE_SERVER_FULL (retry), CAPTURE_TLS_* (retry); those of `postgresLine`
 */
export async function openSession(url: SecretText, mode: 'query' | 'replication' = 'query'): Promise<Client> {
  const line = postgresLine(url);
  const config: ClientConfig & { replication?: string } = {
    ...line,
    application_name: 'truc-capture',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: asText as NonNullable<ClientConfig['types']>,
    ...(mode === 'replication' ? { replication: 'database' } : {}),
  };
  const client = new pg.Client(config);
  // A lost connection also rejects the query under way; without a listener the event alone would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(mode === 'replication' ? REPLICATION_SETTINGS : SETTINGS);
    return client;
  } catch (error) {
    const trouble = postgresTlsTrouble(error, line, client.connection.stream);
    await client.end().catch(() => undefined);
    if (trouble !== null) throw tlsError('CAPTURE', `PostgreSQL at ${client.host}:${client.port}`, trouble, error);
    throw captureError(error, 'connecting to the source database');
  }
}

/** Opens a session for one piece of work and closes it. @throws TrucError */
export async function withSession<T>(
  url: SecretText,
  doing: string,
  work: (client: Client) => Promise<T>,
  mode: 'query' | 'replication' = 'query',
): Promise<T> {
  const client = await openSession(url, mode);
  try {
    return await work(client);
  } catch (error) {
    throw captureError(error, doing);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Rows of a query as arrays of text. */
export async function textRows(client: Client, text: string, values: readonly (string | number)[] = []): Promise<(string | null)[][]> {
  const result = await client.query<(string | null)[]>({ text, values: [...values], rowMode: 'array' });
  return result.rows;
}
