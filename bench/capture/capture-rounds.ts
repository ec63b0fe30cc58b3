import type { Contestant } from '../harness/contestant.js';
import type { CpuProfile } from '../harness/cpu-profile.js';
import { measureDrain, type CpuSeconds, type DrainMeasure } from '../harness/drain.js';
import { cpuSecondsOf } from '../harness/process-cpu.js';
import { count } from '../harness/result-table.js';
import type { TopicEnds } from '../harness/topic-ends.js';
import { turnOrder } from '../harness/turn-order.js';
import type { CaptureRequest } from './capture-request.js';
import type { CpuPart } from './capture-result.js';
import type { SourceDatabase } from './source-database.js';

export interface RoundsOptions<C extends Contestant> {
  readonly request: CaptureRequest;
  /** None of them reads its slot. */
  readonly contestants: readonly C[];
  readonly database: SourceDatabase;
  readonly ends: TopicEnds;
  readonly kafkaPid: number;
  readonly progress: (sentence: string) => void;
  readonly signal: AbortSignal;
}

export interface Rounds<C> {
  readonly measures: ReadonlyMap<C, readonly DrainMeasure[]>;
  readonly profiles: ReadonlyMap<C, readonly CpuProfile[]>;
}

/**
 * One backlog for each round, which all drain one after the other, each through its own slot; a first round, of which nothing is kept, warms everybody up.
 * @returns for each contestant its measures, and profiles where they are asked for, in the order of the rounds
 * @throws TrucError as `measureDrain` and `Contestant.settle`
 */
export async function runRounds<C extends Contestant>(options: RoundsOptions<C>): Promise<Rounds<C>> {
  const { request, contestants, database, progress, signal } = options;
  const measures = new Map(contestants.map((contestant) => [contestant, [] as DrainMeasure[]]));
  const profiles = new Map<C, CpuProfile[]>();
  for (let round = 0; round <= request.runs; round += 1) {
    const isWarmUp = round === 0;
    const rows = isWarmUp ? request.warmUpRows : request.rows;
    const what = isWarmUp ? 'warm-up' : `run ${round} of ${request.runs}`;
    progress(`${what}: inserting ${count(rows)} rows`);
    const lsn = await database.load(rows, () => undefined, signal);
    for (const contestant of turnOrder(contestants, round)) {
      progress(`${what}: ${contestant.name} drains`);
      if (!isWarmUp) await contestant.profiler?.start();
      const measure = await drainOnce(contestant, rows, lsn, options);
      if (!isWarmUp && contestant.profiler !== null) {
        profiles.set(contestant, [...(profiles.get(contestant) ?? []), await contestant.profiler.stop()]);
      }
      progress(`${what}: ${contestant.name} ${count(measure.rowsPerSecond)} rows/s`);
      if (!isWarmUp) measures.get(contestant)?.push(measure);
    }
  }
  return { measures, profiles };
}

async function drainOnce(
  contestant: Contestant,
  records: number,
  lsn: string,
  { database, ends, kafkaPid, signal }: RoundsOptions<Contestant>,
): Promise<DrainMeasure> {
  const { name, topic, slot, pid, marksMax } = contestant;
  // A walsender lives as long as its connection, and is asked for by the first look.
  let walsender: number | null = null;
  const cpu = async (): Promise<CpuSeconds> => {
    walsender ??= (await database.slot(slot)).pid;
    const used: Record<CpuPart, number | null> = {
      process: cpuSecondsOf(pid),
      walsender: cpuSecondsOf(walsender),
      kafka: cpuSecondsOf(kafkaPid),
    };
    return used;
  };
  const total = (): Promise<number> => ends.total(topic);
  const base = await total();
  await contestant.resume();
  const measure = await measureDrain({ name, total, cpu, base, records, marksMax, signal });
  await contestant.settle(lsn, records);
  await contestant.pause();
  return measure;
}
