import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { postgresLine, postgresTlsTrouble, tlsError, TrucError, type SecretText } from '@truc/kernel';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { ApplyLimits } from './apply-limits.js';
import { classifyDatabaseError } from './database-error.js';

export interface SessionOptions {
  /** Revealed at each connection. */
  readonly connectionString: SecretText;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly limits: ApplyLimits;
}

/** The server ends a statement first; only one that does not answer at all is given up on this side. */
const GIVE_UP_MARGIN_MS = 5_000;
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * One connection, used by one call at a time. Every error that leaves it is a TrucError.
 *
 * State: open until the connection is lost or closed; never open again. Whoever holds it asks `usable` and opens another.
 */
export class Session {
  readonly #client: pg.Client;
  readonly #limits: ApplyLimits;
  #usable = true;

  private constructor(client: pg.Client, limits: ApplyLimits) {
    this.#client = client;
    this.#limits = limits;
    client.on('error', () => (this.#usable = false));
    client.on('end', () => (this.#usable = false));
  }

  /** @throws TrucError APPLY_CONNECTION_LOST, APPLY_LOGIN_REFUSED, APPLY_DATABASE_ENCODING, APPLY_TLS_* (retry); those of `postgresLine` */
  static async open({ connectionString, applicationName, limits }: SessionOptions): Promise<Session> {
    const line = postgresLine(connectionString);
    const client = new pg.Client({
      ...line,
      application_name: applicationName.slice(0, 63),
      connectionTimeoutMillis: limits.connectTimeoutMs,
      keepAlive: true,
    });
    const session = new Session(client, limits);
    try {
      await client.connect();
    } catch (error) {
      const trouble = postgresTlsTrouble(error, line, client.connection.stream);
      if (trouble !== null) throw tlsError('APPLY', `PostgreSQL at ${client.host}:${client.port}`, trouble, error);
      throw classifyDatabaseError(error, 'connecting to the target database');
    }
    const { rows } = await session.query<{ encoding: string }>(
      `SELECT current_setting('server_encoding') AS encoding, set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),
              set_config('idle_in_transaction_session_timeout', $3, false), set_config('client_min_messages', 'warning', false)`,
      [limits.statementTimeoutMs, limits.lockTimeoutMs, limits.idleInTransactionTimeoutMs].map((ms) => `${ms}ms`),
    );
    const encoding = rows[0]?.encoding;
    if (encoding !== 'UTF8') {
      await session.close();
      throw new TrucError(
        'APPLY_DATABASE_ENCODING',
        `the target database has the encoding ${encoding}, which cannot hold every text of the dictionary. Create it with ENCODING 'UTF8'`,
      );
    }
    return session;
  }

  get usable(): boolean {
    return this.#usable;
  }

  async query<R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<pg.QueryResult<R>> {
    return this.#answered(() => this.#client.query<R>(text, values));
  }

  /** Sends the chunks as fast as the server takes them. @param sql COPY ... FROM STDIN */
  async copyIn(sql: string, chunks: Iterable<Buffer>): Promise<void> {
    const source = { failure: undefined as unknown };
    // What the stream throws into a generator at its `yield` is the connection's failure, and not that of whoever makes the chunks.
    function* watched(): Generator<Buffer> {
      const made = chunks[Symbol.iterator]();
      try {
        for (;;) {
          const next = nextOf(made, source);
          if (next === null) return;
          yield next;
        }
      } finally {
        made.return?.();
      }
    }
    await this.#answered(async () => {
      const stream = this.#client.query(copyFrom(sql));
      await pipeline(Readable.from(watched(), { objectMode: true, highWaterMark: 1 }), stream).catch((error: unknown) => {
        throw source.failure === undefined ? error : notWritable(source.failure);
      });
    });
  }

  /** The server's bytes at the reader's pace. A reader that leaves early closes the session. @param sql COPY ... TO STDOUT */
  async *copyOut(sql: string): AsyncGenerator<Buffer> {
    const stream = this.#client.query(copyTo(sql));
    try {
      for await (const chunk of stream) yield chunk as Buffer;
    } catch (error) {
      throw classifyDatabaseError(error, 'reading from the target database');
    } finally {
      if (!stream.readableEnded) await this.close();
    }
  }

  /**
   * Runs `work` in a transaction; rolls back whatever it throws. Constraints of the table's owner are checked row by row, not at the commit, so that a row can be blamed.
   * @throws TrucError APPLY_CONNECTION_LOST also when the commit was sent and not answered: then nobody knows but the stored offsets
   */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.query('BEGIN; SET CONSTRAINTS ALL IMMEDIATE');
    try {
      const result = await work();
      await this.query('COMMIT');
      return result;
    } catch (error) {
      if (this.#usable) await this.query('ROLLBACK').catch(() => this.close());
      throw error;
    }
  }

  /** Runs `work` so that its failure undoes only what it did. Inside a transaction. */
  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    await this.query('SAVEPOINT truc');
    try {
      const result = await work();
      await this.query('RELEASE SAVEPOINT truc');
      return result;
    } catch (error) {
      if (this.#usable) await this.query('ROLLBACK TO SAVEPOINT truc; RELEASE SAVEPOINT truc');
      throw error;
    }
  }

  /** Never waits long for a server that does not answer. */
  async close(): Promise<void> {
    this.#usable = false;
    const { stream } = (this.#client as unknown as { connection: { stream: { destroy(): void } } }).connection;
    const timer = setTimeout(() => stream.destroy(), CLOSE_TIMEOUT_MS);
    await this.#client.end().catch(() => undefined);
    clearTimeout(timer);
  }

  /** Gives the connection up when no answer comes, e.g. because the network was cut: the pending call then fails as lost. */
  async #answered<T>(call: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => void this.close(), this.#limits.statementTimeoutMs + GIVE_UP_MARGIN_MS);
    try {
      return await call();
    } catch (error) {
      const classified = classifyDatabaseError(error, 'at the target database');
      if (classified.code === 'APPLY_CONNECTION_LOST') void this.close();
      throw classified;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The next chunk, or null at the end; a failure to make it is noted. */
function nextOf(made: Iterator<Buffer>, source: { failure: unknown }): Buffer | null {
  try {
    const next = made.next();
    return next.done === true ? null : next.value;
  } catch (error) {
    source.failure = error;
    throw error;
  }
}

/** Rows were checked before, so this is a fault of ours. What Node says about a value that does not fit quotes it, and values stay out of errors. */
function notWritable(failure: unknown): TrucError {
  if (failure instanceof TrucError) return failure;
  const kind = failure instanceof Error ? failure.name : typeof failure;
  return new TrucError('APPLY_FAILED', `a row could not be put into the form of COPY (${kind}); nothing was written`);
}
