import { createHash } from 'node:crypto';
import { isoDateOfDays, vietnamToday } from '@truc/dictionary';
import { comparePositions, type Position } from '@truc/kernel';
import type { DatasetQuality, RuleQuality } from './dataset-quality.js';
import type { StoredRecord } from './log.js';
import { RETRY_RULE } from './quarantine-book.js';
import { readQuarantineRecord, type QuarantineEntry } from './quarantine-entry.js';
import type { RowReason } from './row-verdict.js';
import { valueForm } from './value-form.js';

/** The column of the source whose value a reason is about; null where there is none or it is not known. */
export type ColumnOfReason = (reason: Pick<RowReason, 'element' | 'field'>) => string | null;

export interface QuarantineSummaryOptions {
  readonly columnOf: ColumnOfReason;
  /** Bytes of what is remembered of rows. */
  readonly bytesMax?: number;
}

/** A rule at a field. */
interface Group {
  readonly rule: string;
  readonly element: string | null;
  readonly field: string;
  readonly refused: Map<string, number>;
  /** The newest entries, of which some may be held no more. */
  readonly candidates: { readonly row: string; readonly entry: bigint; readonly heldAtMs: number; readonly form: string | null }[];
}

/** Reasons of a row, as many rows share them. */
interface ReasonSet {
  readonly groups: readonly Group[];
  readonly reasons: readonly RowReason[];
}

interface Row {
  /** The highest position that was read: what comes again below or at it was counted. */
  highest: Position;
  /** Null while the row is not held. */
  held: {
    readonly entry: bigint;
    readonly set: ReasonSet;
    readonly atMs: number;
    readonly sinceMs: number;
    readonly isStale: boolean;
  } | null;
}

const bytesMaxDefault = 192 * 1024 * 1024;
/** A row in the map: its digest, its position, what is held of it. */
const rowBytes = 400;
/** Beyond that, rows have sets of their own. */
const setsMax = 10_000;
const groupsToldMax = 100;
const daysToldMax = 31;
const examplesMax = 3;
const candidatesMax = 12;

/**
 * Folds a quarantine topic, read in order, to what is held and what was refused when.
 *
 * What is sent again after a restart, and what a start writes back, has its first position and is not counted twice. The topic is compacted: what was refused more than its shortest
 * time ago (7 days) counts only where it is the row's last version.
 */
export class QuarantineSummary {
  readonly #columnOf: ColumnOfReason;
  readonly #rowsMax: number;
  readonly #rows = new Map<string, Row>();
  readonly #groups = new Map<string, Group>();
  readonly #sets = new Map<string, ReasonSet>();
  readonly #days = new Map<string, { refused: number; released: number }>();
  #unreadable = 0;
  #leftOut = 0;
  #heldRows = 0;

  constructor({ columnOf, bytesMax = bytesMaxDefault }: QuarantineSummaryOptions) {
    this.#columnOf = columnOf;
    this.#rowsMax = Math.floor(bytesMax / rowBytes);
  }

  /** Beyond its bound, rows that are met for the first time are counted and nothing else is told of them; room that rows of before have left is used first. */
  take(record: StoredRecord): void {
    const read = readQuarantineRecord(record);
    switch (read.kind) {
      case 'unreadable':
        this.#unreadable += 1;
        return;
      case 'held':
        return this.#hold(read.entry);
      case 'released':
        return this.#release(digestOf(read.sourceKey), read.position, read.atMs);
    }
  }

