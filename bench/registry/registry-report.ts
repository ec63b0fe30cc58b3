import { count, decimal, percent, resultTable } from '../harness/result-table.js';
import { workloads, type OwnMeasures, type RegistryResult, type VsApicurio, type Workload } from './registry-result.js';

export interface RegistryReport {
  readonly bench: 'registry';
  readonly vsApicurio: VsApicurio;
  readonly own: OwnMeasures;
  /** Targets that were missed, as sentences. */
  readonly missed: readonly string[];
  readonly schemas: number;
  readonly machine: { readonly cpus: number; readonly loadBefore: number; readonly node: string };
  readonly contestants: readonly RegistryResult[];
}

const names: Readonly<Record<Workload, string>> = {
  getById: 'reads by id',
  registerNew: 'new subjects',
  registerVersion: 'new versions, rules on',
};

/** The results for a person. */
export function registryReportLines({ vsApicurio, own, missed, schemas, machine, contestants }: RegistryReport): string {
  const table = resultTable([
    ['', 'per second', 'lowest', 'highest', 'p50 ms', 'p99 ms'],
    ...workloads.flatMap((workload) =>
      contestants.map((contestant) => {
        const { runs, perSecond, p50, p99 } = contestant.workloads[workload];
        const speeds = runs.map((run) => run.perSecond);
        const range = speeds.length === 0 ? [null, null] : [Math.min(...speeds), Math.max(...speeds)];
        return [`${names[workload]}, ${contestant.name}`, ...[perSecond, ...range].map(count), decimal(p50, 2), decimal(p99, 2)];
      }),
    ),
  ]);
  const times = (value: number | null): string => `${decimal(value, 2)} times`;
  const lines = [
    `${count(schemas)} schemas in each; medians of the runs; ${machine.cpus} CPUs shared with the load, Node ${machine.node}`,
    ...(machine.loadBefore > machine.cpus / 2
      ? [`the machine was busy before the bench began (load ${decimal(machine.loadBefore)}): do not trust these numbers`]
      : []),
    ...(vsApicurio.getById === null
      ? []
      : [
          `reads by id: ${times(vsApicurio.getById)} the rate of Apicurio, ${times(vsApicurio.p99GetById)} its p99`,
          `registrations: ${times(vsApicurio.register)} its rate, ${times(vsApicurio.p99Register)} its p99 (the worse of both kinds)`,
        ]),
    `with ${count(own.manySchemas)} schemas ${percent(own.lossWithMany)} of the reads by id are lost`,
    `ready after ${decimal(own.readySeconds, 2)} s; memory ${count(own.memoryMebibytesBefore)} MiB before, ${count(own.memoryMebibytes)} MiB with many schemas, at its highest`,
    ...missed.map((sentence) => `missed: ${sentence}`),
  ];
  return `\n${table}\n${lines.map((line) => `${line}\n`).join('')}`;
}
