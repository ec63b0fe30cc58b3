import type { LogReader, StoredRecord } from '@truc/pipeline';
import { hasCode, messageOf } from '@truc/kernel';
import { scanToEnd } from '@truc/pipeline';
import { canariesIn, type CanaryPlace } from './canary.js';
import { readLogEvent, recordDigest, type LogEvent } from './log-event.js';
import type { RegistrySchemas } from './registry-schemas.js';
import { tamperedDigests, type TamperedDigests } from './tampered-digests.js';
import { opIdsIn } from './token.js';
import { beyondView } from './view-scope.js';

export interface TopicReading {
  readonly reader: LogReader;
  readonly schemas: RegistrySchemas;
  readonly signal: AbortSignal;
}

/** What is looked for in every record's bytes: keys, values, headers. */
export interface BytesFound {
  readonly where: string;
  readonly opIds: readonly number[];
  readonly canaries: readonly string[];
}

/** Records of one partition in their order, as receipts name them. */
export class PartitionDigests {
  readonly offsets: bigint[] = [];
  readonly digests: Buffer[] = [];
  readonly tampered = new Map<bigint, TamperedDigests>();
  readonly #firstOffsets: ReadonlySet<bigint>;

  /** @param firstOffsets of receipts: what a changed byte would do is asked there */
  constructor(firstOffsets: ReadonlySet<bigint>) {
    this.#firstOffsets = firstOffsets;
  }

  add(record: StoredRecord): void {
    this.offsets.push(record.offset);
    this.digests.push(recordDigest(record));
    if (this.#firstOffsets.has(record.offset)) this.tampered.set(record.offset, tamperedDigests(record));
  }
}

/** A partition of a dataset or view. */
export interface PartitionPlace extends CanaryPlace {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first record that is read. */
  readonly from: bigint;
  readonly kind: 'dataset' | 'view';
  /** Of the receipts for it. */
  readonly firstOffsets: ReadonlySet<bigint>;
}

export interface PartitionEvidence {
  readonly eventsByKey: ReadonlyMap<string, readonly LogEvent[]>;
  readonly digests: PartitionDigests;
}

/** Told of while a partition is read. */
export interface ReadingListener {
  bytes(found: BytesFound): void;
  /** A record that cannot be decoded, and why. */
  unreadable(where: string, why: string): void;
  /** Parts of a view's record that may not be there: `before`. */
  beyond(where: string, parts: readonly string[]): void;
}

/** Reads a partition to the end that it has now. @throws TrucError CHECKER_REGISTRY_FAILED */
export async function readPartition(reading: TopicReading, place: PartitionPlace, listener: ReadingListener): Promise<PartitionEvidence> {
  const eventsByKey = new Map<string, LogEvent[]>();
  const digests = new PartitionDigests(place.firstOffsets);
  for await (const record of scanToEnd(reading.reader, place.topic, place.partition, place.from, reading.signal)) {
    listener.bytes(searched(record, place));
    digests.add(record);
    const event = await readable(record, () => readLogEvent(record, reading.schemas), listener);
    if (event === null) continue;
    if (place.kind === 'view' && record.value !== null) {
      const parts = beyondView((await reading.schemas.decode(record.value)) as Readonly<Record<string, unknown>>);
      if (parts.length > 0) listener.beyond(whereOf(record), parts);
    }
    const events = eventsByKey.get(event.key);
    if (events === undefined) eventsByKey.set(event.key, [event]);
    else events.push(event);
  }
  return { eventsByKey, digests };
}

/** What `decode` makes of a record; null where it cannot be decoded, which is the record's fault unless the registry is away. */
export async function readable<T>(
  record: StoredRecord,
  decode: () => Promise<T>,
  listener: Pick<ReadingListener, 'unreadable'>,
): Promise<T | null> {
  try {
    return await decode();
  } catch (error) {
    if (hasCode(error, 'CHECKER_REGISTRY_FAILED')) throw error;
    listener.unreadable(whereOf(record), messageOf(error));
    return null;
  }
}

/** Searches a topic of another kind, all its partitions; one that is not there holds nothing. */
export async function searchTopic(
  { reader, signal }: TopicReading,
  topic: string,
  place: CanaryPlace,
  onBytes: (found: BytesFound) => void,
): Promise<void> {
  const partitions = (await reader.partitions(topic)) ?? 0;
  for (let partition = 0; partition < partitions; partition += 1) {
    for await (const record of scanToEnd(reader, topic, partition, -2n, signal)) onBytes(searched(record, place));
  }
}

function searched(record: StoredRecord, place: CanaryPlace): BytesFound {
  const parts = [record.key, record.value ?? Buffer.alloc(0), ...record.headers.flatMap(({ key, value }) => [Buffer.from(key), value])];
  const text = parts.map((part) => part.toString('latin1')).join('\0');
  return { where: whereOf(record), opIds: opIdsIn(text), canaries: canariesIn(text, place) };
}

function whereOf({ topic, partition, offset }: StoredRecord): string {
  return `${topic}/${partition} offset ${offset}`;
}
