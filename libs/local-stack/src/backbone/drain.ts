import { setTimeout as sleep } from 'node:timers/promises';
import { topicNames, type PolicyEntry } from '@truc/coordination';
import { openLogReader, type KafkaConnection } from '@truc/kafka';
import { agencySlug, TrucError } from '@truc/kernel';
import {
  captureStateKey,
  decodeCaptureState,
  foldViewProgress,
  openDatasetGaps,
  openGap,
  scanToEnd,
  viewProgressKey,
  type CaptureState,
  type LogReader,
  type StoredRecord,
} from '@truc/pipeline';
import pg from 'pg';
import { demoSources } from './app-configurations.js';

export interface DrainOptions {
  readonly policy: readonly PolicyEntry[];
  readonly kafka: KafkaConnection;
  /** Into the server of the sources. */
  readonly serverUrl: string;
  readonly generalDatabaseUrl: string;
  /** Addresses of subscribers' databases, by the name that contracts use. */
  readonly targets: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Gives up when nothing moves for this long, in milliseconds. Default 60,000. */
  readonly patienceMs?: number;
}

const lookMs = 250;
const generalDatabase = 'general-database';
const distributor = 'distributor';

/** Somebody's next offset in one partition, and the end that it has to reach. */
interface Place {
  readonly who: string;
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: bigint;
  readonly end: bigint;
}

/**
 * Waits until everything that is committed in the sources by now has arrived. Asked are those who know: each slot whether it is confirmed past this moment, and each
 * agent's state whether every table was read as a whole, so that all of it is on the log; then the stored offsets of the general database and of the distributor against the ends that the datasets' topics
 * have then, then those of the subscribers against the ends that the views' have then. What is written later is not waited for.
 * @throws TrucError BACKBONE_NOT_DRAINED when nothing moves though something is missing; the signal's reason when it aborts
 */
