import type { SurveySession } from './survey-session.js';
import { sqlName, sqlTable, type TableFacts } from './table-facts.js';

/** Some rows of a table, in the text form of their values, cut short: to be compared with the dictionary in memory, never to be shown or kept. */
export interface SampledRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const rowsMax = 200;
const cellsMax = 20_000;
const textMax = 200;
/** JSON is only worth something whole. */
const jsonTextMax = 2_000;
/** Below this many rows the first ones are taken; above, pages from all over the table. */
const wholeTableRows = 10_000;

/** Types whose values say nothing here. */
const unreadable = /^(bytea|xml|tsvector|tsquery)/;

/** Columns that the session may not read are left out. @throws TrucError SURVEY_* */
export async function sampleRows(session: SurveySession, facts: TableFacts): Promise<SampledRows> {
  const mayRead = new Set(
    (
      await session.rows<{ name: string }>(
        `asking what may be read of ${facts.table}`,
        `SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
           AND has_schema_privilege($2, 'USAGE') AND has_column_privilege(attrelid, attnum, 'SELECT')`,
        [sqlTable(facts.table), facts.schema],
      )
    ).map(({ name }) => name),
  );
  const columns = facts.columns.filter(({ name, baseType }) => mayRead.has(name) && !unreadable.test(baseType));
  if (columns.length === 0) return { columns: [], rows: [] };
  const limit = Math.max(1, Math.min(rowsMax, Math.floor(cellsMax / columns.length)));
  const percent = Math.min(100, Math.max(0.001, (limit * 300) / Math.max(1, facts.rowsEstimated)));
  const sample = facts.rowsEstimated > wholeTableRows ? ` TABLESAMPLE SYSTEM (${percent})` : '';
  const texts = columns.map(({ name, baseType }, index) => {
    const most = /^jsonb?$/.test(baseType) ? jsonTextMax : textMax;
    return `left(${sqlName(name)}::text, ${most}) AS c${index}`;
  });
  const rows = await session.rows<Record<string, string | null>>(
    `reading some rows of ${facts.table}`,
    `SELECT ${texts.join(', ')} FROM ${sqlTable(facts.table)}${sample} LIMIT ${limit}`,
  );
  return { columns: columns.map(({ name }) => name), rows: rows.map((row) => columns.map((_, index) => row[`c${index}`] ?? null)) };
}
