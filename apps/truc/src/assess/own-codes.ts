import type { MappedTable } from '../source/source-mapping.js';
import { maskCode } from '@truc/identity-codes';
import { MaskedExamples, type MaskedExample } from './masked-examples.js';

/** Codes that rows of one table refer to, and that the table which has the things themselves does not. */
export interface UnmatchedCodes {
  readonly table: string;
  readonly field: string;
  readonly element: string;
  /** The table that should have a row for each. */
  readonly home: string;
  /** Null where that cannot be told: the home was not read as a whole, or there are too many codes. */
  readonly rows: number | null;
  readonly examples: readonly MaskedExample[];
}

interface Home {
  readonly table: string;
  readonly codes: Set<string>;
  isComplete: boolean;
}

interface References {
  readonly table: string;
  readonly field: string;
  readonly element: string;
  readonly scheme: string;
  /** Codes that the home had not when they were met. */
  readonly pending: Map<string, { rows: number; readonly place: string | null }>;
  isComplete: boolean;
}

const codesMaxDefault = 2_000_000;
const pendingMax = 100_000;

/** Of each scheme the table whose rows are the things that its codes name: the one whose key the code is, or is part of; of several the one with the shortest key. */
export function homesOf(mapped: readonly MappedTable[]): Map<string, string> {
  const homes = new Map<string, { readonly table: string; readonly length: number }>();
  for (const { compiled, dataset } of mapped) {
    const { identification, primaryKey, table } = compiled;
    if (identification.parent !== null || identification.codes.length > 1) continue;
    if (!identification.reads.every((column) => primaryKey.includes(column))) continue;
    const known = homes.get(dataset.scheme);
    if (known === undefined || primaryKey.length < known.length) homes.set(dataset.scheme, { table, length: primaryKey.length });
  }
  return new Map([...homes].map(([scheme, { table }]) => [scheme, table]));
}

/** Whether what rows refer to is there, within one database. In memory and bounded; past the bound nothing is said rather than something that may be wrong. */
export class OwnCodes {
  readonly #homes: Map<string, Home>;
  readonly #references = new Map<string, References>();
  readonly #codesMax: number;
  #codes = 0;

  constructor(homes: ReadonlyMap<string, string>, codesMax = codesMaxDefault) {
    this.#homes = new Map([...homes].map(([scheme, table]) => [scheme, { table, codes: new Set<string>(), isComplete: true }]));
    this.#codesMax = codesMax;
  }

  isHome(scheme: string, table: string): boolean {
    return this.#homes.get(scheme)?.table === table;
  }

  hasHome(scheme: string): boolean {
    return this.#homes.has(scheme);
  }

  /** The table has a row of this code. */
  keep(scheme: string, code: string): void {
    const home = this.#homes.get(scheme);
    if (home === undefined || !home.isComplete || home.codes.has(code)) return;
    if (this.#codes >= this.#codesMax) return this.#giveUp(home);
    home.codes.add(code);
    this.#codes += 1;
  }

  /** Not all rows of this table were read. */
  leaveOpen(table: string): void {
    for (const home of this.#homes.values()) if (home.table === table) this.#giveUp(home);
  }

  refer(scheme: string, from: Pick<References, 'table' | 'field' | 'element'>, code: string, place: string | null): void {
    const home = this.#homes.get(scheme);
    if (home === undefined) return;
    const name = JSON.stringify([from.table, from.field]);
    const references = this.#references.get(name) ?? { ...from, scheme, pending: new Map(), isComplete: true };
    this.#references.set(name, references);
    if (home.codes.has(code)) return;
    const known = references.pending.get(code);
    if (known !== undefined) known.rows += 1;
    else if (references.pending.size < pendingMax) references.pending.set(code, { rows: 1, place });
    else references.isComplete = false;
  }

  /** Once everything was read. */
  unmatched(): UnmatchedCodes[] {
    return [...this.#references.values()].flatMap(({ table, field, element, scheme, pending, isComplete }): UnmatchedCodes[] => {
      const home = this.#homes.get(scheme);
      if (home === undefined) return [];
      const about = { table, field, element, home: home.table };
      if (!home.isComplete || !isComplete) return [{ ...about, rows: null, examples: [] }];
      const missing = [...pending].filter(([code]) => !home.codes.has(code));
      const examples = new MaskedExamples(maskCode);
      for (const [code, { place }] of missing) examples.take(code, place);
      return [{ ...about, rows: missing.reduce((sum, [, { rows }]) => sum + rows, 0), examples: examples.told() }];
    });
  }

  #giveUp(home: Home): void {
    home.isComplete = false;
    this.#codes -= home.codes.size;
    home.codes.clear();
  }
}
