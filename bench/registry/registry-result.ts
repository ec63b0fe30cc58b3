import type { HttpLoadMeasure } from '../harness/http-load.js';
import { median } from '../harness/median.js';

/** What the registry is held to beside its peer, and by itself. */
export const registryTargets = {
  getByIdRatioMin: 4,
  registerRatioMin: 3,
  p99RatioMax: 1,
  lossWithManyMax: 0.2,
  readySecondsMax: 2,
  memoryMebibytesMax: 200,
} as const;

/** What is asked of a registry. `registerNew`: subjects that nobody had, at BACKWARD; `registerVersion`: versions of subjects that the dictionary's rules judge in ours, at FULL_TRANSITIVE. */
export const workloads = ['getById', 'registerNew', 'registerVersion'] as const;
export type Workload = (typeof workloads)[number];

export interface WorkloadResult {
  readonly runs: readonly HttpLoadMeasure[];
  /** Medians of the runs. */
  readonly perSecond: number | null;
  /** Milliseconds. */
  readonly p50: number | null;
  readonly p99: number | null;
}

export interface RegistryResult {
  readonly name: string;
  readonly workloads: Readonly<Record<Workload, WorkloadResult>>;
}

/** Ours alone. */
export interface OwnMeasures {
  /** Share of the rate of reads by id that is lost with many schemas. */
  readonly lossWithMany: number | null;
  readonly manySchemas: number;
  readonly readySeconds: number;
  /** Resident memory at its highest, and where it stood before many schemas were there. */
  readonly memoryMebibytes: number | null;
  readonly memoryMebibytesBefore: number | null;
}

/** `getById` and `register` are ours for 1 of the peer; `register` is the lower one of both kinds. Of the p99 it is ours for 1 of the peer's too: lower is better. */
export interface VsApicurio {
  readonly getById: number | null;
  readonly register: number | null;
  readonly p99GetById: number | null;
  readonly p99Register: number | null;
}

export function workloadResult(runs: readonly HttpLoadMeasure[]): WorkloadResult {
  const of = (part: 'perSecond' | 'p50' | 'p99') => median(runs.map((run) => run[part]));
  return { runs, perSecond: of('perSecond'), p50: of('p50'), p99: of('p99') };
}

/** @param peer null where nobody was measured beside it */
export function vsApicurio(ours: RegistryResult, peer: RegistryResult | null): VsApicurio {
  const ratio = (workload: Workload, part: 'perSecond' | 'p99') =>
    quotient(ours.workloads[workload][part], peer?.workloads[workload][part] ?? null);
  return {
    getById: ratio('getById', 'perSecond'),
    register: extreme(Math.min, [ratio('registerNew', 'perSecond'), ratio('registerVersion', 'perSecond')]),
    p99GetById: ratio('getById', 'p99'),
    p99Register: extreme(Math.max, [ratio('registerNew', 'p99'), ratio('registerVersion', 'p99')]),
  };
}

/** What was missed, each as a sentence; what was not measured is not missed. */
export function missedTargets(versus: VsApicurio, own: OwnMeasures): string[] {
  const { getByIdRatioMin, registerRatioMin, p99RatioMax, lossWithManyMax, readySecondsMax, memoryMebibytesMax } = registryTargets;
  const below = (value: number | null, limit: number): boolean => value !== null && value < limit;
  const above = (value: number | null, limit: number): boolean => value !== null && value > limit;
  const missed: [boolean, string][] = [
    [below(versus.getById, getByIdRatioMin), `reads by id below ${getByIdRatioMin} times the peer's rate`],
    [below(versus.register, registerRatioMin), `registrations below ${registerRatioMin} times the peer's rate`],
    [above(versus.p99GetById, p99RatioMax), "p99 of reads by id above the peer's"],
    [above(versus.p99Register, p99RatioMax), "p99 of registrations above the peer's"],
    [above(own.lossWithMany, lossWithManyMax), `more than ${lossWithManyMax * 100} % lost with many schemas`],
    [above(own.readySeconds, readySecondsMax), `not ready within ${readySecondsMax} s`],
    [above(own.memoryMebibytes, memoryMebibytesMax), `more than ${memoryMebibytesMax} MiB of memory`],
  ];
  return missed.flatMap(([isMissed, sentence]) => (isMissed ? [sentence] : []));
}

function quotient(upper: number | null, lower: number | null): number | null {
  return upper === null || lower === null || lower === 0 ? null : upper / lower;
}

function extreme(of: (...values: number[]) => number, values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : of(...known);
}