  /** What was read so far. */
  quality(
    names: Pick<DatasetQuality, 'agency' | 'source' | 'dataset'>,
    counters: DatasetQuality['counters'],
    nowMs: number,
  ): DatasetQuality {
    const rules = new Map([...this.#groups.values()].map((group) => [group, emptyRule(group)]));
    let [heldRows, staleRows] = [0, 0];
    let oldestHeldAtMs: number | null = null;
    for (const { held } of this.#rows.values()) {
      if (held === null) continue;
      heldRows += 1;
      if (held.isStale) staleRows += 1;
      oldestHeldAtMs = least(oldestHeldAtMs, held.sinceMs);
      for (const group of held.set.groups) {
        const rule = rules.get(group)!;
        rule.heldRows += 1;
        rule.oldestHeldAtMs = least(rule.oldestHeldAtMs, held.sinceMs);
        rule.newestHeldAtMs = Math.max(rule.newestHeldAtMs ?? held.atMs, held.atMs);
        const own = new Set(held.set.reasons.flatMap((reason) => (isOf(reason, group) ? [reason.reason] : [])));
        for (const reason of own) rule.reasons[reason] = (rule.reasons[reason] ?? 0) + 1;
      }
    }
    for (const [group, rule] of rules) rule.examples = this.#examples(group);
    const told = [...rules.values()].sort((a, b) => b.heldRows - a.heldRows || sum(b.refused) - sum(a.refused));
    return {
      ...names,
      lookedAtMs: nowMs,
      heldRows,
      staleRows,
      oldestHeldAtMs,
      days: newestDays([...this.#days].map(([day, counts]) => ({ day, ...counts }))),
      rules: told.slice(0, groupsToldMax),
      rulesLeftOut: Math.max(0, told.length - groupsToldMax),
      rowsLeftOut: this.#leftOut,
      unreadable: this.#unreadable,
      counters,
    };
  }

  #hold({ entry, sourceKey, position, reasons, columns, lastPublishedKey, heldAtMs: atMs }: QuarantineEntry): void {
    const digest = digestOf(sourceKey);
    const set = this.#setOf(reasons);
    const row = this.#rows.get(digest);
    const isStale = lastPublishedKey !== null;
    const sinceMs = row?.held?.sinceMs ?? atMs;
    // A retry is under way: the row was not refused once more, and the reasons of before are what a person wants to see.
    if (row?.held && reasons.every(({ rule }) => rule === RETRY_RULE)) {
      this.#advance(digest, row, position, { ...row.held, entry });
      return;
    }
    const held = { entry, set, atMs, sinceMs, isStale };
    for (const group of set.groups) {
      const column = this.#columnOf(group);
      const value = column === null ? null : (columns[column] ?? null);
      group.candidates.push({ row: digest, entry, heldAtMs: atMs, form: value === null ? null : valueForm(value) });
      if (group.candidates.length > candidatesMax) group.candidates.shift();
    }
    if (!this.#advance(digest, row, position, held)) return;
    const day = dayOf(atMs);
    this.#dayCounts(day).refused += 1;
    for (const { refused } of set.groups) refused.set(day, (refused.get(day) ?? 0) + 1);
  }

  #release(digest: string, position: Position, atMs: number): void {
    const row = this.#rows.get(digest);
    const wasHeld = row !== undefined && row.held !== null;
    if (this.#advance(digest, row, position, null) && wasHeld) this.#dayCounts(dayOf(atMs)).released += 1;
  }

  /** The last record holds, whatever its position: the book is written back at its own. @returns whether it is news */
  #advance(digest: string, row: Row | undefined, position: Position, held: Row['held']): boolean {
    if (row === undefined) {
      if (this.#rows.size >= this.#rowsMax && !this.#makeRoom()) {
        // Once for each time that it was held: how often it was, nobody remembers.
        if (held !== null) this.#leftOut += 1;
        return false;
      }
      this.#rows.set(digest, { highest: position, held });
      if (held !== null) this.#heldRows += 1;
      return true;
    }
    this.#heldRows += (held === null ? 0 : 1) - (row.held === null ? 0 : 1);
    row.held = held;
    if (comparePositions(position, row.highest) <= 0) return false;
    row.highest = position;
    return true;
  }

  /** Forgets rows that are held no more, where that makes room for a good many. */
  #makeRoom(): boolean {
    const free = this.#rows.size - this.#heldRows;
    if (free === 0 || free < this.#rowsMax / 10) return false;
    for (const [digest, { held }] of this.#rows) if (held === null) this.#rows.delete(digest);
    return true;
  }

  #setOf(reasons: readonly RowReason[]): ReasonSet {
    const name = JSON.stringify(reasons.map(({ rule, element, field, reason }) => [rule, element, field, reason]));
    const known = this.#sets.get(name);
    if (known !== undefined) return known;
    const groups = [...new Set(reasons.map((reason) => this.#groupOf(reason)))];
    const set = { groups, reasons: [...reasons] };
    if (this.#sets.size < setsMax) this.#sets.set(name, set);
    return set;
  }

  #groupOf({ rule, element, field }: RowReason): Group {
    const name = JSON.stringify([rule, element, field]);
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group: Group = { rule, element, field, refused: new Map(), candidates: [] };
    this.#groups.set(name, group);
    return group;
  }

  #dayCounts(day: string): { refused: number; released: number } {
    const known = this.#days.get(day) ?? { refused: 0, released: 0 };
    this.#days.set(day, known);
    return known;
  }

  #examples({ candidates }: Group): RuleQuality['examples'] {
    const held = candidates.filter(({ row, entry }) => this.#rows.get(row)?.held?.entry === entry);
    return held
      .slice(-examplesMax)
      .reverse()
      .map(({ entry, heldAtMs, form }) => ({ entry: String(entry), heldAtMs, form }));
  }
}

function emptyRule({ rule, element, field, refused }: Group): RuleQuality {
  const days = newestDays([...refused].map(([day, rows]) => ({ day, rows })));
  return { rule, element, field, heldRows: 0, oldestHeldAtMs: null, newestHeldAtMs: null, reasons: {}, refused: days, examples: [] };
}

function isOf({ rule, element, field }: RowReason, group: Group): boolean {
  return rule === group.rule && element === group.element && field === group.field;
}

function newestDays<T extends { readonly day: string }>(days: readonly T[]): T[] {
  return [...days].sort((a, b) => (a.day < b.day ? -1 : 1)).slice(-daysToldMax);
}

function least(known: number | null, value: number): number {
  return known === null ? value : Math.min(known, value);
}

function sum(days: RuleQuality['refused']): number {
  return days.reduce((total, { rows }) => total + rows, 0);
}

function dayOf(ms: number): string {
  return isoDateOfDays(vietnamToday({ now: () => ms }));
}

/** 96 bits: a row is remembered without its key. */
function digestOf(sourceKey: string): string {
  return createHash('sha256').update(sourceKey).digest('binary').slice(0, 12);
}
