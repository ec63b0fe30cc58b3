/** Fetch, version 12, whose answer leaves the record batches as they are: the client library's own parser takes every record apart at once and copies it. */
import { createAPI, fetchV12, Reader, ResponseError } from '@platformatic/kafka';
import type { TopicPartition } from './cluster-metadata.js';

export interface FetchEntry extends TopicPartition {
  readonly offset: bigint;
}

/** One partition's part of the answer. */
export interface FetchedSection extends TopicPartition {
  readonly errorCode: number;
  /** High watermark. */
  readonly endOffset: bigint;
  readonly startOffset: bigint;
  /** Record batches as stored, the last one perhaps cut off. A view of the answer. */
  readonly batches: Buffer;
}

export interface FetchLimits {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly partitionMaxBytes: number;
}

const noBatches = Buffer.alloc(0);

/** Entries keep their order: a broker fills its answer in that order until `maxBytes` is reached. */
function createRequest(entries: readonly FetchEntry[], { maxWaitMs, maxBytes, partitionMaxBytes }: FetchLimits) {
  const topics = new Map<string, FetchEntry[]>();
  for (const entry of entries) {
    const list = topics.get(entry.topic);
    if (list) list.push(entry);
    else topics.set(entry.topic, [entry]);
  }
  const described = [...topics].map(([topicId, list]) => ({
    topicId,
    partitions: list.map(({ partition, offset }) => ({
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: offset,
      lastFetchedEpoch: -1,
      partitionMaxBytes,
    })),
  }));
  // Read uncommitted, and no fetch session.
  return fetchV12.createRequest(maxWaitMs, 1, maxBytes, 0, 0, -1, described, [], '');
}

function parseResponse(_correlationId: number, apiKey: number, apiVersion: number, answer: Reader): FetchedSection[] {
  // The one copy of the answer: its pieces into one buffer, of which everything handed on is a view.
  const bytes = answer.buffer.slice(answer.position);
  const reader = Reader.from(bytes);
  reader.readInt32(); // throttle time
  const errorCode = reader.readInt16();
  reader.readInt32(); // session
  if (errorCode !== 0) throw new ResponseError(apiKey, apiVersion, { '/': [errorCode, null] }, undefined);
  const sections: FetchedSection[] = [];
  reader.readArray(() => {
    const topic = reader.readString();
    reader.readArray(() => {
      const partition = reader.readInt32();
      const code = reader.readInt16();
      const endOffset = reader.readInt64();
      reader.readInt64(); // last stable offset
      const startOffset = reader.readInt64();
      reader.readArray(() => {
        reader.readInt64();
        reader.readInt64();
      });
      reader.readInt32(); // preferred replica
      const length = reader.readUnsignedVarInt() - 1;
      const batches = length > 0 ? bytes.subarray(reader.position, reader.position + length) : noBatches;
      if (length > 0) reader.skip(length);
      sections.push({ topic, partition, errorCode: code, endOffset, startOffset, batches });
    });
  });
  return sections;
}

export const fetchBatches = createAPI<[entries: readonly FetchEntry[], limits: FetchLimits], FetchedSection[]>(
  1,
  12,
  createRequest,
  parseResponse,
);
