import { topicNames } from '@truc/coordination';
import { openLogReader, openLogWriter, type KafkaConnection } from '@truc/kafka';
import { agencySlug, systemClock, type SecretText } from '@truc/kernel';
import {
  ApplyFlow,
  ReceiptLog,
  RejectionLog,
  reportRefused,
  type ApplyParts,
  type ApplySubscription,
  type SchemaLookup,
} from '@truc/pipeline';
import { PostgresTarget } from '@truc/postgres-apply';
import type { Logger, Telemetry } from '@truc/telemetry';

export interface TargetDatabaseOptions {
  readonly agency: string;
  /** As the contracts call it. */
  readonly name: string;
  /** Revealed at each connection. */
  readonly url: SecretText;
  readonly connection: KafkaConnection;
  readonly schemas: SchemaLookup;
  readonly telemetry: Telemetry;
  readonly log: Logger;
}

/** One of the agency's own databases that views are applied to, and what its flows share. Connects when a flow first needs it. */
export class TargetDatabase {
  readonly #parts: ApplyParts & { readonly target: PostgresTarget; readonly receipts: ReceiptLog };

  constructor({ agency, name, url, connection, schemas, telemetry, log }: TargetDatabaseOptions) {
    const consumer = agencySlug(agency);
    const target = new PostgresTarget({ connectionString: url, consumer: `agent.${consumer}`, clock: systemClock });
    const writerOf = (purpose: string, topic: string) => () =>
      openLogWriter({ connection, transactionalId: `agent.${consumer}.${purpose}.${name}`, partitions: [{ topic, partition: 0 }] });
    const rejected = topicNames.rejected(consumer);
    this.#parts = {
      consumer,
      reader: openLogReader({ connection }),
      target,
      schemas,
      isReleased: null,
      rejections: new RejectionLog({
        topic: rejected,
        consumer,
        schemas,
        openWriter: writerOf('rejected', rejected),
        telemetry,
        clock: systemClock,
      }),
      onRefused: reportRefused(log),
      receipts: new ReceiptLog({
        topic: topicNames.receipts,
        recipient: { consumer, database: name },
        outbox: target.outbox,
        schemas,
        openWriter: writerOf('receipts', topicNames.receipts),
        telemetry,
      }),
      telemetry,
      clock: systemClock,
    };
  }

  /** One attempt at applying a view. @throws as `ApplyFlow.run` */
  async apply(subscription: ApplySubscription, signal: AbortSignal): Promise<void> {
    await new ApplyFlow([subscription], this.#parts).run(signal);
  }

  /** One attempt at sending the receipts of what was applied, those of a former process too. @throws as `ReceiptLog.run` */
  async sendReceipts(signal: AbortSignal): Promise<void> {
    await this.#parts.receipts.run(signal);
  }

  /** After its flows have ended. */
  async close(): Promise<void> {
    const { rejections, target, reader } = this.#parts;
    await rejections.close();
    await Promise.allSettled([target.close(), reader.close()]);
  }
}
