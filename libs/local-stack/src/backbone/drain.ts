import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicyEntry } from '@truc/coordination';
import { agencySlug, TrucError } from '@truc/kernel';
import pg from 'pg';
import { demoSources } from './app-configurations.js';
import { readMetrics, type MetricSamples } from './metric-samples.js';

export interface DrainOptions {
  /** Base addresses of the data planes. */
  readonly urls: readonly string[];
  readonly policy: readonly PolicyEntry[];
  /** Into the server of the sources. */
  readonly serverUrl: string;
  readonly signal: AbortSignal;
  /** Told when nothing more was learnt for this long, in milliseconds. Default 60,000. */
  readonly patienceMs?: number;
}

/** How long all counters have to be still: longer than any stage holds on to what it has read. */
const stillMs = 2_500;
const lookMs = 250;

/**
 * Waits until everything that is committed in the sources by now has arrived: first at the log (every slot is confirmed past this moment), then at the consumers
 * (none is behind, and nothing is counted any more).
 * @throws TrucError BACKBONE_NOT_DRAINED when nothing moves though something is missing; the signal's reason when it aborts
 */
export async function untilDrained({ urls, policy, serverUrl, signal, patienceMs = 60_000 }: DrainOptions): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl, application_name: 'truc-up' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn()::text AS lsn');
    const target = rows[0]?.lsn ?? '0/0';
    const slots = demoSources.map(({ slot }) => slot);
    let before = '';
    let changedAt = performance.now();
    for (;;) {
      signal.throwIfAborted();
      const unconfirmed = await slotsBefore(client, slots, target);
      const samples = await readMetrics(urls);
      const missing = [...unconfirmed.map((slot) => `the slot ${slot} is not confirmed`), ...behind(samples, policy)];
      const state = `${totals(samples)} ${missing.join()}`;
      const now = performance.now();
      if (state !== before) {
        before = state;
        changedAt = now;
      }
      if (missing.length === 0 && now - changedAt >= stillMs) return;
      if (now - changedAt > patienceMs) {
        throw new TrucError(
          'BACKBONE_NOT_DRAINED',
          `nothing has moved for ${Math.round(patienceMs / 1000)} s, and not everything has arrived: ${missing.join('; ')}. The logs of the agents and consumers say why`,
        );
      }
      await sleep(lookMs, undefined, { signal });
    }
  } finally {
    await client.end();
  }
}

async function slotsBefore(client: pg.Client, slots: readonly string[], lsn: string): Promise<string[]> {
  const { rows } = await client.query<{ slot: string }>(
    'SELECT slot_name AS slot FROM pg_replication_slots WHERE slot_name = ANY ($1) AND confirmed_flush_lsn >= $2::pg_lsn',
    [slots, lsn],
  );
  const confirmed = new Set(rows.map(({ slot }) => slot));
  return slots.filter((slot) => !confirmed.has(slot));
}

/** Snapshots that are not complete, and consumers that are not at the end of the log; one that has not told where it is counts as behind. */
function behind(samples: MetricSamples, policy: readonly PolicyEntry[]): string[] {
  const missing: string[] = [];
  for (const entry of policy) {
    if (entry.kind === 'dataset') {
      if (samples.min('truc_snapshot_done', { dataset: entry.name }) !== 1) missing.push(`the snapshot of ${entry.name} is not complete`);
      if (samples.max('truc_apply_behind', { consumer: 'general-database', dataset: entry.name }) !== 0)
        missing.push(`the general database is behind on ${entry.name}`);
    }
    if (entry.kind === 'contract') {
      const consumer = agencySlug(entry.consumer);
      if (samples.max('truc_apply_behind', { consumer, dataset: entry.dataset }) !== 0)
        missing.push(`${entry.consumer} is behind on ${entry.dataset}`);
    }
  }
  return missing;
}

/** Everything that is counted while data moves, as one text. */
function totals(samples: MetricSamples): string {
  return [
    samples.sum('truc_capture_rows'),
    samples.sum('truc_capture_published'),
    samples.sum('truc_fanout_events'),
    samples.sum('truc_apply_changes'),
    samples.sum('truc_apply_refused'),
    samples.sum('truc_snapshot_rows'),
  ].join(' ');
}
