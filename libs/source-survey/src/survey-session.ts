import pg from 'pg';
import { postgresLine, postgresTlsTrouble, tlsError, TrucError } from '@truc/kernel';
import { parseAddress, surveyError, type DatabaseAddress } from './survey-error.js';

/** The oldest PostgreSQL whose catalogues are read here. */
const versionMin = 140_000;
const connectTimeoutMs = 10_000;
const lockTimeoutMs = 2_000;
export const statementTimeoutMsDefault = 15_000;
/** Values stay in the text form in which they came. */
const asText = { getTypeParser: () => (text: string) => text } as NonNullable<pg.QueryConfig['types']>;

export interface SessionOptions {
  /** After which PostgreSQL gives a statement up. Default 15 s. */
  readonly statementTimeoutMs?: number;
  /** Gives everything up. */
  readonly signal?: AbortSignal | undefined;
}

/** One connection to somebody's database. What it reads is bounded in rows by its queries and in time by the server. */
export class SurveySession {
  readonly address: DatabaseAddress;
  /** server_version_num, as in 180004. */
  readonly version: number;
  readonly #client: pg.Client;

  constructor(client: pg.Client, address: DatabaseAddress, version: number) {
    this.#client = client;
    this.address = address;
    this.version = version;
  }

  /** @param doing to follow "while" in an error @throws TrucError SURVEY_* */
  async rows<T extends pg.QueryResultRow>(doing: string, sql: string, values: readonly unknown[] = []): Promise<T[]> {
    try {
      return (await this.#client.query<T>(sql, values as unknown[])).rows;
    } catch (error) {
      throw surveyError(error, this.address, doing);
    }
  }

  /** Rows as arrays of values in PostgreSQL's own text. @param doing to follow "while" in an error @throws TrucError SURVEY_* */
  async texts(doing: string, sql: string, values: readonly unknown[] = []): Promise<(string | null)[][]> {
    try {
      return (await this.#client.query<(string | null)[]>({ text: sql, values: [...values], rowMode: 'array', types: asText })).rows;
    } catch (error) {
      throw surveyError(error, this.address, doing);
    }
  }

  /** Does something and gives back what PostgreSQL had against it; null where it was done. */
  async attempt(sql: string): Promise<Error | null> {
    try {
      await this.#client.query(sql);
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** An error in one sentence. @param doing to follow "while" */
  told(doing: string, error: unknown): TrucError {
    return surveyError(error, this.address, doing);
  }

  /** The first row's only column. @throws TrucError SURVEY_* */
  async value<T>(doing: string, sql: string, values: readonly unknown[] = []): Promise<T> {
    const [row] = await this.rows<Record<string, T>>(doing, sql, values);
    return Object.values(row ?? {})[0] as T;
  }
}

/**
 * Connects for one piece of work and closes. Unless `mayWrite`, PostgreSQL itself refuses to change anything.
 * @throws TrucError SURVEY_URL_INVALID, SURVEY_TOO_OLD, SURVEY_TLS_*, and those of the way to a database and of `postgresLine`
 */
export async function withSurveySession<T>(
  url: string,
  options: SessionOptions & { readonly mayWrite?: boolean },
  work: (session: SurveySession) => Promise<T>,
): Promise<T> {
  const { statementTimeoutMs = statementTimeoutMsDefault, mayWrite = false, signal } = options;
  const address = parseAddress(url);
  const line = postgresLine(url);
  const client = new pg.Client({
    ...line,
    application_name: 'truc-source',
    connectionTimeoutMillis: connectTimeoutMs,
  });
  // A lost connection also rejects the query under way; without a listener the event alone would end the process.
  client.on('error', () => undefined);
  const leave = (): void => void client.connection.stream.destroy();
  signal?.addEventListener('abort', leave);
  try {
    signal?.throwIfAborted();
    await client.connect();
    const settings = [
      "SET search_path = 'pg_catalog'",
      "SET client_encoding = 'UTF8'",
      "SET datestyle = 'ISO, YMD'",
      "SET timezone = 'UTC'",
      `SET statement_timeout = ${statementTimeoutMs}`,
      `SET lock_timeout = ${lockTimeoutMs}`,
      ...(mayWrite ? [] : ['SET default_transaction_read_only = on']),
    ];
    await client.query(settings.join('; '));
    const { rows } = await client.query<{ version: number; text: string }>(
      "SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS text",
    );
    const { version = 0, text = '' } = rows[0] ?? {};
    refuseTooOld(version, text, address);
    return await work(new SurveySession(client, address, version));
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    const trouble = postgresTlsTrouble(error, line, client.connection.stream);
    if (trouble !== null) throw tlsError('SURVEY', `PostgreSQL at ${address.host}:${address.port}`, trouble, error);
    throw surveyError(error, address, 'connecting');
  } finally {
    signal?.removeEventListener('abort', leave);
    await client.end().catch(() => undefined);
  }
}

/** @throws TrucError SURVEY_TOO_OLD */
export function refuseTooOld(version: number, text: string, { host, port }: Pick<DatabaseAddress, 'host' | 'port'>): void {
  if (version >= versionMin) return;
  throw new TrucError(
    'SURVEY_TOO_OLD',
    `${host}:${port} runs PostgreSQL ${text}, and Truc reads from version 14 on: upgrade the server first (docs/guides/source-agency.md)`,
  );
}
