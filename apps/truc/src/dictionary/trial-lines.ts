import type { ReleaseTrial } from '@truc/coordination';
import type { ShadowReport } from '@truc/pipeline';
import { tableLines } from '../output-format.js';
import { refusalLines } from './dictionary-lines.js';

/** Everything that a trial found. */
export interface Trial extends ReleaseTrial {
  readonly proposal: number;
  /** Findings that concern documents which this caller may not read. */
  readonly hidden: number;
  /** Null where the log was not read. */
  readonly log: readonly ShadowReport[] | null;
}

/** True where the release would change something for the worse. */
export function breaks({ release, problems, subjects, hidden, log }: Trial): boolean {
  return release === null || problems.length + subjects.length + hidden > 0 || (log ?? []).some(({ newlyHeld }) => newlyHeld > 0);
}

export function trialLines(trial: Trial): string[] {
  const { proposal, release, problems, subjects, hidden, log } = trial;
  return [
    release === null ? `proposal ${proposal} makes no release` : `proposal ${proposal} would be release ${release}`,
    ...section('does not stand, so that it cannot be approved', refusalLines(problems)),
    ...(hidden === 0 ? [] : ['', `${hidden} more concern documents of others`]),
    ...section('schemas that it breaks', subjects.length === 0 ? [] : subjectLines(subjects)),
    ...(log === null ? ['', 'the log was not read: --log FILE reads it'] : ['', ...logLines(log)]),
    ...(breaks(trial) ? [] : ['', 'nothing breaks']),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function subjectLines(subjects: Trial['subjects']): string[] {
  const rows = subjects.flatMap(({ subject, agency, contracts, violations, incompatibilities }) => {
    const whose = contracts.length === 0 ? agency : `${agency}, contract ${contracts.join(', ')}`;
    return [
      ...violations.map(({ rule, element, expected, found }) => [subject, whose, rule, element ?? '', `${expected}, not ${found}`]),
      ...incompatibilities.map((what) => [subject, whose, 'Avro', '', what]),
    ];
  });
  return tableLines(['subject', 'of', 'rule', 'element', 'what'], rows);
}

function logLines(log: readonly ShadowReport[]): string[] {
  const count = (number: number): string => number.toLocaleString('en');
  const totals = log.map((one) => [one.agency, one.dataset, count(one.rows), count(one.held), count(one.newlyHeld), count(one.refused)]);
  const found = log.flatMap(({ agency, dataset, counts }) =>
    counts.map(({ rule, element, reason, rows, newRows }) => [agency, dataset, rule, element, reason, count(rows), count(newRows)]),
  );
  const approximate = log.filter(({ approximateDays }) => approximateDays).map(({ dataset }) => dataset);
  return [
    ...tableLines(['agency', 'dataset', 'row versions', 'to quarantine', 'of them new', 'refused'], totals),
    ...(found.length === 0 ? [] : ['', ...tableLines(['agency', 'dataset', 'rule', 'element', 'reason', 'rows', 'new'], found)]),
    ...(approximate.length === 0
      ? []
      : ['', `codes judged by the day of the commit, since their own day is not in the log: ${approximate.join(', ')}`]),
  ];
}
