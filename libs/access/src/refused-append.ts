/** Records that a broker did not take, as its log tells it: without a key for a compacted topic, or not what they say. Who sent them it does not tell; there is one who may write. */
export interface RefusedAppend {
  readonly topic: string;
  readonly partition: number;
}

/** As Kafka's ReplicaManager writes it; the id of the topic may stand before its name. */
const refusal = /Error processing append operation on partition (?:[A-Za-z0-9_-]{22}:)?([A-Za-z0-9._-]{1,249})-([0-9]{1,9})\b/;
/** Lines are of a broker; what is longer is none of these. */
const lineCharsMax = 4096;

/** Reads one line of a broker's log; null where it tells of no such records. Linear in the line. */
export function refusedAppend(line: string): RefusedAppend | null {
  const [, topic, partition] = refusal.exec(line.slice(0, lineCharsMax)) ?? [];
  return topic === undefined || partition === undefined ? null : { topic, partition: Number(partition) };
}
