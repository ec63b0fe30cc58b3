import type { SecretText } from '@truc/kernel';
import type { Client } from 'pg';
import { captureError } from './postgres-error.js';
import { openSession, textRows } from './source-session.js';

/** Tells who reads a slot, without reading it. Keeps its connection between two looks, until it is closed or the first look's signal aborts. */
export class SlotWatch {
  readonly #connectionString: SecretText;
  readonly #slot: string;
  #session: Client | null = null;

  constructor(connectionString: SecretText, slot: string) {
    this.#connectionString = connectionString;
    this.#slot = slot;
  }

  /**
   * Process id, at the server, of the connection that reads the slot; null when nobody does or there is no such slot.
   * @throws TrucError CAPTURE_CONNECTION_LOST (retry), CAPTURE_ACCESS_REFUSED; the signal's reason when it aborts before there is a connection
   */
  async reader(signal: AbortSignal): Promise<number | null> {
    const session = this.#session ?? (await this.#open(signal));
    try {
      const [row] = await textRows(session, 'SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1', [this.#slot]);
      return typeof row?.[0] === 'string' ? Number(row[0]) : null;
    } catch (error) {
      await this.close();
      throw captureError(error, `looking at the slot "${this.#slot}"`);
    }
  }

  async #open(signal: AbortSignal): Promise<Client> {
    const session = await openSession(this.#connectionString);
    // Nobody would be told any more of a signal that has aborted meanwhile, and the connection would last as long as the process.
    if (signal.aborted) await session.end().catch(() => undefined);
    signal.throwIfAborted();
    this.#session = session;
    signal.addEventListener('abort', () => void this.close(), { once: true });
    return session;
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.end().catch(() => undefined);
  }
}
