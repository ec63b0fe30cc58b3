import { TrucError } from '@truc/kernel';
import type { SourceText } from './change-source.js';
import type { DatasetCapture } from './dataset-capture.js';
import type { QuarantineBook } from './quarantine-book.js';
import type { RowChange } from './source-transaction.js';

/**
 * Refuses a change that should tell the whole old row and does not, where the code is in the rest of it: under which code the row stands would stay unknown, and a delete would leave it everywhere.
 *
 * PostgreSQL takes the old row by the replica identity of the partition, announces that of the root, and hands none down:
 *
 * 1. A partitioned table has REPLICA IDENTITY FULL, and a partition is made later, which has the default: its key.
 * 2. An update of a row there comes without an old row; a delete comes with one that is said to be whole, and is null but for the key.
 *
 * A row of which nothing but the key was ever there has no code: quarantine holds it, unless its table is being read for the first time and it was not reached yet. Only tables with partitions are asked
 * for what may be missing: elsewhere such a row is sound.
 * @throws TrucError CAPTURE_OLD_ROW_MISSING
 */
export function demandOldRow(change: RowChange, capture: DatasetCapture, book: Pick<QuarantineBook, 'has'>): void {
  const { relation } = change;
  if (change.kind === 'insert' || relation.mayLackOldRows !== true) return;
  const { primaryKey, identification, table } = capture.compiled;
  if (identification.reads.every((column) => primaryKey.includes(column))) return;
  const { before } = change;
  if (before !== null) {
    const rest = relation.columns.flatMap(({ name }, place): SourceText[] => (primaryKey.includes(name) ? [] : [before[place]]));
    if (rest.length === 0 || rest.some((value) => value !== null) || book.has(capture.sourceKey(relation, before))) return;
  }
  throw oldRowMissing(change, table, capture.dataset.name);
}

/** The same of a row of the table that has the codes, of which only an update can tell. @throws TrucError CAPTURE_OLD_ROW_MISSING */
export function demandOldParent(change: RowChange, { compiled, dataset }: DatasetCapture): void {
  if (change.kind === 'update' && change.relation.mayLackOldRows === true && change.before === null)
    throw oldRowMissing(change, compiled.parent?.table ?? compiled.table, dataset.name);
}

function oldRowMissing({ kind }: RowChange, table: string, dataset: string): TrucError {
  const [a, verb] = kind === 'delete' ? ['a', 'delete'] : ['an', 'update'];
  return new TrucError(
    'CAPTURE_OLD_ROW_MISSING',
    `${a} ${verb} of ${table} came without the old row that its REPLICA IDENTITY FULL promises: a partition has another one, since PostgreSQL hands none down. ` +
      `Run ALTER TABLE ... REPLICA IDENTITY FULL for each partition, and then have the table read anew by giving up what is kept: truc agent resolve, with --dataset ${dataset} --gap CAPTURE_OLD_ROW_MISSING`,
  );
}
