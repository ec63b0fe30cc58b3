import type { CpuSeconds, DrainMeasure } from '../harness/drain.js';
import { median, medianOfKnown } from '../harness/median.js';

/** Share of capture's throughput that the value rules may cost. */
export const rulesCostMax = 0.1;

export type ContestantKind = 'rules-on' | 'rules-off' | 'debezium';

export interface ContestantResult {
  readonly kind: ContestantKind;
  readonly name: string;
  /** In the order in which they were made. */
  readonly runs: readonly DrainMeasure[];
  /** Medians of the runs. */
  readonly rowsPerSecond: number | null;
  readonly cpuSecondsPerMillion: CpuSeconds;
}

export interface CaptureVerdict {
  /** `not-compared` where one of the two was not measured. */
  readonly verdict: 'within' | 'above' | 'not-compared';
  /** Share of the throughput that is lost to the rules, by medians. */
  readonly rulesCost: number | null;
  /** Share of the agent's CPU time for a row that the rules take. */
  readonly rulesCpuShare: number | null;
  /** Throughput of the agent as it ships, for 1 of the peer. */
  readonly oursToDebezium: number | null;
}

/** The processes whose CPU time is told, in the order of the columns. */
export const cpuParts = ['process', 'walsender', 'kafka'] as const;
export type CpuPart = (typeof cpuParts)[number];

export function contestantResult(kind: ContestantKind, name: string, runs: readonly DrainMeasure[]): ContestantResult {
  const ofPart = (part: CpuPart): number | null => medianOfKnown(runs.map((run) => run.cpuSecondsPerMillion[part] ?? null));
  return {
    kind,
    name,
    runs,
    rowsPerSecond: median(runs.map(({ rowsPerSecond }) => rowsPerSecond)),
    cpuSecondsPerMillion: Object.fromEntries(cpuParts.map((part) => [part, ofPart(part)])),
  };
}

export function captureVerdict(results: readonly ContestantResult[]): CaptureVerdict {
  const of = (kind: ContestantKind): ContestantResult | null => results.find((result) => result.kind === kind) ?? null;
  const [on, off, peer] = [of('rules-on'), of('rules-off'), of('debezium')];
  const kept = ratio(on?.rowsPerSecond, off?.rowsPerSecond);
  const rulesCost = kept === null ? null : 1 - kept;
  const cpuKept = ratio(off?.cpuSecondsPerMillion['process'], on?.cpuSecondsPerMillion['process']);
  return {
    verdict: rulesCost === null ? 'not-compared' : rulesCost > rulesCostMax ? 'above' : 'within',
    rulesCost,
    rulesCpuShare: cpuKept === null ? null : 1 - cpuKept,
    oursToDebezium: ratio((on ?? off)?.rowsPerSecond, peer?.rowsPerSecond),
  };
}

function ratio(upper: number | null | undefined, lower: number | null | undefined): number | null {
  return typeof upper === 'number' && typeof lower === 'number' && lower > 0 ? upper / lower : null;
}
