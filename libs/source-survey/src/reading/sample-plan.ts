import type { TableFacts } from '../table-facts.js';

/** How much of a table is read. `percent` of its pages, drawn at random; the same ones for the same seed while the table is not written to. */
export type ReadingPlan = { readonly kind: 'whole' } | { readonly kind: 'sample'; readonly percent: number; readonly seed: number };

/** PostgreSQL's default page. */
const pageBytes = 8_192;
/** Rows of a page where nobody has analysed the table: a guess that rather takes too much. */
const rowsOfPageGuess = 40;
/** A smaller share would be no page at all of most tables. */
const percentMin = 0.001;

/** @param rowsMax tables with more rows, by the planner's estimate, are read in part: in about so many rows; null to read all of every table */
export function readingPlan(facts: Pick<TableFacts, 'rowsEstimated' | 'bytes'>, rowsMax: number | null, seed: number): ReadingPlan {
  const rows = rowsExpected(facts);
  if (rowsMax === null || rows <= rowsMax) return { kind: 'whole' };
  const percent = Math.max(percentMin, (rowsMax / rows) * 100);
  return { kind: 'sample', percent: Math.round(percent * 10_000) / 10_000, seed };
}

/** By the planner's estimate, else by the table's size. */
export function rowsExpected({ rowsEstimated, bytes }: Pick<TableFacts, 'rowsEstimated' | 'bytes'>): number {
  return rowsEstimated > 0 ? rowsEstimated : Math.round((bytes / pageBytes) * rowsOfPageGuess);
}
