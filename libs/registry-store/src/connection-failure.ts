import { messageOf } from '@truc/kernel';
import pg from 'pg';
import { QueryFailedError, QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError, TypeORMError } from 'typeorm';

/** No connection could be had. `cause` is what the driver says, which names no kind of most of its errors. */
class NoConnection extends Error {
  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
    this.name = 'NoConnection';
  }
}

type Connected = Parameters<pg.Pool['connect']>[0];

/** A pool that tells, by its kind, the error of a connection that could not be had from every other error. */
export class TellingPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | void {
    if (callback === undefined) {
      return super.connect().catch((cause: unknown) => {
        throw new NoConnection(cause);
      });
    }
    super.connect((error, client, done) =>
      callback(error === undefined || error === null ? undefined : new NoConnection(error), client, done),
    );
  }
}

/** What PostgreSQL says by its code (SQLSTATE); null where it said nothing. */
export function sqlState(error: unknown): string | null {
  const said = error instanceof QueryFailedError ? error.driverError : error instanceof NoConnection ? error.cause : error;
  // EPIPE, which is none, has the form of one.
  return said instanceof pg.DatabaseError ? (said.code ?? null) : null;
}

/**
 * Whether an error without a code of PostgreSQL is one of the connection: none could be had, a statement was sent and no answer came, the connection broke while nothing was asked, or the pool is closed. Everything
 * else is a mistake of ours.
 */
export function isOfConnection(error: unknown): boolean {
  if (error instanceof NoConnection) return true;
  // The runner lets go of a connection that breaks, and then knows nothing more of it.
  if (error instanceof QueryRunnerAlreadyReleasedError || error instanceof QueryRunnerProviderAlreadyReleasedError) return true;
  // The plain kind is what TypeORM says of a pool that was closed; everything else that it throws has a kind of its own.
  if (error instanceof TypeORMError && Object.getPrototypeOf(error) === TypeORMError.prototype) return true;
  return error instanceof QueryFailedError && !isMistake(error.driverError);
}

/** A value that the driver cannot send, as an example. */
function isMistake(error: unknown): boolean {
  return [TypeError, ReferenceError, RangeError, SyntaxError].some((kind) => error instanceof kind);
}
