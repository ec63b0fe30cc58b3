import { comparePositions, positionToBytes } from '@truc/kernel';
import type { TargetBatch, TargetChange, TargetTable } from '@truc/pipeline';
import { shapeOf } from './table-shape.js';
import { compileChangeCheck } from './value-check.js';
import { qualifiedName } from './identifier.js';

/** A change and where it stands in the call. */
export interface PlacedChange {
  readonly batch: number;
  readonly index: number;
  readonly change: TargetChange;
}

/** All changes of one key in one call, in order of arrival. Never empty. */
export interface KeyHistory {
  /** The highest position; the first of equal ones. */
  readonly winner: PlacedChange;
  readonly changes: readonly PlacedChange[];
}

/** Changes that go into one table with one shape, together. */
export interface TableFold {
  readonly table: TargetTable;
  readonly histories: readonly KeyHistory[];
  readonly changeCount: number;
}

export interface RejectedPlace {
  readonly batch: number;
  readonly change: number;
  readonly reason: string;
}

interface OpenHistory {
  winner: PlacedChange;
  changes: PlacedChange[];
}

interface OpenFold {
  readonly table: TargetTable;
  readonly shape: string;
  readonly check: (change: TargetChange) => string | null;
  readonly histories: Map<string, OpenHistory>;
  changeCount: number;
}

/**
 * Folds the batches of one call to the last version of every key, per table, and sets aside the changes that the table cannot hold.
 * The folds are to be applied in order; then the outcome equals applying change after change.
 */
export function foldBatches(batches: readonly TargetBatch[]): { folds: TableFold[]; rejected: RejectedPlace[] } {
  const folds: OpenFold[] = [];
  const lastOfTable = new Map<string, OpenFold>();
  const rejected: RejectedPlace[] = [];
  batches.forEach(({ table, changes }, batch) => {
    const fold = foldFor(table, folds, lastOfTable);
    changes.forEach((change, index) => {
      const reason = fold.check(change);
      if (reason !== null) rejected.push({ batch, change: index, reason });
      else add(fold, { batch, index, change });
    });
  });
  return {
    folds: folds.map(({ table, histories, changeCount }) => ({ table, histories: [...histories.values()], changeCount })),
    rejected,
  };
}

/** A batch joins the table's latest fold only: when shapes alternate, joining an earlier one would change the order of a key's changes. */
function foldFor(table: TargetTable, folds: OpenFold[], lastOfTable: Map<string, OpenFold>): OpenFold {
  const name = qualifiedName(table);
  const shape = shapeOf(table);
  const last = lastOfTable.get(name);
  if (last?.shape === shape) return last;
  const fold: OpenFold = { table, shape, check: compileChangeCheck(table), histories: new Map(), changeCount: 0 };
  folds.push(fold);
  lastOfTable.set(name, fold);
  return fold;
}

function add(fold: OpenFold, placed: PlacedChange): void {
  const { scheme, code, row } = placed.change.key;
  const key = `${scheme}\0${code}\0${row}`;
  fold.changeCount += 1;
  const history = fold.histories.get(key);
  if (history === undefined) {
    fold.histories.set(key, { winner: placed, changes: [placed] });
    return;
  }
  history.changes.push(placed);
  if (comparePositions(placed.change.position, history.winner.change.position) > 0) history.winner = placed;
}

/**
 * Positions that were the key's highest when they arrived, the winner's left out: those of them above the position that the database holds count as applied
 * although only the winner is written.
 */
export function supersededPositions({ winner, changes }: KeyHistory): Buffer[] {
  if (changes.length === 1) return [];
  const superseded: Buffer[] = [];
  let highest: PlacedChange | null = null;
  for (const placed of changes) {
    if (placed === winner) break;
    if (highest !== null && comparePositions(placed.change.position, highest.change.position) <= 0) continue;
    highest = placed;
    superseded.push(positionToBytes(placed.change.position));
  }
  return superseded;
}
