/** Produce, version 9, with batches that are ready-made: the client library's own body builds its batches record by record. */
import { createAPI, Writer, type Reader } from '@platformatic/kafka';
import { groupByTopic, partitionKey, type TopicPartition } from './cluster-metadata.js';

export interface ProduceEntry extends TopicPartition {
  readonly batch: Buffer;
}

export interface ProduceResult extends TopicPartition {
  readonly errorCode: number;
  /** Offset of the batch's first record; -1 when it is not told. */
  readonly baseOffset: bigint;
  readonly errorMessage: string | null;
}

const ALL_IN_SYNC_REPLICAS = -1;

/** At most one batch per partition: a broker takes a request's partitions in no promised order. */
function createRequest(entries: readonly ProduceEntry[], timeoutMs: number): Writer {
  const batches = new Map(entries.map((entry) => [partitionKey(entry), entry.batch]));
  return Writer.create()
    .appendString(null)
    .appendInt16(ALL_IN_SYNC_REPLICAS)
    .appendInt32(timeoutMs)
    .appendArray([...groupByTopic(entries)], (writer, [topic, partitions]) => {
      writer.appendString(topic).appendArray(partitions, (w, partition) => {
        w.appendInt32(partition).appendBytes(batches.get(partitionKey({ topic, partition })));
      });
    })
    .appendTaggedFields();
}

function parseResponse(_correlationId: number, _apiKey: number, _apiVersion: number, reader: Reader): ProduceResult[] {
  const results: ProduceResult[] = [];
  reader.readArray(() => {
    const topic = reader.readString();
    reader.readArray(() => {
      const partition = reader.readInt32();
      const errorCode = reader.readInt16();
      const baseOffset = reader.readInt64();
      reader.readInt64(); // log append time
      reader.readInt64(); // log start offset
      const recordErrors = reader.readArray(() => {
        reader.readInt32();
        return reader.readNullableString();
      });
      const errorMessage = reader.readNullableString() ?? recordErrors[0] ?? null;
      results.push({ topic, partition, errorCode, baseOffset, errorMessage });
    });
  });
  return results;
}

export const produce = createAPI<[entries: readonly ProduceEntry[], timeoutMs: number], ProduceResult[]>(
  0,
  9,
  createRequest,
  parseResponse,
);
