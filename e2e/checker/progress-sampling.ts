import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicyEntry } from '@truc/coordination';
import { openLogReader } from '@truc/kafka';
import type { LogReader } from '@truc/pipeline';
import type { BackboneAccess } from './backbone-access.js';
import { checkedContract } from './checked-contract.js';
import { checkedSlot } from './checked-slot.js';
import type { EventHistory } from './event-history.js';
import { query } from './sql.js';

export interface SamplingOptions {
  readonly backbone: BackboneAccess;
  readonly policy: readonly PolicyEntry[];
  readonly history: EventHistory;
  readonly generalUrl: string;
  readonly subscriberUrl: string;
  readonly committedOps: () => number;
  readonly signal: AbortSignal;
}

const intervalMs = 1_000;
const answerMs = 2_000;

/** Notes once a second how far behind everybody is, from outside: WAL that the slot is not confirmed for, and stored offsets against the log's ends. */
export async function sampleProgress(options: SamplingOptions): Promise<void> {
  const { signal, history, backbone, policy, generalUrl, subscriberUrl, committedOps } = options;
  const reader = openLogReader({ connection: backbone.kafka });
  const { dataset, view } = checkedContract(policy);
  try {
    while (!signal.aborted) {
      const [walBytes, generalDatabase, subscriber] = await Promise.all([
        orNull(unconfirmedBytes(backbone.databases.population)),
        orNull(dataset === null ? Promise.resolve(null) : behind(reader, generalUrl, dataset.topic, dataset.partitions)),
        orNull(view === null ? Promise.resolve(null) : behind(reader, subscriberUrl, view.topic, view.partitions)),
      ]);
      if (signal.aborted) return;
      history.add({ kind: 'sample', committedOps: committedOps(), walBytes, generalDatabase, subscriber });
      await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await reader.close();
  }
}

/** During a fault there may be nobody to ask. */
async function orNull<T>(asking: Promise<T>): Promise<T | null> {
  const late = new AbortController();
  try {
    return await Promise.race([asking.catch(() => null), sleep(answerMs, null, { signal: late.signal }).catch(() => null)]);
  } finally {
    late.abort();
  }
}

async function unconfirmedBytes(url: string): Promise<number | null> {
  const rows = await query<{ bytes: string | null }>(
    url,
    `SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn))::text AS bytes FROM pg_replication_slots WHERE slot_name = $1`,
    [checkedSlot.slot],
  );
  const bytes = rows[0]?.bytes ?? null;
  return bytes === null ? null : Math.max(0, Number(bytes));
}

async function behind(reader: LogReader, url: string, topic: string, partitions: number): Promise<number> {
  const stored = await query<{ partition: number; next: string }>(
    url,
    'SELECT partition, max(next_offset)::text AS next FROM truc.offsets WHERE topic = $1 GROUP BY partition',
    [topic],
  );
  let records = 0n;
  for (let partition = 0; partition < partitions; partition += 1) {
    const { end } = await reader.bounds(topic, partition);
    const next = BigInt(stored.find((row) => row.partition === partition)?.next ?? '0');
    if (end > next) records += end - (next < 0n ? 0n : next);
  }
  return Number(records);
}
