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

  take(values: readonly SourceText[], found: readonly RowReason[]): void {
    for (const column of this.#columns) {
      const text = values[column.place];
      if (typeof text !== 'string' || text === '') continue;
      for (const mending of mendingsOf(text, this.#table, column)) this.#try(mending, column, text, values, found);
    }
  }

  proven(): ProvenMending[] {
    return [...this.#trials.values()].flatMap(({ mending, column, touched, right, helped, made, isRepeated }) => {
      const isSafe = !column.isUnique || (!isRepeated && made.size <= madeMax);
      if (helped === 0 || right < touched || !isSafe) return [];
      return [{ mending, rows: touched, made: column.isUnique ? [...made] : [] }];
    });
  }

  #try(mending: Mending, column: MendableColumn, text: string, values: readonly SourceText[], found: readonly RowReason[]): void {
    const name = `${mending.kind} ${mending.column} ${mending.digits?.from ?? ''}`;
    const trial = this.#trials.get(name) ?? { mending, column, touched: 0, right: 0, helped: 0, made: new Set(), isRepeated: false };
    this.#trials.set(name, trial);
    const next = mended(mending, text);
    const after = this.#judge(values.with(column.place, next));
    const isOwn = ({ field }: RowReason): boolean => field === column.name || column.fields.includes(field);
    const [ownBefore, ownAfter] = [found.filter(isOwn).length, after.filter(isOwn).length];
    const isNoWorse = after.length - ownAfter <= found.length - ownBefore;
    const isRight = mending.kind === 'leading-zeros' ? ownAfter === 0 : ownAfter <= ownBefore;
    trial.touched += 1;
    if (isNoWorse && isRight) trial.right += 1;
    if (ownBefore > 0 && after.length < found.length) trial.helped += 1;
    if (!column.isUnique) return;
    if (trial.made.has(next)) trial.isRepeated = true;
    if (trial.made.size <= madeMax) trial.made.add(next);
  }
}

/** Letters that may stand apart from their marks; others are composed already. */
const mayBeDecomposed = /[^\u0000-\u02ff\u1e00-\u1eff]/;

function mendingsOf(text: string, table: string, { name: column, digits }: MendableColumn): Mending[] {
  const found: Mending[] = [];
  if (text.trim().length !== text.length) found.push({ kind: 'trim', table, column, digits: null });
  if (text.includes('  ')) found.push({ kind: 'single-space', table, column, digits: null });
  if (mayBeDecomposed.test(text) && text.normalize('NFC') !== text) found.push({ kind: 'nfc', table, column, digits: null });
  if (digits !== null && text.length < digits && /^[0-9]+$/.test(text))
    found.push({ kind: 'leading-zeros', table, column, digits: { from: text.length, to: digits } });
  return found;
}
