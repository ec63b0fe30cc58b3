import { postgresLine, withinMs, type SecretText } from '@truc/kernel';
import { Client } from 'pg';
import type { ReadFreshness } from './remembered-reads.js';

/** Channel on which registries that share a database tell each other that ids mean something else than before. */
const channel = 'truc_registry_ids';

/** How often the feed asks whether it still hears, in milliseconds. */
const beatMs = 500;
/** Silence after which nothing that is remembered is taken for true, in milliseconds. */
const silenceMs = 2_000;
const connectMs = 5_000;
/** Pause before a lost feed is opened again, in milliseconds. */
const reopenMs = 500;
/** How long a server may take to let go of a connection, in milliseconds: one that is frozen never does. */
const farewellMs = 1_000;

/** Tells all registries on the database, with the commit of the change that `query` belongs to. */
export async function announceChange(query: (sql: string) => Promise<unknown>): Promise<void> {
  await query(`NOTIFY ${channel}`);
}

/**
 * Hears when what an id means has changed, through whichever registry on the database, so that a schema that was read once need not be asked for again. A new schema changes nothing of it: deletions do, and
 * a known schema under another subject.
 *
 * PostgreSQL sends what was committed before a question ahead of the answer to it. An answered beat therefore means that everything up to the moment at which it was asked has been heard; after two seconds
 * without one, and from the loss of the connection on, nothing that is remembered counts as true. A permanent deletion through one registry is thus seen by the others at once, and by one that is cut off from
 * the database within two seconds.
 */
export class ChangeFeed implements ReadFreshness {
  readonly #url: SecretText;
  #stamp = 0;
  #client: Client | null = null;
  #heardUntil = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  /**
   * Opens in the background; until then nothing is fresh.
   * @param url as for the store's other connections, by the same rules of the line; revealed at each connection
   */
  constructor(url: SecretText) {
    this.#url = url;
    void this.#open();
  }

  stamp(): number | null {
    return performance.now() - this.#heardUntil <= silenceMs ? this.#stamp : null;
  }

  /** For a change of one's own, before its caller is answered: the feed brings it again a moment later. */
  changed(): void {
    this.#stamp += 1;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#drop();
  }

  async #open(): Promise<void> {
    const client = this.#newClient();
    if (client === null) return this.#after(reopenMs, () => void this.#open());
    this.#client = client;
    client.on('error', () => undefined);
    client.on('end', () => this.#lose(client));
    client.on('notification', () => this.changed());
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
      // What was committed while nobody listened was not heard.
      this.changed();
      await this.#beat(client);
    } catch {
      this.#lose(client);
    }
  }

  /** Null while a file that the line needs cannot be read: it is being replaced. */
  #newClient(): Client | null {
    try {
      return new Client({
        ...postgresLine(this.#url),
        application_name: 'truc-schema-registry-changes',
        connectionTimeoutMillis: connectMs,
        query_timeout: silenceMs,
        keepAlive: true,
      });
    } catch {
      return null;
    }
  }

  async #beat(client: Client): Promise<void> {
    const askedAt = performance.now();
    await client.query('SELECT 1');
    if (this.#isClosed || this.#client !== client) return;
    this.#heardUntil = askedAt;
    this.#after(beatMs, () => void this.#beat(client).catch(() => this.#lose(client)));
  }

  #lose(client: Client): void {
    if (this.#client !== client) return;
    void this.#drop();
    this.#after(reopenMs, () => void this.#open());
  }

  async #drop(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    this.#heardUntil = -Infinity;
    this.changed();
    if (client === null) return;
    await withinMs(farewellMs, client.end());
    client.connection.stream.destroy();
  }

  #after(ms: number, then: () => void): void {
    if (this.#isClosed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
    this.#timer.unref();
  }
}
