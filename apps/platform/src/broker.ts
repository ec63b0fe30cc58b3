import {
  compactedTopic,
  openLogAdmin,
  openLogReader,
  openLogWriter,
  retainedTopic,
  stateTopic,
  type KafkaConnection,
  type LogAdmin,
  type TopicConfig,
} from '@truc/kafka';
import type { TopicPlan } from '@truc/coordination';
import { TrucError } from '@truc/kernel';
import type { LogReader, LogWriter } from '@truc/pipeline';

export const policyWriterName = 'platform.policy';

/**
 * The platform's hands at the brokers: administers them, reads the policy topics and is their one writer.
 *
 * The writer is opened over the policy topics that there are, and again when an agency brings another one. Once another platform has fenced it, it stays fenced:
 * two platforms that took the name from each other for ever would publish what each of them believes.
 */
export class Broker {
  readonly admin: LogAdmin;
  readonly reader: LogReader;
  readonly connection: KafkaConnection;
  readonly #topicSettings: Readonly<Record<string, string>>;
  readonly #replicas: number | null;
  #writer: LogWriter | null = null;
  #writerTopics: ReadonlySet<string> = new Set();
  #fenced: TrucError | null = null;

  constructor(connection: KafkaConnection, topicSettings: Readonly<Record<string, string>>, replicas: number | null) {
    this.connection = connection;
    this.#topicSettings = topicSettings;
    this.#replicas = replicas;
    this.admin = openLogAdmin({ connection });
    this.reader = openLogReader({ connection, fetchWaitMs: 200 });
  }

  /** Makes what is missing and brings the others to their configuration. @returns names of the topics that were made */
  async ensureTopics(plans: readonly TopicPlan[]): Promise<string[]> {
    const { created } = await this.admin.ensureTopics(
      plans.map((plan) => ({
        name: plan.name,
        partitions: plan.partitions,
        config: this.#configOf(plan),
        ...(this.#replicas === null ? {} : { replicas: this.#replicas }),
      })),
    );
    return created;
  }

  #configOf({ cleanup, retentionDays }: TopicPlan): TopicConfig {
    switch (cleanup) {
      case 'compact':
        return compactedTopic(this.#topicSettings);
      case 'compact-at-once':
        return stateTopic(this.#topicSettings);
      case 'delete':
        return retainedTopic(retentionDays ?? 7);
    }
  }

  /** True once another platform writes the policy. */
  get isFenced(): boolean {
    return this.#fenced !== null;
  }

  /**
   * Hands the writer to `write`, which writes to `topic`. The writer is opened over all policy topics, and opened anew only when it does not have this one: the common
   * topic is written first, so that a platform which was fenced notices it there and does not take the name back.
   * @throws TrucError LOG_FENCED for good, others with `retry`
   */
  async withPolicyWriter(topics: readonly string[], topic: string, write: (writer: LogWriter) => Promise<void>): Promise<void> {
    if (this.#fenced !== null) throw this.#fenced;
    try {
      if (this.#writer === null || !this.#writerTopics.has(topic)) {
        await this.#closeWriter();
        const partitions = topics.map((name) => ({ topic: name, partition: 0 }));
        this.#writer = await openLogWriter({ connection: this.connection, transactionalId: policyWriterName, partitions });
        this.#writerTopics = new Set(topics);
      }
      await write(this.#writer);
    } catch (error) {
      await this.#closeWriter();
      if (error instanceof TrucError && error.code === 'LOG_FENCED') {
        this.#fenced = new TrucError(
          'LOG_FENCED',
          'another platform has taken over the policy topics: this one publishes nothing any more',
          { cause: error },
        );
        throw this.#fenced;
      }
      throw error;
    }
  }

  async #closeWriter(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    this.#writerTopics = new Set();
    await writer?.close().catch(() => {});
  }

  async close(): Promise<void> {
    await this.#closeWriter();
    await Promise.allSettled([this.reader.close(), this.admin.close()]);
  }
}
