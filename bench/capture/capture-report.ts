import { count, decimal, percent, resultTable } from '../harness/result-table.js';
import type { CaptureRequest } from './capture-request.js';
import { cpuParts, rulesCostMax, type CaptureVerdict, type ContestantResult } from './capture-result.js';

export interface Machine {
  readonly cpus: number;
  /** Processes that wanted to run, as a mean of the minute before the bench. */
  readonly loadBefore: number;
  readonly node: string;
}

export interface CaptureReport extends CaptureVerdict {
  readonly bench: 'capture';
  readonly rulesCostMax: number;
  readonly rows: number;
  readonly warmUpRows: number;
  readonly compression: string;
  readonly machine: Machine;
  readonly contestants: readonly ContestantResult[];
}

export function captureReport(
  { rows, warmUpRows, compression }: CaptureRequest,
  machine: Machine,
  contestants: readonly ContestantResult[],
  verdict: CaptureVerdict,
): CaptureReport {
  return { bench: 'capture', ...verdict, rulesCostMax, rows, warmUpRows, compression, machine, contestants };
}

/** The results for a person. */
export function reportLines(report: CaptureReport): string {
  const { contestants, rows, warmUpRows, machine, rulesCost, rulesCpuShare, oursToDebezium, compression } = report;
  const table = resultTable([
    ['', 'rows/s', 'lowest', 'highest', 'CPU-s: process', 'walsender', 'Kafka'],
    ...contestants.map(({ name, runs, rowsPerSecond, cpuSecondsPerMillion }) => {
      const speeds = runs.map((run) => run.rowsPerSecond);
      const range = speeds.length === 0 ? [null, null] : [Math.min(...speeds), Math.max(...speeds)];
      return [
        name,
        count(rowsPerSecond),
        ...range.map((speed) => count(speed)),
        ...cpuParts.map((part) => decimal(cpuSecondsPerMillion[part] ?? null, 2)),
      ];
    }),
  ]);
  const runs = Math.max(0, ...contestants.map((one) => one.runs.length));
  const lines = [
    `inserts in transactions of 1,000, ten fields; backlogs of ${count(rows)} rows, ${runs} of each; medians; CPU seconds per million rows`,
    `warm: each process had drained ${count(warmUpRows)} rows before, and stayed; ${machine.cpus} CPUs, Node ${machine.node}, peer's compression ${compression}`,
    ...(machine.loadBefore > machine.cpus / 2
      ? [`the machine was busy before the bench began (load ${decimal(machine.loadBefore)}): do not trust these numbers`]
      : []),
    ...(rulesCost === null
      ? []
      : [
          `the rules cost ${percent(rulesCost)} of the throughput (at most ${percent(rulesCostMax)}), and ${percent(rulesCpuShare)} of the agent's CPU time`,
        ]),
    ...(oursToDebezium === null ? [] : [`${decimal(oursToDebezium, 2)} times the rows/s of Debezium`]),
  ];
  return `\n${table}\n${lines.map((line) => `${line}\n`).join('')}`;
}
