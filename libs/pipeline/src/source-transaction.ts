import type { SourceRowChange, SourceText } from './change-source.js';

/** The transaction whose rows are coming in. */
export interface OpenTransaction {
  readonly id: string;
  readonly sequence: bigint;
  readonly committedAtMs: number;
  /** Row messages so far by table. */
  readonly ordinals: Map<string, number>;
}

/** A change of one row, which a truncate is not. */
export type RowChange = Exclude<SourceRowChange, { readonly kind: 'truncate' }>;
export type Truncate = Extract<SourceRowChange, { readonly kind: 'truncate' }>;

/** Changes up to a truncate, the truncate, changes behind it: the truncate is carried out before what follows it is written. */
export function* betweenTruncates(
  changes: readonly SourceRowChange[],
): Generator<{ kind: 'rows'; changes: RowChange[] } | { kind: 'truncate'; truncate: Truncate }> {
  let rows: RowChange[] = [];
  for (const change of changes) {
    if (change.kind !== 'truncate') {
      rows.push(change);
      continue;
    }
    if (rows.length > 0) yield { kind: 'rows', changes: rows };
    rows = [];
    yield { kind: 'truncate', truncate: change };
  }
  if (rows.length > 0) yield { kind: 'rows', changes: rows };
}

/** The row's columns before the change, or those of its key. */
export function oldValues(change: RowChange): readonly SourceText[] {
  if (change.kind === 'insert') return change.after;
  return change.before ?? (change.kind === 'update' ? change.after : []);
}
