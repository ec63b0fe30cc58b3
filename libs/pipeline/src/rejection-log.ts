import { createHash } from 'node:crypto';
import { compileCodec, frame } from '@truc/avro';
import { shippedSchema } from '@truc/change-event';
import { TrucError, type Clock } from '@truc/kernel';
import type { Telemetry } from '@truc/telemetry';
import type { LogRecord, LogWriter, StoredRecord } from './log.js';
import type { RejectionReason } from './received-event.js';
import type { SchemaLookup } from './schema-lookup.js';

/** A record that a consumer refused, with every reason. */
export interface Rejection {
  readonly record: Pick<StoredRecord, 'topic' | 'partition' | 'offset' | 'key' | 'value'>;
  readonly reasons: readonly RejectionReason[];
}

const rejectedSchema = shippedSchema('RejectedRecord');
const codec = compileCodec(rejectedSchema);

/** The record for `rejected.<consumer>`: where the refused record stands, why, and its digest; none of its bytes. */
export function rejectedRecord(topic: string, schemaId: number, { record, reasons }: Rejection, nowMs: number): LogRecord {
  const body = codec.encode({
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    reasons: reasons.map(({ rule, field, reason }) => ({ rule, element: null, field, reason })),
    digest: createHash('sha256')
      .update(record.key)
      .update(record.value ?? '')
      .digest('hex'),
    ts_ms: BigInt(nowMs),
  });
  const key = Buffer.from(`${record.topic}/${record.partition}/${record.offset}`);
  return { topic, partition: 0, key, value: frame(schemaId, body), headers: [], timestampMs: nowMs };
}

/** The id under which entries of a topic of refused records are registered. @throws TrucError REJECTED_SCHEMA_MISSING (retry), REGISTRY_UNREACHABLE (retry) */
export async function rejectedSchemaId(schemas: SchemaLookup, topic: string): Promise<number> {
  const id = await schemas.idOf(`${topic}-value`, rejectedSchema);
  if (id === null) throw new TrucError('REJECTED_SCHEMA_MISSING', `no schema is registered under ${topic}-value yet`, { retry: true });
  return id;
}

export interface RejectionLogOptions {
  /** `rejected.<consumer>`. */
  readonly topic: string;
  /** Label of the metric. */
  readonly consumer: string;
  readonly schemas: SchemaLookup;
  /** Opens the fenced writer on partition 0 of the topic; called at the first rejection, and after a failure. */
  readonly openWriter: () => Promise<LogWriter>;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

/** Tells of refused records, durably, before the consumer's offsets pass them. Shared by the flows of one consumer; one call at a time. */
export class RejectionLog {
  readonly #options: RejectionLogOptions;
  #writer: LogWriter | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: RejectionLogOptions) {
    this.#options = options;
  }

  /** Resolves when all of them are acknowledged. What fails is written again with the batch it belongs to. @throws TrucError LOG_FENCED and others of the writer */
  write(rejections: readonly Rejection[]): Promise<void> {
    if (rejections.length === 0) return Promise.resolve();
    const written = this.#turn.then(() => this.#write(rejections));
    this.#turn = written.catch(() => {});
    return written;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#writer?.close().catch(() => {});
    this.#writer = null;
  }

  async #write(rejections: readonly Rejection[]): Promise<void> {
    const { topic, schemas, clock, openWriter } = this.#options;
    const schemaId = await rejectedSchemaId(schemas, topic);
    const writer = (this.#writer ??= await openWriter());
    try {
      await writer.write(rejections.map((rejection) => rejectedRecord(topic, schemaId, rejection, clock.now())));
      await writer.flush();
    } catch (error) {
      this.#writer = null;
      await writer.close().catch(() => {});
      throw error;
    }
    countRejections(this.#options.telemetry, this.#options.consumer, rejections);
  }
}

export function countRejections(telemetry: Telemetry, consumer: string, rejections: readonly Rejection[]): void {
  for (const { reasons } of rejections) telemetry.record('truc_rejected', 1, { consumer, reason: reasons[0]?.rule ?? 'UNKNOWN' });
}
