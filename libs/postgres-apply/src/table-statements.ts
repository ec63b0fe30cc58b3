import type { TargetTable } from '@truc/pipeline';
import { quoteIdentifier } from './identifier.js';
import type { PreparedTable } from './table-catalogue.js';
import { APPLIED_AT_COLUMN, KEY_COLUMNS, POSITION_COLUMN, sqlType } from './table-shape.js';

/**
 * The statements that merge a range of a stage into its table. All of them compare positions, so that repeating them changes nothing.
 * Each takes the range's first ordinal as $1 and the one past its last as $2.
 */
export interface TableStatements {
  readonly createStage: string;
  readonly copyStage: string;
  /** Tells the planner what the COPY brought. */
  readonly analyzeStage: string;
  /** Counts folded changes that were above the stored position. $3 table name. Runs before the others. */
  readonly countSuperseded: string;
  /** Records the position of admitted deletes; its row count is that of admitted deletes. $3 table name, $4 now in ms. */
  readonly recordDeleted: string;
  /** Removes the rows of admitted deletes. */
  readonly deleteRows: string;
  /** Writes admitted rows; its row count is theirs. $3 table name, $4 now in ms. */
  readonly upsertRows: string;
  /** Forgets positions of deleted rows that are there again. $3 table name. */
  readonly forgetDeleted: string;
}

const stageColumn = (index: number): string => `f${index}`;
const now = 'to_timestamp($4::double precision / 1000)';

/**
 * A key's stored position is in the table or in truc.deleted_rows, never in both; the one that counts is whichever is there.
 * Columns that the table has and the shape does not know become null: an event says what the whole row is.
 */
export function buildStatements(table: TargetTable, { qualified, columns }: PreparedTable, stageName: string): TableStatements {
  const stage = `pg_temp.${quoteIdentifier(stageName)}`;
  const fields = table.columns.map((_, index) => stageColumn(index));
  const sourceOf = new Map(table.columns.map(({ name }, index) => [name, `s.${stageColumn(index)}`]));
  const isStoredRow = `t.truc_scheme = s.scheme AND t.truc_code = s.code AND t.truc_row = s."row"`;
  const isDeletedRow = `d.table_name = $3 AND d.scheme = s.scheme AND d.code = s.code AND d."row" = s."row"`;
  const isStaged = 's.ordinal >= $1 AND s.ordinal < $2';
  const written = [...columns, POSITION_COLUMN, APPLIED_AT_COLUMN].map(quoteIdentifier);
  return {
    createStage: `CREATE TEMPORARY TABLE ${quoteIdentifier(stageName)} (
       scheme text COLLATE "C", code text COLLATE "C", "row" text COLLATE "C", position bytea, is_delete boolean, superseded bytea[], ordinal integer
       ${table.columns.map(({ type }, index) => `, ${stageColumn(index)} ${sqlType(type)}`).join('')}
     ) ON COMMIT DELETE ROWS`,
    copyStage: `COPY ${stage} (${['scheme', 'code', '"row"', 'position', 'is_delete', 'superseded', 'ordinal', ...fields].join(', ')}) FROM STDIN (FORMAT binary)`,
    analyzeStage: `ANALYZE ${stage} (scheme, code, "row", is_delete, ordinal)`,
    countSuperseded: `SELECT count(*)::integer AS count
       FROM ${stage} s
       LEFT JOIN ${qualified} t ON ${isStoredRow}
       LEFT JOIN truc.deleted_rows d ON ${isDeletedRow}
       CROSS JOIN LATERAL unnest(s.superseded) AS earlier (position)
      WHERE ${isStaged} AND s.superseded IS NOT NULL AND earlier.position > coalesce(t.${POSITION_COLUMN}, d.position, '\\x'::bytea)`,
    recordDeleted: `INSERT INTO truc.deleted_rows AS stored (table_name, scheme, code, "row", position, deleted_at)
     SELECT $3, s.scheme, s.code, s."row", s.position, ${now}
       FROM ${stage} s LEFT JOIN ${qualified} t ON ${isStoredRow}
      WHERE ${isStaged} AND s.is_delete AND (t.${POSITION_COLUMN} IS NULL OR t.${POSITION_COLUMN} < s.position)
     ON CONFLICT (table_name, scheme, code, "row") DO UPDATE SET position = excluded.position, deleted_at = excluded.deleted_at
      WHERE stored.position < excluded.position`,
    deleteRows: `DELETE FROM ${qualified} t USING ${stage} s WHERE ${isStaged} AND s.is_delete AND ${isStoredRow} AND t.${POSITION_COLUMN} < s.position`,
    upsertRows: `INSERT INTO ${qualified} AS t (${[...KEY_COLUMNS, ...written].join(', ')})
     SELECT ${['s.scheme', 's.code', 's."row"', ...columns.map((name) => sourceOf.get(name) ?? 'NULL'), 's.position', now].join(', ')}
       FROM ${stage} s
      WHERE ${isStaged} AND NOT s.is_delete AND NOT EXISTS (SELECT FROM truc.deleted_rows d WHERE ${isDeletedRow} AND d.position >= s.position)
     ON CONFLICT (${KEY_COLUMNS.join(', ')}) DO UPDATE SET ${written.map((name) => `${name} = excluded.${name}`).join(', ')}
      WHERE t.${POSITION_COLUMN} < excluded.${POSITION_COLUMN}`,
    forgetDeleted: `DELETE FROM truc.deleted_rows d USING ${stage} s WHERE ${isStaged} AND NOT s.is_delete AND ${isDeletedRow} AND d.position < s.position`,
  };
}
