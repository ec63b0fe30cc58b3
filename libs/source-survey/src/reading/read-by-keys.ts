import type { SurveySession } from '../survey-session.js';
import { sqlName, sqlTable, type TableFacts } from '../table-facts.js';

/**
 * Rows of a table by the texts of their keys, in the order of `columns`. Keys that no row has are not there. One statement, which a unique index over the key serves.
 * @throws TrucError SURVEY_*, also where a text is no value of the key's type
 */
export async function readByKeys(
  session: SurveySession,
  facts: TableFacts,
  { key, columns }: { readonly key: readonly string[]; readonly columns: readonly string[] },
  keys: readonly (readonly string[])[],
): Promise<(string | null)[][]> {
  if (keys.length === 0) return [];
  const types = key.map((name) => facts.columns.find((column) => column.name === name)?.baseType ?? 'text');
  const asked = key.map((_, index) => `k${index}`);
  const arrays = key.map((_, index) => `$${index + 1}::text[]`);
  const typed = asked.map((name, index) => `${name}::${types[index]}`);
  const sql = `SELECT ${columns.map((column) => `p.${sqlName(column)}`).join(', ')} FROM ${sqlTable(facts.table)} p
    WHERE (${key.map((column) => `p.${sqlName(column)}`).join(', ')}) IN (SELECT ${typed.join(', ')} FROM unnest(${arrays.join(', ')}) AS asked(${asked.join(', ')}))`;
  return session.texts(
    `looking for rows of ${facts.table}`,
    sql,
    key.map((_, index) => keys.map((one) => one[index])),
  );
}
