import { setTimeout as sleep } from 'node:timers/promises';
import { TrucError } from '@truc/kernel';

/** CPU seconds that each process has used so far, by what it is here; null where that cannot be known. */
export type CpuSeconds = Readonly<Record<string, number | null>>;

export interface DrainOptions {
  /** Of whom, for messages. */
  readonly name: string;
  /** How much there is in the topic now. */
  readonly total: () => Promise<number>;
  readonly cpu: () => Promise<CpuSeconds>;
  /** `total` before it began. */
  readonly base: number;
  readonly records: number;
  /** The most that a start writes there before the first record: marks of transactions. */
  readonly marksMax: number;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
  /** Nothing new for so long is a failure. */
  readonly stallMs?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** What happened between the first and the last look at which there was something new. */
export interface DrainMeasure {
  readonly rows: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly cpuSecondsPerMillion: CpuSeconds;
}

/**
 * Watches a backlog go into a topic. The time before the first record, in which connections are made, is not measured.
 * @throws TrucError BENCH_STALLED, BENCH_TOO_FAST; the signal's reason
 */
export async function measureDrain(options: DrainOptions): Promise<DrainMeasure> {
  const { name, total, cpu, base, records, marksMax, signal, everyMs = 100, stallMs = 120_000, now = () => performance.now() } = options;
  let first: { readonly at: number; readonly total: number; readonly cpu: CpuSeconds } | null = null;
  let before = { at: now(), total: base };
  for (;;) {
    signal.throwIfAborted();
    const reached = await total();
    const at = now();
    if (first === null && reached > base + marksMax) first = { at, total: reached, cpu: await cpu() };
    if (first !== null && reached >= base + records) return measure(name, first, { at, total: reached, cpu: await cpu() });
    if (reached > before.total) before = { at, total: reached };
    else if (at - before.at > stallMs)
      throw new TrucError(
        'BENCH_STALLED',
        `${name} brought ${reached - base} of ${records} rows into the topic and then nothing for ${Math.round(stallMs / 1000)} s: its log says why`,
      );
    await sleep(everyMs, undefined, { signal });
  }
}

interface Look {
  readonly at: number;
  readonly total: number;
  readonly cpu: CpuSeconds;
}

function measure(name: string, first: Look, last: Look): DrainMeasure {
  const rows = last.total - first.total;
  const seconds = (last.at - first.at) / 1000;
  if (rows <= 0 || seconds <= 0)
    throw new TrucError('BENCH_TOO_FAST', `${name} was done before there was a second look: ask for more rows (--rows)`);
  const perMillion = Object.entries(last.cpu).map(([part, used]) => {
    const from = first.cpu[part] ?? null;
    return [part, used === null || from === null ? null : ((used - from) / rows) * 1e6] as const;
  });
  return { rows, seconds, rowsPerSecond: rows / seconds, cpuSecondsPerMillion: Object.fromEntries(perMillion) };
}
