import type { RowReason, SourceText } from '@truc/pipeline';
import { mended, type Mending } from './mending.js';

/** A column whose text a statement could mend: plain text that fields take straight from it. */
export interface MendableColumn {
  readonly name: string;
  /** Among the columns that are read. */
  readonly place: number;
  readonly fields: readonly string[];
  /** Digits of its codes, where all have as many; null for anything else. */
  readonly digits: number | null;
  /** True where no two rows may have the same text. */
  readonly isUnique: boolean;
}

/** A statement that was right for every row that it would have touched. */
export interface ProvenMending {
  readonly mending: Mending;
  /** Rows that the statement would touch, of those that were read. */
  readonly rows: number;
  /** Texts that it makes and that no other row may have; empty where others may. */
  readonly made: readonly string[];
}

interface Trial {
  readonly mending: Mending;
  readonly column: MendableColumn;
  touched: number;
  right: number;
  helped: number;
  readonly made: Set<string>;
  isRepeated: boolean;
  /** Statements that have to be run before it, for some row. */
  readonly needs: Set<string>;
}

/** Beyond that nobody looks for rows that have the texts already, and the statement is not proposed. */
const madeMax = 10_000;

/**
 * Tries statements on every row that they would touch, in memory: the row is judged as it is and as it would be. A statement that leaves one of them worse, or, for a
 * code, not good, is not proposed at all.
 */
export class MendingTrials {
  readonly #table: string;
  readonly #columns: readonly MendableColumn[];
  readonly #judge: (values: readonly SourceText[]) => readonly RowReason[];
  readonly #trials = new Map<string, Trial>();

  /** @param judge everything that is found in a row, whether it holds it back or not */
  constructor(table: string, columns: readonly MendableColumn[], judge: (values: readonly SourceText[]) => readonly RowReason[]) {
    this.#table = table;
    this.#columns = columns;
    this.#judge = judge;
  }

  /** Statements of one column are tried one after the other, as they would be run. */
  take(values: readonly SourceText[], found: readonly RowReason[]): void {
    for (const column of this.#columns) {
      const done: string[] = [];
      let [now, foundNow] = [values, found];
      for (const kind of kinds) {
        const text = now[column.place];
        const mending = typeof text === 'string' ? mendingOf(kind, text, this.#table, column) : null;
        if (mending === null || typeof text !== 'string') continue;
        const next = now.with(column.place, mended(mending, text));
        const after = this.#judge(next);
        done.push(this.#note(mending, column, { before: foundNow, after, made: next[column.place] ?? '', needs: done }));
        [now, foundNow] = [next, after];
      }
      // What a statement mends may show only once a later one has run as well: a space before a code that lost its zeros.
      const left = foundNow;
      const helps = found.some((one) => isOf(one, column) && !left.some((other) => isSame(one, other)));
      if (helps) for (const name of done) this.#trials.get(name)!.helped += 1;
    }
  }

  proven(): ProvenMending[] {
    const names = new Set([...this.#trials].flatMap(([name, trial]) => (isProven(trial) ? [name] : [])));
    // In the order in which they are to be run.
    const inOrder = [...this.#trials.values()].toSorted((a, b) => kinds.indexOf(a.mending.kind) - kinds.indexOf(b.mending.kind));
    return inOrder
      .filter((trial) => isProven(trial) && [...trial.needs].every((name) => names.has(name)))
      .map(({ mending, column, touched, made }) => ({ mending, rows: touched, made: column.isUnique ? [...made] : [] }));
  }

  #note(
    mending: Mending,
    column: MendableColumn,
    { before, after, made, needs }: { before: readonly RowReason[]; after: readonly RowReason[]; made: string; needs: readonly string[] },
  ): string {
    const name = `${mending.kind} ${mending.column} ${mending.digits?.from ?? ''}`;
    const fresh = {
      mending,
      column,
      touched: 0,
      right: 0,
      helped: 0,
      made: new Set<string>(),
      isRepeated: false,
      needs: new Set<string>(),
    };
    const trial: Trial = this.#trials.get(name) ?? fresh;
    this.#trials.set(name, trial);
    const own = (reasons: readonly RowReason[]): number => reasons.filter((one) => isOf(one, column)).length;
    const isNoWorse = after.length - own(after) <= before.length - own(before);
    const isRight = mending.kind === 'leading-zeros' ? own(after) === 0 : own(after) <= own(before);
    trial.touched += 1;
    if (isNoWorse && isRight) trial.right += 1;
    for (const one of needs) trial.needs.add(one);
    if (column.isUnique) {
      if (trial.made.has(made)) trial.isRepeated = true;
      if (trial.made.size <= madeMax) trial.made.add(made);
    }
    return name;
  }
}

function isProven({ column, touched, right, helped, made, isRepeated }: Trial): boolean {
  return helped > 0 && right === touched && (!column.isUnique || (!isRepeated && made.size <= madeMax));
}

function isOf({ field }: RowReason, { name, fields }: MendableColumn): boolean {
  return field === name || fields.includes(field);
}

function isSame(a: RowReason, b: RowReason): boolean {
  return a.rule === b.rule && a.field === b.field && a.reason === b.reason;
}

/** Letters that may stand apart from their marks; others are composed already. */
const mayBeDecomposed = /[^\u0000-\u02ff\u1e00-\u1eff]/;

/** In the order in which their statements are run. */
const kinds = ['trim', 'single-space', 'nfc', 'leading-zeros'] as const satisfies readonly Mending['kind'][];

/** Null where the statement would not touch the text. */
function mendingOf(kind: Mending['kind'], text: string, table: string, { name: column, digits }: MendableColumn): Mending | null {
  const mending = { kind, table, column, digits: null };
  switch (kind) {
    case 'trim':
      return text.trim().length === text.length ? null : mending;
    case 'single-space':
      return text.includes('  ') ? mending : null;
    case 'nfc':
      return mayBeDecomposed.test(text) && text.normalize('NFC') !== text ? mending : null;
    case 'leading-zeros':
      return digits !== null && text.length < digits && /^[0-9]+$/.test(text)
        ? { ...mending, digits: { from: text.length, to: digits } }
        : null;
  }
}
