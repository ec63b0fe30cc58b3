import type { CodeListDefinition, CodeListEntry } from './entry.js';
import { PeriodTable, type Period } from './period-table.js';

const forever = 99_999_999;

/** `2026-03-01` as 20260301; 0 for what is no date, which is before every day. */
export function dayNumber(isoDate: string): number {
  if (isoDate.length !== 10) return 0;
  let number = 0;
  for (let at = 0; at < 10; at++) {
    if (at === 4 || at === 7) continue;
    const digit = isoDate.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return 0;
    number = number * 10 + digit;
  }
  return number;
}

/** A code list that answers by date. A code means nothing without one: codes were given up and used again. */
export class CodeList {
  readonly urn: string;
  readonly version: string;
  readonly open: boolean;
  readonly definition: CodeListDefinition;
  /** True where entries say which unit they are a part of. */
  readonly hasParents: boolean;
  private readonly periods: PeriodTable;
  private readonly successors = new Map<string, string>();
  /** First and last day on which any entry is in force. */
  private readonly first: number;
  private readonly last: number;

  constructor(definition: CodeListDefinition) {
    this.definition = definition;
    this.urn = definition.id;
    this.version = definition.version;
    this.open = definition.open;
    let first = forever;
    let last = 0;
    let hasParents = false;
    const byCode = new Map<string, Period[]>();
    for (const { code, validFrom, validTo, supersededBy, parent } of definition.entries) {
      if (supersededBy !== null) this.successors.set(code, supersededBy);
      const period = { from: dayNumber(validFrom), to: validTo === null ? forever : dayNumber(validTo), parent };
      if (parent !== null) hasParents = true;
      const periods = byCode.get(code);
      if (periods === undefined) byCode.set(code, [period]);
      else periods.push(period);
      if (period.from < first) first = period.from;
      if (period.to > last) last = period.to;
    }
    this.periods = new PeriodTable(byCode);
    this.first = first;
    this.last = last;
    this.hasParents = hasParents;
  }

  get size(): number {
    return this.periods.size;
  }

  /** True when the code is in force on the day (`2026-03-01`). An open list has nothing against any code. */
  isValid(code: string, isoDate: string): boolean {
    return this.open || this.isListed(code, dayNumber(isoDate));
  }

  /** True when the code was ever in the list. */
  has(code: string): boolean {
    return this.periods.has(code);
  }

  /** True when the code is in the list for later days only. @param day as `dayNumber` makes it */
  beginsAfter(code: string, day: number): boolean {
    return this.periods.beginsAfter(code, day);
  }

  /** @param day as `dayNumber` makes it */
  isListed(code: string, day: number): boolean {
    return this.periods.isInForce(code, day);
  }

  /** The unit that the code is a part of on the day; null where the code is not in force or nothing is said. */
  parentOn(code: string, day: number): string | null {
    return this.periods.parentOn(code, day);
  }

  /** The code that took the place of this one; null where none did. */
  successorOf(code: string): string | null {
    return this.successors.get(code) ?? null;
  }

  /** The day to judge by: a list that has ended as a whole is asked about its last day, since what refers to it is history. */
  judgingDay(day: number): number {
    return day > this.last ? this.last : day;
  }

  /** True when the day lies before everything the list knows. */
  startsAfter(day: number): boolean {
    return day < this.first;
  }

  codes(): Iterable<string> {
    return this.periods.codes();
  }

  entries(): readonly CodeListEntry[] {
    return this.definition.entries;
  }
}
