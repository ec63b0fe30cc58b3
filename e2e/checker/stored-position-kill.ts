import { topicNames } from '@truc/coordination';
import { openLogReader } from '@truc/kafka';
import { captureStateKey, decodeCaptureState } from '@truc/pipeline';
import { TrucError } from '@truc/kernel';
import { checkedSlot, untilSlot } from './checked-slot.js';
import { query } from './sql.js';
import type { Stage } from './stage.js';

/** More than the agent sends to Kafka at once, and less than it may hold: some of it is still in its memory when all of it is read. */
const rows = 25_000;
/** While the agent reads it all, whatever its pace; then until its position is stored. */
const crawlBytesPerSecond = 100_000;
const bytesPerSecond = 2_000_000;
const patienceMs = 120_000;
/** From the walsender's socket into the agent's memory. */
const readMs = 3_000;

/**
 * Kills the agent at the moment when it has stored that a large transaction is captured, while the line to Kafka is narrow. However it ends, the line is mended, the
 * agent runs and the writers write.
 * @throws TrucError CHECKER_SLOT_UNCHANGED, CHECKER_STATE_UNCHANGED
 */
export async function killAtStoredPosition(stage: Stage): Promise<void> {
  const { process, proxies, history, writers, backbone } = stage;
  const agent = process(checkedSlot.agent);
  const { kafka } = proxies();
  await writers.pause();
  try {
    await stage.untilDrained();
    await history.during({ kind: 'narrow', target: kafka.name, detail: `${bytesPerSecond} bytes a second` }, async () => {
      try {
        kafka.set({ bytesPerSecond: crawlBytesPerSecond });
        const began = await walEnd(backbone.databases.population);
        await writers.insertInOneTransaction(rows);
        await untilSent(stage);
        kafka.set({ bytesPerSecond });
        const fault = {
          kind: 'kill',
          target: agent.name,
          detail: 'as soon as it has stored that a large transaction is captured',
        } as const;
        await history.during(fault, async () => {
          await untilStored(stage, began);
          await agent.kill();
        });
      } finally {
        // What is still on the line belongs to nobody any more.
        kafka.set({ state: 'cut' });
        kafka.mend();
      }
    });
  } finally {
    await agent.start();
    writers.resume();
  }
}

/** Waits until the source has sent all that is committed by now, and the agent has had time to read it. */
async function untilSent(stage: Stage): Promise<void> {
  const url = stage.backbone.databases.population;
  const [end] = await query<{ lsn: string }>(url, 'SELECT pg_current_wal_lsn()::text AS lsn');
  const isSent = `SELECT FROM pg_stat_replication r JOIN pg_replication_slots s ON s.active_pid = r.pid WHERE s.slot_name = $2 AND r.sent_lsn >= $1::pg_lsn`;
  await untilSlot(stage, 'has not sent a large transaction', async () => {
    const sent = await query(url, isSent, [end?.lsn ?? '0/0', checkedSlot.slot]);
    return sent.length > 0;
  });
  await stage.sleep(readMs);
}

async function walEnd(sourceUrl: string): Promise<bigint> {
  const [row] = await query<{ lsn: string }>(sourceUrl, `SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::text AS lsn`);
  return BigInt(row?.lsn ?? '0');
}

/** Reads the agent's state as it is stored, until one stands past `lsn` by more than the little that an idle source writes. */
async function untilStored({ backbone, signal }: Stage, lsn: bigint): Promise<void> {
  const reader = openLogReader({ connection: backbone.kafka });
  const topic = topicNames.state(checkedSlot.agency);
  const key = captureStateKey(checkedSlot.slot);
  const until = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const transactionBytesMin = BigInt(rows) * 100n;
  try {
    const { end } = await reader.bounds(topic, 0);
    for await (const { records } of reader.read([{ topic, partition: 0, offset: end }], until)) {
      for (const record of records) {
        if (!record.key.equals(key) || record.value === null) continue;
        if (decodeCaptureState(record.value).sequence > lsn + transactionBytesMin) return;
      }
    }
  } finally {
    await reader.close();
  }
  throw new TrucError('CHECKER_STATE_UNCHANGED', `the agent has not stored a large transaction after ${patienceMs / 1_000} s`);
}
