import { setTimeout as sleep } from 'node:timers/promises';
import { runLife, runMerger, type Merged } from '@truc/demo';
import type { Backbone } from '@truc/local-stack';

export interface DemoLifeOptions {
  readonly backbone: Backbone;
  readonly snapshotDone: Promise<void>;
  /** Ends after so many events, with the merger in between; null goes on until the signal aborts. */
  readonly events: number | null;
  readonly eventsPerSecond: number;
  readonly onPhase: (phase: 'life' | 'merger') => void;
  readonly onEvent: () => void;
  readonly onMerged: (merged: Merged) => void;
  readonly signal: AbortSignal;
}

/** How long life goes on before the communes merge. */
const beforeMergerMs = 20_000;
/** Of the events of a limited life, those that come after the merger. */
const shareAfterMerger = 0.2;

/** Waits for the initial snapshot, then lets people move, be born and die; communes merge once in the life of a data directory. */
export async function demoLife({ backbone, snapshotDone, events, eventsPerSecond, signal, ...on }: DemoLifeOptions): Promise<void> {
  await until(snapshotDone, signal);
  if (signal.aborted) return;
  if (!backbone.has('snapshot')) backbone.remember('snapshot');
  const live = async (count: number | null, until: AbortSignal): Promise<void> => {
    on.onPhase('life');
    await runLife(
      backbone.world,
      { populationUrl: backbone.databases.population },
      { seed: backbone.wish.seed, eventsPerSecond, ...(count === null ? {} : { events: count }), signal: until, onEvent: on.onEvent },
    );
  };
  const isMerged = backbone.has('merged');
  const after = events === null ? null : Math.ceil(events * (isMerged ? 1 : shareAfterMerger));
  if (!isMerged) {
    if (events === null) await live(null, AbortSignal.any([signal, AbortSignal.timeout(beforeMergerMs)]));
    else await live(events - (after ?? 0), signal);
    if (signal.aborted) return;
    on.onPhase('merger');
    const { population: populationUrl, administrative: administrativeUrl } = backbone.databases;
    on.onMerged(await runMerger(backbone.world, { populationUrl, administrativeUrl }));
    backbone.remember('merged');
  }
  if (!signal.aborted) await live(after, signal);
}

async function until(done: Promise<void>, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  await Promise.race([done, sleep(2 ** 31 - 1, undefined, { signal: AbortSignal.any([signal, stop.signal]) }).catch(() => undefined)]);
  stop.abort();
}
