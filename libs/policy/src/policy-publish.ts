import { policyKey, type PolicyEntry } from '@truc/coordination';
import type { LogRecord, LogWriter } from '@truc/pipeline';

/** Rank in which entries are published: what others refer to comes first, so that a reader never meets a reference to something that is still to come. */
const rank: Readonly<Record<PolicyEntry['kind'], number>> = {
  'token-key': 0,
  principal: 0,
  agency: 1,
  definitions: 2,
  codelist: 2,
  dictionary: 3,
  dataset: 4,
  view: 5,
  contract: 6,
  source: 7,
  // It vouches for all the others.
  heartbeat: 8,
};

export interface PolicyPublication {
  readonly set: readonly PolicyEntry[];
  /** Keys to withdraw. */
  readonly remove: readonly string[];
}

function rankOfKey(key: string): number {
  return rank[key.slice(0, key.indexOf('/')) as PolicyEntry['kind']] ?? 0;
}

/** Records of a publication in the order in which they must stand: entries from what is referred to up, then tombstones the other way. */
export function policyRecords(topic: string, { set, remove }: PolicyPublication, timestampMs: number): LogRecord[] {
  const record = (key: string, value: Buffer | null): LogRecord => ({
    topic,
    partition: 0,
    key: Buffer.from(key),
    value,
    headers: [],
    timestampMs,
  });
  const entries = set.toSorted((a, b) => rank[a.kind] - rank[b.kind]);
  const keys = remove.toSorted((a, b) => rankOfKey(b) - rankOfKey(a));
  return [...entries.map((entry) => record(policyKey(entry), Buffer.from(JSON.stringify(entry)))), ...keys.map((key) => record(key, null))];
}

/**
 * Publishes what differs; resolves once all of it is acknowledged.
 * @param writer the fenced writer of the policy topics, opened over partition 0 of `topic`
 * @throws TrucError LOG_FENCED, LOG_WRITE_FAILED
 */
export async function publishPolicy(writer: LogWriter, topic: string, publication: PolicyPublication, nowMs = Date.now()): Promise<void> {
  const records = policyRecords(topic, publication, nowMs);
  if (records.length === 0) return;
  await writer.write(records);
  await writer.flush();
}
