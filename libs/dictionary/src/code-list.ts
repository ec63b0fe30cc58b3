import type { CodeListDefinition, CodeListEntry } from './entry.js';

interface Period {
  readonly from: string;
  /** Last day, or a text after every date. */
  readonly to: string;
}

const forever = '9999-99-99';

/** A code list that answers by date. A code means nothing without one: codes were given up and used again. */
export class CodeList {
  readonly urn: string;
  readonly version: string;
  readonly open: boolean;
  readonly definition: CodeListDefinition;
  private readonly periods = new Map<string, Period[]>();
  private readonly successors = new Map<string, string>();
  /** First and last day on which any entry is in force. */
  private readonly first: string;
  private readonly last: string;

  constructor(definition: CodeListDefinition) {
    this.definition = definition;
    this.urn = definition.id;
    this.version = definition.version;
    this.open = definition.open;
    let first = forever;
    let last = '';
    for (const { code, validFrom, validTo, supersededBy } of definition.entries) {
      if (supersededBy !== null) this.successors.set(code, supersededBy);
      const period = { from: validFrom, to: validTo ?? forever };
      const periods = this.periods.get(code);
      if (periods === undefined) this.periods.set(code, [period]);
      else periods.push(period);
      if (period.from < first) first = period.from;
      if (period.to > last) last = period.to;
    }
    this.first = first;
    this.last = last;
  }

  get size(): number {
    return this.periods.size;
  }

  /** True when the code is in force on the day (`2026-03-01`). An open list has nothing against any code. */
  isValid(code: string, isoDate: string): boolean {
    return this.open || this.isListed(code, isoDate);
  }

  /** True when the code was ever in the list. */
  has(code: string): boolean {
    return this.periods.has(code);
  }

  isListed(code: string, isoDate: string): boolean {
    const periods = this.periods.get(code);
    if (periods === undefined) return false;
    for (const period of periods) {
      if (period.from <= isoDate && isoDate <= period.to) return true;
    }
    return false;
  }

  /** The code that took the place of this one; null where none did. */
  successorOf(code: string): string | null {
    return this.successors.get(code) ?? null;
  }

  /** The day to judge by: a list that has ended as a whole is asked about its last day, since what refers to it is history. */
  judgingDate(isoDate: string): string {
    return isoDate > this.last ? this.last : isoDate;
  }

  /** True when the day lies before everything the list knows. */
  startsAfter(isoDate: string): boolean {
    return isoDate < this.first;
  }

  codes(): IterableIterator<string> {
    return this.periods.keys();
  }

  entries(): readonly CodeListEntry[] {
    return this.definition.entries;
  }
}
