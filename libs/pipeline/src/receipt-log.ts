import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, messageOf, TrucError } from '@truc/kernel';
import type { Telemetry } from '@truc/telemetry';
import { receiptRecord, receiptSchema, type Recipient } from './delivery-receipt.js';
import type { LogWriter } from './log.js';
import { asPassing } from './passing-failure.js';
import type { ReceiptOutbox } from './receipt-outbox.js';
import type { SchemaLookup } from './schema-lookup.js';

export interface ReceiptLogOptions {
  /** `receipts`. */
  readonly topic: string;
  readonly recipient: Recipient;
  readonly outbox: ReceiptOutbox;
  readonly schemas: SchemaLookup;
  /** Opens the fenced writer on partition 0 of the topic; called at the first receipt of an attempt. */
  readonly openWriter: () => Promise<LogWriter>;
  readonly telemetry: Telemetry;
  readonly limits?: Partial<ReceiptLogLimits>;
}

export interface ReceiptLogLimits {
  /** Receipts that are in memory at a time, of less than 2 KiB each. */
  readonly receipts: number;
  /** After a delivery others are waited for so long, in milliseconds: a receipt is in no hurry. */
  readonly gatherMs: number;
  /** How often the outbox is looked at without a delivery of this process: a former one may have committed late. */
  readonly lookMs: number;
  /** Time for what is left when the log of receipts is ended. */
  readonly lastMs: number;
}

const defaultLimits: ReceiptLogLimits = { receipts: 1_000, gatherMs: 250, lookMs: 30_000, lastMs: 3_000 };

/**
 * Takes receipts from the outbox of a target's database to the topic of receipts: one for each database, beside the flows that apply to it and shared by them.
 *
 * Sent first, forgotten after the acknowledgement, so a crash between the two sends the same bytes again: every receipt arrives at least once, those of a partition
 * in the order of its deliveries (a repetition begins with the oldest that is not forgotten). While the log is away the outbox collects; its bound is the target's.
 */
export class ReceiptLog {
  readonly recipient: Recipient;
  readonly #options: ReceiptLogOptions;
  readonly #limits: ReceiptLogLimits;
  #wake: AbortController | null = null;
  /** A delivery was committed since the outbox was last looked at. */
  #isNudged = true;

  constructor(options: ReceiptLogOptions) {
    this.recipient = options.recipient;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
  }

  /** A delivery was committed: its receipt waits in the outbox. */
  nudge(): void {
    this.#isNudged = true;
    this.#wake?.abort();
  }

  /**
   * Sends what waits until `signal` aborts, then once more what is left, in a stated time. Begun again by whoever supervises it. Deliveries do not wait for it.
   * @throws TrucError RECEIPT_SCHEMA_MISSING, REGISTRY_UNREACHABLE (retry); those of the log's writer and of the outbox, with `retry` where a new run may succeed
   */
  async run(signal: AbortSignal): Promise<void> {
    const writer = new LazyWriter(this.#options.openWriter);
    const over = new AbortController();
    try {
      const sending = this.#send(writer, signal, over.signal);
      sending.catch(() => {});
      await Promise.race([sending, this.#tooLate(signal, over.signal)]);
    } catch (error) {
      throw asPassing(hasCode(error, 'LOG_FENCED') ? sentElsewhere(error) : error);
    } finally {
      over.abort();
      await writer.close();
    }
  }

  async #send(writer: LazyWriter, signal: AbortSignal, over: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#isNudged = false;
      await this.#drain(writer, over);
      await this.#untilNudged(signal);
      await sleep(this.#limits.gatherMs, undefined, { signal }).catch(() => {});
    }
    await this.#drain(writer, over);
  }

  /** A log that is away answers no sooner because we want to end. */
  async #tooLate(signal: AbortSignal, over: AbortSignal): Promise<void> {
    if (!signal.aborted) await once(signal, 'abort', { signal: over }).catch(() => {});
    await sleep(this.#limits.lastMs, undefined, { signal: over }).catch(() => {});
  }

  /** Once it is over, the outbox is its owner's again and may be closed: whatever answers late is not followed up. What was sent and is not settled is sent again. */
  async #drain(writer: LazyWriter, over: AbortSignal): Promise<void> {
    const { outbox, schemas, topic, telemetry, recipient } = this.#options;
    const { consumer } = recipient;
    while (!over.aborted) {
      const { receipts, count } = await outbox.waiting(this.#limits.receipts);
      if (over.aborted) return;
      telemetry.record('truc_receipts_waiting', count, recipient);
      if (receipts.length === 0) return;
      const schemaId = await schemas.idOf(`${topic}-value`, receiptSchema);
      if (schemaId === null)
        throw new TrucError('RECEIPT_SCHEMA_MISSING', `no schema is registered under ${topic}-value yet`, { retry: true });
      if (over.aborted) return;
      await writer.send(receipts.map(({ receipt }) => receiptRecord(topic, schemaId, receipt)));
      if (over.aborted) return;
      await outbox.settle(receipts.map(({ id }) => id));
      telemetry.record('truc_receipts_sent', receipts.length, { consumer });
    }
  }

  async #untilNudged(signal: AbortSignal): Promise<void> {
    if (this.#isNudged) return;
    this.#wake = new AbortController();
    await sleep(this.#limits.lookMs, undefined, { signal: AbortSignal.any([signal, this.#wake.signal]) }).catch(() => {});
    this.#wake = null;
  }
}

/**
 * A process that takes over from this one, or stands by for it, may send from the same outbox at its start. Whoever applies sends again: a receipt that arrives
 * twice does no harm, one that stays in the outbox does.
 */
function sentElsewhere(error: unknown): TrucError {
  return new TrucError('LOG_FENCED', messageOf(error), { retry: true, cause: error });
}

/** A writer that is opened when there is something to write: a consumer without deliveries takes no name at the brokers. */
class LazyWriter {
  readonly #open: () => Promise<LogWriter>;
  #writer: LogWriter | null = null;
  #isClosed = false;

  constructor(open: () => Promise<LogWriter>) {
    this.#open = open;
  }

  /** Resolves when all of them are acknowledged. */
  async send(records: Parameters<LogWriter['write']>[0]): Promise<void> {
    const writer = (this.#writer ??= await this.#opened());
    await writer.write(records);
    await writer.flush();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writer?.close().catch(() => {});
    this.#writer = null;
  }

  async #opened(): Promise<LogWriter> {
    const writer = await this.#open();
    if (!this.#isClosed) return writer;
    await writer.close().catch(() => {});
    throw new TrucError('LOG_CLOSED', 'the log of receipts was ended while its writer was opened');
  }
}
