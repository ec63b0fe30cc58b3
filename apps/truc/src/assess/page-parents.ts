import { MemoryParentCodes, parentName, type CompiledTable, type ParentCodes, type SourceColumn } from '@truc/mapping';
import { readByKeys, type ReadRow, type SurveySession, type TableFacts } from '@truc/source-survey';
import { streamedColumns } from './streamed-columns.js';

/** Parents of the rows of one batch, looked up by their keys: a table whose code lies in another is judged without reading that one as a whole. */
export class PageParents implements ParentCodes {
  #codes = new MemoryParentCodes();

  codeOf(parent: string, key: string): string | null | undefined {
    return this.#codes.codeOf(parent, key);
  }

  /** Forgets the batch of before. @param facts of the parent @throws TrucError SURVEY_*, MAPPING_COLUMN_MISSING */
  async load(
    session: SurveySession,
    compiled: CompiledTable,
    columns: readonly SourceColumn[],
    facts: TableFacts,
    rows: readonly ReadRow[],
  ): Promise<void> {
    this.#codes = new MemoryParentCodes();
    const { parent } = compiled.identification;
    if (parent === null) return;
    const places = parent.columns.map((name) => columns.findIndex((column) => column.name === name));
    const keys = new Map<string, string[]>();
    for (const { values } of rows) {
      const key = places.map((place) => values[place] ?? null);
      if (key.every((part) => part !== null)) keys.set(JSON.stringify(key), key);
    }
    const read = streamedColumns(facts, session.version).filter(({ name }) => name === parent.code || parent.key.includes(name));
    const bound = compiled.bindParent(read);
    const found = await readByKeys(session, facts, { key: parent.key, columns: read.map(({ name }) => name) }, [...keys.values()]);
    for (const values of found) this.#codes.take(parentName(parent), bound, values);
  }
}
