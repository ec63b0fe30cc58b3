import { obstacle, type CapturePlan, type PlannedTable } from './capture-plan.js';
import type { DatabaseSurvey } from './survey.js';
import type { TableFacts } from './table-facts.js';

export interface PlannedFacts {
  readonly planned: PlannedTable;
  readonly facts: TableFacts;
}

/** The planned tables that are there. */
export function presentTables({ tables }: DatabaseSurvey, plan: CapturePlan): PlannedFacts[] {
  const byName = new Map(tables.map((facts) => [facts.table, facts]));
  return plan.tables.flatMap((planned) => {
    const facts = byName.get(planned.table);
    return facts === undefined ? [] : [{ planned, facts }];
  });
}

/** The planned tables that can be captured: those that have their key. The others get no rights and are in no publication. */
export function plannedFacts(survey: DatabaseSurvey, plan: CapturePlan): PlannedFacts[] {
  return presentTables(survey, plan).filter(({ planned, facts }) => obstacle(facts, planned) === null);
}
