import type { SurveySession } from '../survey-session.js';
import { sqlName, sqlTable } from '../table-facts.js';
import type { ReadingPlan } from './sample-plan.js';

/** One row in the text form in which capture gets it. */
export interface ReadRow {
  readonly values: readonly (string | null)[];
  /** Page and place (`ctid`), which finds the row again until it is changed; of a partition with its name. Null where the role may read single columns only. */
  readonly place: string | null;
}

export interface TableReading {
  /** `schema.table`. */
  readonly table: string;
  readonly columns: readonly string[];
  readonly isPartitioned: boolean;
  readonly plan: ReadingPlan;
  /** Bytes of a batch, about. */
  readonly batchBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

const batchBytesDefault = 1024 * 1024;
/** Nothing is known of the width of rows before the first batch. */
const firstBatchRows = 32;
const batchRowsMax = 2_000;

/**
 * Reads rows through a cursor, in batches whose row count follows the width of the rows that came; each batch is a statement of its own for the server's timeout. In a
 * transaction that the caller holds.
 * @throws TrucError SURVEY_*
 */
export async function* readTable(session: SurveySession, reading: TableReading): AsyncGenerator<readonly ReadRow[], void, void> {
  const { table, columns, isPartitioned, plan, batchBytes = batchBytesDefault, signal } = reading;
  const doing = `reading ${table}`;
  const hasPlaces = await session.value<boolean>(doing, `SELECT has_table_privilege(to_regclass($1), 'SELECT')`, [sqlTable(table)]);
  const place = !hasPlaces ? 'NULL' : isPartitioned ? "tableoid::regclass::text || ' ' || ctid::text" : 'ctid::text';
  const sample = plan.kind === 'whole' ? '' : ` TABLESAMPLE SYSTEM (${plan.percent}) REPEATABLE (${plan.seed})`;
  const names = columns.map((column) => `, ${sqlName(column)}`).join('');
  await session.rows(doing, `DECLARE truc_rows NO SCROLL CURSOR FOR SELECT ${place}${names} FROM ${sqlTable(table)}${sample}`);
  try {
    let count = firstBatchRows;
    for (;;) {
      signal?.throwIfAborted();
      const rows = await session.texts(doing, `FETCH FORWARD ${count} FROM truc_rows`);
      if (rows.length > 0) yield rows.map(([at = null, ...values]) => ({ place: at, values }));
      if (rows.length < count) return;
      const bytes = rows.reduce((sum, row) => sum + row.reduce((of, value) => of + 8 + (value?.length ?? 0), 0), 0);
      count = Math.max(1, Math.min(batchRowsMax, count * 4, Math.floor(batchBytes / Math.max(1, bytes / rows.length))));
    }
  } finally {
    await session.attempt('CLOSE truc_rows');
  }
}
