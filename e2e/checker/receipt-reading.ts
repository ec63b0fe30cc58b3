import { topicNames } from '@truc/coordination';
import { scanToEnd } from '@truc/pipeline';
import type { Receipt } from './invariants/receipts.js';
import { readable, type ReadingListener, type TopicReading } from './topic-evidence.js';

/** Everything that the topic of receipts still holds. */
export class KeptReceipts {
  readonly #byPlace = new Map<string, Receipt[]>();
  /** Whether older ones were there and are kept no longer. */
  readonly isCut: boolean;

  private constructor(isCut: boolean) {
    this.isCut = isCut;
  }

  /** @throws TrucError CHECKER_REGISTRY_FAILED */
  static async read({ reader, schemas, signal }: TopicReading, listener: Pick<ReadingListener, 'unreadable'>): Promise<KeptReceipts> {
    const topic = topicNames.receipts;
    const places = Array.from({ length: (await reader.partitions(topic)) ?? 0 }, (_, partition) => partition);
    const starts = await Promise.all(places.map(async (partition) => (await reader.bounds(topic, partition)).start));
    const kept = new KeptReceipts(starts.some((start) => start > 0n));
    for (const partition of places) {
      for await (const record of scanToEnd(reader, topic, partition, -2n, signal)) {
        const { value } = record;
        if (value === null) continue;
        const decoded = await readable(record, async () => (await schemas.decode(value)) as DecodedReceipt, listener);
        if (decoded !== null) kept.#add(decoded);
      }
    }
    return kept;
  }

  /** In the order of their offsets. */
  of(consumer: string, topic: string, partition: number): readonly Receipt[] {
    return this.#byPlace.get(placeOf({ consumer, topic, partition })) ?? [];
  }

  #add(decoded: DecodedReceipt): void {
    const receipt: Receipt = { ...decoded, recordCount: Number(decoded.recordCount), deliveredAtMs: Number(decoded.deliveredAtMs) };
    const place = placeOf(receipt);
    const known = this.#byPlace.get(place);
    if (known === undefined) this.#byPlace.set(place, [receipt]);
    else known.push(receipt);
  }
}

type DecodedReceipt = Omit<Receipt, 'recordCount' | 'deliveredAtMs'> & { readonly recordCount: bigint; readonly deliveredAtMs: bigint };

function placeOf({ consumer, topic, partition }: Pick<Receipt, 'consumer' | 'topic' | 'partition'>): string {
  return `${consumer}/${topic}/${partition}`;
}
