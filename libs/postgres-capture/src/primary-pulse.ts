import { TrucError } from '@truc/kernel';
import type { Client } from 'pg';
import { captureError } from './postgres-error.js';
import { textRows } from './source-session.js';
import { WATERMARK_PREFIX } from './transaction-assembler.js';

/** Beats in a row that may stay away. */
const MISSED_MAX = 4;

/**
 * Writes a message into the log of the primary every now and then, and waits for it to come by on the standby.
 *
 * A standby that has lost its primary, or follows another one, is silent and looks idle: nothing arrives, and nobody is behind. A message that was written and does not
 * arrive tells. It also moves the log on where nobody else writes, so that the slot can let go of it.
 */
export class PrimaryPulse {
  readonly #primary: Client;
  readonly #intervalMs: number;
  readonly #onStill: (error: TrucError) => void;
  readonly #run: string;
  #timer: NodeJS.Timeout | null = null;
  #written = 0;
  #seen = 0;

  /** @param run distinguishes its messages from those of another stream @param onStill told once, and then nothing more is written */
  constructor(primary: Client, run: string, intervalMs: number, onStill: (error: TrucError) => void) {
    this.#primary = primary;
    this.#run = run;
    this.#intervalMs = intervalMs;
    this.#onStill = onStill;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#beat(), this.#intervalMs);
    void this.#beat();
  }

  /** To be told of every watermark that comes by. */
  saw(id: string): void {
    const [, run, number] = /^pulse\/(.+)\/(\d+)$/.exec(id) ?? [];
    if (run === this.#run) this.#seen = Math.max(this.#seen, Number(number));
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#primary.connection.stream.destroy();
  }

  async #beat(): Promise<void> {
    if (this.#written - this.#seen >= MISSED_MAX) {
      const seconds = Math.round((MISSED_MAX * this.#intervalMs) / 1000);
      return this.#still(
        new TrucError(
          'CAPTURE_STANDBY_STALLED',
          `what was written at the primary ${seconds} s ago has not come to the standby that is captured from: it does not follow this primary, its replay is paused, or it lags. ` +
            'Look at pg_stat_wal_receiver there, and whether primaryUrl names the server that it follows',
          { retry: true },
        ),
      );
    }
    this.#written += 1;
    try {
      await textRows(this.#primary, 'SELECT pg_logical_emit_message(true, $1, $2)', [
        WATERMARK_PREFIX,
        `pulse/${this.#run}/${this.#written}`,
      ]);
    } catch (error) {
      this.#still(captureError(error, 'writing a heartbeat at the primary of the source'));
    }
  }

  #still(error: TrucError): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#onStill(error);
  }
}
