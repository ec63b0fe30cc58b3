import type { SourceColumn } from '@truc/mapping';
import { generatedColumnsFrom, type TableFacts } from '@truc/source-survey';

/** Columns as the stream would announce them once the table is set up as `source check` says: everything that a key needs is in its replica identity. */
export function streamedColumns(facts: TableFacts, version: number): SourceColumn[] {
  return facts.columns
    .filter(({ isGenerated }) => !isGenerated || version >= generatedColumnsFrom)
    .map(({ name, baseType }) => ({ name, type: baseType, isKey: true }));
}
