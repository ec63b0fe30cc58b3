import type { ReadingPlan, TableFacts } from '@truc/source-survey';
import { rowsExpected } from '@truc/source-survey';
import type { MappedTable } from '../source/source-mapping.js';
import type { AssessedDataset, Obstacle, ProposedStatement } from './assessment.js';
import type { JudgedRows } from './dataset-assessor.js';
import { stateOf } from './readiness.js';
import { countedShare } from './share-estimate.js';

export interface JudgedTable {
  readonly dataset: string;
  readonly facts: TableFacts;
  readonly plan: ReadingPlan;
  readonly judged: JudgedRows;
  readonly statements: readonly ProposedStatement[];
  readonly obstacles: readonly Obstacle[];
  readonly mappedColumns: number;
  readonly confidence: number | null;
}

export function assessedDataset({
  dataset,
  facts,
  plan,
  judged,
  statements,
  obstacles,
  mappedColumns,
  confidence,
}: JudgedTable): AssessedDataset {
  const { mendings: _mendings, ...found } = judged;
  return {
    dataset,
    table: facts.table,
    state: stateOf({ isRead: true, isBlocked: obstacles.length > 0, share: judged.rowsRead === 0 ? 0 : 1 - judged.conforming.share }),
    obstacles,
    reading: plan,
    rowsExpected: plan.kind === 'whole' ? judged.rowsRead : rowsExpected(facts),
    ...found,
    unmatchedCodes: [],
    statements,
    columns: facts.columns.length,
    mappedColumns,
    confidence,
  };
}

/** A table whose rows could not be read or judged, and why. */
export function unreadDataset(
  { dataset, compiled }: MappedTable,
  { table, confidence }: { readonly table: TableFacts | null; readonly confidence: number | null },
  obstacle: Obstacle,
): AssessedDataset {
  const none = countedShare(0, 0);
  return {
    dataset: dataset.name,
    table: compiled.table,
    state: stateOf({ isRead: false, isBlocked: false, share: 0 }),
    obstacles: [obstacle],
    reading: { kind: 'whole' },
    rowsExpected: table === null ? 0 : rowsExpected(table),
    rowsRead: 0,
    conforming: none,
    elements: [],
    findings: [],
    codes: { missing: none, malformed: none, unmatched: none, duplicate: none },
    duplicatesAreComplete: false,
    unmatchedCodes: [],
    statements: [],
    columns: table?.columns.length ?? 0,
    mappedColumns: compiled.columns.length,
    confidence,
  };
}
