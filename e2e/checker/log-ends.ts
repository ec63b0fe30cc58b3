import type { PolicyEntry } from '@truc/coordination';
import { openLogReader, type KafkaConnection } from '@truc/kafka';

/** Ends of partitions at one moment; what came later is somebody else's. */
export type LogEnds = ReadonlyMap<string, bigint>;

export function endOf(ends: LogEnds, topic: string, partition: number): bigint {
  return ends.get(`${topic}/${partition}`) ?? 0n;
}

/** The present ends of every dataset and view. */
export async function readLogEnds(kafka: KafkaConnection, policy: readonly PolicyEntry[]): Promise<LogEnds> {
  const reader = openLogReader({ connection: kafka });
  const ends = new Map<string, bigint>();
  try {
    for (const entry of policy) {
      if (entry.kind !== 'dataset' && entry.kind !== 'view') continue;
      for (let partition = 0; partition < entry.partitions; partition += 1) {
        const { end } = await reader.bounds(entry.topic, partition);
        ends.set(`${entry.topic}/${partition}`, end);
      }
    }
  } finally {
    await reader.close();
  }
  return ends;
}
