import { setImmediate as nextTurn } from 'node:timers/promises';
import pg from 'pg';

/** A writer's connection, which knows whether it is still there: that tells a lost connection from a statement that was refused. */
export class WriterConnection {
  readonly client: pg.Client;
  #isLost = false;

  constructor(sourceUrl: string) {
    this.client = new pg.Client({ connectionString: sourceUrl, application_name: 'checker writer' });
    // Of a connection that nothing was asked of at that moment; its end may be told later than the next statement fails.
    this.client.on('error', () => (this.#isLost = true));
    this.client.once('end', () => (this.#isLost = true));
  }

  async open(): Promise<void> {
    await this.client.connect();
    await this.client.query(`SET timezone = 'Asia/Ho_Chi_Minh'`);
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }

  /** Whether a failure is of the connection, the server's shutdown or its start; anything else is a statement's own. */
  async isLostBy(error: unknown): Promise<boolean> {
    if (error instanceof pg.DatabaseError) return /^(08|57P)/.test(error.code ?? '');
    if ((error as NodeJS.ErrnoException).syscall !== undefined) return true;
    // A connection's end is told right behind the failures that come of it.
    await nextTurn();
    return this.#isLost;
  }
}
