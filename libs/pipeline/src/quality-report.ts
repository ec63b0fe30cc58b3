import { isoDateOfDays, vietnamToday } from '@truc/dictionary';
import type { DatasetQuality, QualityCounters, RuleQuality } from './dataset-quality.js';

/** A rule at a field of one dataset of one agency. */
export interface QualityLine {
  readonly agency: string;
  readonly dataset: string;
  readonly rule: string;
  readonly element: string | null;
  /** Null where rows were marked only: a mark's field is in no quarantine. */
  readonly field: string | null;
  readonly heldRows: number;
  readonly oldestHeldAtMs: number | null;
  readonly newestHeldAtMs: number | null;
  readonly reasons: Readonly<Record<string, number>>;
  /** Of each day of the report. */
  readonly trend: readonly number[];
  readonly examples: RuleQuality['examples'];
  /** Findings under the rule at the element since the process that captures began; null where it does not tell, or another line has told them. */
  readonly counted: { readonly quarantined: number; readonly marked: number; readonly stopped: number } | null;
  /** Findings that held or marked a row, of all rows that were judged; 0 to 1. Null where nothing was judged. */
  readonly share: number | null;
}

export interface QualityDataset {
  readonly agency: string;
  readonly source: string;
  readonly dataset: string;
  readonly heldRows: number;
  readonly staleRows: number;
  readonly oldestHeldAtMs: number | null;
  readonly judged: { readonly rows: number; readonly sinceMs: number } | null;
  /** Refused versions of rows and releases, of each day of the report. */
  readonly refused: readonly number[];
  readonly released: readonly number[];
  readonly linesLeftOut: number;
  /** At the most; not among `heldRows`. */
  readonly rowsLeftOut: number;
  readonly unreadable: number;
}

export interface QualityReport {
  readonly madeAtMs: number;
  /** Days in Viet Nam, the last one today. */
  readonly days: readonly string[];
  readonly datasets: readonly QualityDataset[];
  readonly lines: readonly QualityLine[];
  /** Datasets of which nothing is known now, and why. */
  readonly unanswered: readonly Unanswered[];
}

export interface Unanswered {
  readonly agency: string;
  readonly source: string;
  readonly dataset: string;
  readonly reason: string;
}

export interface QualityFilter {
  readonly rule?: string;
  /** URN of an element, or its name. */
  readonly element?: string;
}

const daysShown = 14;

/** Puts together what agents told, worst first. */
export function qualityReport(
  told: readonly DatasetQuality[],
  unanswered: readonly Unanswered[],
  nowMs: number,
  filter: QualityFilter = {},
): QualityReport {
  const today = vietnamToday({ now: () => nowMs });
  const days = Array.from({ length: daysShown }, (_, index) => isoDateOfDays(today - daysShown + 1 + index));
  return {
    madeAtMs: nowMs,
    days,
    datasets: told.map((quality) => datasetOf(quality, days)),
    lines: told
      .flatMap((quality) => linesOf(quality, days))
      .filter(({ rule, element }) => isWanted(rule, element, filter))
      .sort((a, b) => b.heldRows - a.heldRows || (b.share ?? 0) - (a.share ?? 0)),
    unanswered,
  };
}

/** Whether a finding passes the filter. */
export function isWanted(rule: string, element: string | null, filter: QualityFilter): boolean {
  if (filter.rule !== undefined && filter.rule.toUpperCase() !== rule) return false;
  return filter.element === undefined || (element !== null && (element === filter.element || element.endsWith(`:${filter.element}`)));
}

function datasetOf(quality: DatasetQuality, days: readonly string[]): QualityDataset {
  const { agency, source, dataset, heldRows, staleRows, oldestHeldAtMs, counters, rulesLeftOut, rowsLeftOut, unreadable } = quality;
  const byDay = new Map(quality.days.map((counts) => [counts.day, counts]));
  return {
    agency,
    source,
    dataset,
    heldRows,
    staleRows,
    oldestHeldAtMs,
    judged: counters === null ? null : { rows: counters.rows, sinceMs: counters.sinceMs },
    refused: days.map((day) => byDay.get(day)?.refused ?? 0),
    released: days.map((day) => byDay.get(day)?.released ?? 0),
    linesLeftOut: rulesLeftOut,
    rowsLeftOut,
    unreadable,
  };
}

function linesOf({ agency, dataset, rules, counters }: DatasetQuality, days: readonly string[]): QualityLine[] {
  const counts = new Map(counters === null ? [] : countsOf(counters));
  const lines = rules.map((rule): QualityLine => {
    const name = nameOf(rule.rule, rule.element);
    const counted = counts.get(name) ?? null;
    // Counters know no field: the first line of a rule and element has them.
    counts.delete(name);
    const byDay = new Map(rule.refused.map(({ day, rows }) => [day, rows]));
    const { heldRows, oldestHeldAtMs, newestHeldAtMs, reasons, examples, field, element } = rule;
    const known = { heldRows, oldestHeldAtMs, newestHeldAtMs, reasons, examples, field, element, rule: rule.rule };
    return { agency, dataset, ...known, trend: days.map((day) => byDay.get(day) ?? 0), counted, share: shareOf(counted, counters) };
  });
  const markedOnly = [...counts].map(([name, counted]): QualityLine => {
    const [rule, element] = JSON.parse(name) as [string, string | null];
    const none = { field: null, heldRows: 0, oldestHeldAtMs: null, newestHeldAtMs: null, reasons: {}, examples: [] };
    return { agency, dataset, rule, element, ...none, trend: days.map(() => 0), counted, share: shareOf(counted, counters) };
  });
  return [...lines, ...markedOnly];
}

type Counted = NonNullable<QualityLine['counted']>;

function countsOf({ findings }: QualityCounters): [string, Counted][] {
  const byName = new Map<string, { quarantined: number; marked: number; stopped: number }>();
  for (const { rule, element, outcome, findings: found } of findings) {
    const name = nameOf(rule, element);
    const counted = byName.get(name) ?? { quarantined: 0, marked: 0, stopped: 0 };
    counted[outcome] += found;
    byName.set(name, counted);
  }
  return [...byName];
}

function nameOf(rule: string, element: string | null): string {
  return JSON.stringify([rule, element]);
}

/** A row may break a rule by two reasons, so that findings may be more than rows. */
function shareOf(counted: Counted | null, counters: QualityCounters | null): number | null {
  if (counted === null || counters === null || counters.rows === 0) return null;
  return Math.min(1, (counted.quarantined + counted.marked) / counters.rows);
}