export async function untilDrained(options: DrainOptions): Promise<void> {
  const { signal, patienceMs = 60_000 } = options;
  const reader = openLogReader({ connection: options.kafka });
  const client = new pg.Client({ connectionString: options.serverUrl, application_name: 'truc-up' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn()::text AS lsn');
    const drain = new Drain(options, reader, client, rows[0]?.lsn ?? '0/0');
    let before = '';
    let changedAt = performance.now();
    for (;;) {
      signal.throwIfAborted();
      const missing = await drain.missing();
      if (missing.length === 0) return;
      const state = missing.join('; ');
      if (state !== before) changedAt = performance.now();
      before = state;
      if (performance.now() - changedAt > patienceMs) {
        throw new TrucError(
          'BACKBONE_NOT_DRAINED',
          `nothing has moved for ${Math.round(patienceMs / 1000)} s, and not everything has arrived: ${state}. The logs of the agents and consumers say why`,
        );
      }
      await sleep(lookMs, undefined, { signal });
    }
  } finally {
    await client.end().catch(() => undefined);
    await reader.close();
  }
}

class Drain {
  readonly #options: DrainOptions;
  readonly #reader: LogReader;
  readonly #client: pg.Client;
  readonly #lsn: string;
  /** The distributor's progress, read on from where the last look ended. */
  readonly #progress = new Map<string, StoredRecord>();
  #progressFrom = -2n;
  /** What each agent has stored last of its source, and where the next look begins, by slot. */
  readonly #captures = new Map<string, { from: bigint; state: CaptureState | null }>();
  /** Ends of partitions at the moment when everything before them had arrived, by `topic/partition`. */
  readonly #ends = new Map<string, bigint>();

  constructor(options: DrainOptions, reader: LogReader, client: pg.Client, lsn: string) {
    this.#options = options;
    this.#reader = reader;
    this.#client = client;
    this.#lsn = lsn;
  }

  /** What has not arrived yet, for a person; stages further down are not asked before those above are done. */
  async missing(): Promise<string[]> {
    const slots = await this.#unconfirmedSlots();
    if (slots.length > 0) {
      // A slot stands still for as long as one large transaction takes: what its agent does meanwhile shows on the log.
      const onLog = await this.#recordsOnLog();
      return slots.map((slot) => `the slot ${slot} is not confirmed up to ${this.#lsn}, with ${onLog} records on the log`);
    }
    const unread = await this.#unreadTables();
    if (unread.length > 0) return unread;
    const first = [...(await this.#generalDatabase()), ...(await this.#distributor())].filter(isBehind);
    return (first.length > 0 ? first : (await this.#subscribers()).filter(isBehind)).map(
      ({ who, topic, partition, nextOffset, end }) => `${who} is at ${nextOffset} of ${end} in ${topic}/${partition}`,
    );
  }

  async #unconfirmedSlots(): Promise<string[]> {
    const slots = demoSources.map(({ slot }) => slot);
    const { rows } = await this.#client.query<{ slot: string; lsn: string }>(
      'SELECT slot_name AS slot, confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = ANY ($1) AND confirmed_flush_lsn >= $2::pg_lsn',
      [slots, this.#lsn],
    );
    const confirmed = new Set(rows.map(({ slot }) => slot));
    return slots.filter((slot) => !confirmed.has(slot));
  }

  async #recordsOnLog(): Promise<bigint> {
    let records = 0n;
    for (const entry of this.#options.policy) {
      if (entry.kind !== 'dataset') continue;
      for (let partition = 0; partition < entry.partitions; partition += 1)
        records += (await this.#reader.bounds(entry.topic, partition)).end;
    }
    return records;
  }

  /** A slot says nothing of tables that are still being read as a whole: its confirmation moves on meanwhile. */
  async #unreadTables(): Promise<string[]> {
    const unread: string[] = [];
    for (const { agency, slot } of demoSources) {
      const capture = this.#captures.get(slot) ?? { from: -2n, state: null };
      this.#captures.set(slot, capture);
      const key = captureStateKey(slot);
      for await (const { key: found, value, offset } of scanToEnd(
        this.#reader,
        topicNames.state(agency),
        0,
        capture.from,
        this.#options.signal,
      )) {
        capture.from = offset + 1n;
        if (found.equals(key) && value !== null) capture.state = decodeCaptureState(value);
      }
      const tables = capture.state?.snapshots.filter(({ done }) => !done) ?? [];
      const isBegun = capture.state !== null && !capture.state.isSlotStale;
      if (!isBegun) unread.push(`nothing is captured yet through the slot ${slot}`);
      const gap = openGap(capture.state?.gaps ?? []);
      if (gap !== null) unread.push(`nothing is captured through the slot ${slot}: the gap ${gap.code} is open`);
      else
        unread.push(
          ...openDatasetGaps(capture.state?.gaps ?? []).map(({ dataset, code }) => `${dataset} is not captured: its gap ${code} is open`),
        );
      if (gap === null) unread.push(...tables.map(({ table, rowsRead }) => `${table} is being read as a whole, ${rowsRead} rows so far`));
    }
    return unread;
  }

  async #generalDatabase(): Promise<Place[]> {
    const offsets = await storedOffsets(this.#options.generalDatabaseUrl);
    const datasets = this.#options.policy.filter((entry) => entry.kind === 'dataset');
    return this.#places(generalDatabase, datasets, (topic, partition) => offsets.get(`${topic}/${partition}`));
  }

  async #distributor(): Promise<Place[]> {
    for await (const record of scanToEnd(this.#reader, topicNames.serviceState(distributor), 0, this.#progressFrom, this.#options.signal)) {
      this.#progress.set(record.key.toString('utf8'), record);
      this.#progressFrom = record.offset + 1n;
    }
    const progress = await foldViewProgress(each(this.#progress.values()));
    const views = this.#options.policy.filter((entry) => entry.kind === 'view');
    const places = await Promise.all(
      views.map(({ id, datasetTopic, partitions }) =>
        this.#places(
          distributor,
          [{ topic: datasetTopic, partitions }],
          (_, partition) => progress.get(viewProgressKey(id, partition))?.nextOffset,
        ),
      ),
    );
    return places.flat();
  }

  async #subscribers(): Promise<Place[]> {
    const { policy, targets } = this.#options;
    const places = await Promise.all(
      policy.map(async (contract) => {
        if (contract.kind !== 'contract') return [];
        const view = policy.find((entry) => entry.kind === 'view' && entry.id === contract.viewId);
        const url = targets[contract.target.database];
        if (view?.kind !== 'view' || url === undefined) return [];
        const consumer = agencySlug(contract.consumer);
        const offsets = await storedOffsets(url);
        return this.#places(consumer, [view], (topic, partition) => offsets.get(`${topic}/${partition}`));
      }),
    );
    return places.flat();
  }

  async #places(
    who: string,
    topics: readonly { readonly topic: string; readonly partitions: number }[],
    nextOffset: (topic: string, partition: number) => bigint | undefined,
  ): Promise<Place[]> {
    const places: Place[] = [];
    for (const { topic, partitions } of topics) {
      for (let partition = 0; partition < partitions; partition += 1) {
        const end = await this.#endOf(topic, partition);
        places.push({ who, topic, partition, nextOffset: nextOffset(topic, partition) ?? 0n, end });
      }
    }
    return places;
  }

  async #endOf(topic: string, partition: number): Promise<bigint> {
    const place = `${topic}/${partition}`;
    const end = this.#ends.get(place) ?? (await this.#reader.bounds(topic, partition)).end;
    this.#ends.set(place, end);
    return end;
  }
}

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

function isBehind({ nextOffset, end }: Place): boolean {
  return nextOffset < end;
}

/** By `topic/partition`; empty before anything was ever applied to the database. */
async function storedOffsets(url: string): Promise<Map<string, bigint>> {
  const client = new pg.Client({ connectionString: url, application_name: 'truc-up' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const there = await client.query<{ there: boolean }>(`SELECT to_regclass('truc.offsets') IS NOT NULL AS there`);
    if (there.rows[0]?.there !== true) return new Map();
    const { rows } = await client.query<{ place: string; offset: string }>(
      `SELECT topic || '/' || partition AS place, max(next_offset)::text AS offset FROM truc.offsets GROUP BY topic, partition`,
    );
    return new Map(rows.map(({ place, offset }) => [place, BigInt(offset)]));
  } finally {
    await client.end();
  }
}
