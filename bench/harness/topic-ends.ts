import { Admin } from '@platformatic/kafka';
import type { Backbone } from '@truc/local-stack';

export interface BenchTopic {
  readonly name: string;
  readonly partitions: number;
}

/** How many offsets a topic has given out, asked with one small request: what is measured must not notice. */
export class TopicEnds {
  readonly #admin: Admin;

  constructor({ brokers, username, password, mechanism }: Backbone['kafka']) {
    this.#admin = new Admin({
      clientId: 'truc-bench',
      bootstrapBrokers: [...brokers],
      sasl: { mechanism, username, password },
      retries: 3,
    });
  }

  /** Sum of the partitions' ends. Marks of transactions count as records do. */
  async total({ name, partitions }: BenchTopic): Promise<number> {
    const asked = Array.from({ length: partitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1n }));
    const topics = await this.#admin.listOffsets({ topics: [{ name, partitions: asked }] });
    return topics.flatMap((topic) => topic.partitions).reduce((sum, { offset }) => sum + Number(offset), 0);
  }

  async close(): Promise<void> {
    await this.#admin.close();
  }
}
