import { primaryKeyOf } from '../table-facts.js';
import { tablesMax } from '../table-query.js';
import type { CapturePlan } from '../capture-plan.js';
import type { DatabaseSurvey } from '../survey.js';
import { severities, type Finding } from './finding.js';
import { publicationFindings } from './publication-findings.js';
import { rightsFindings } from './rights-findings.js';
import { serverFindings } from './server-findings.js';
import { keySql, tableFindings } from './table-findings.js';

/** Everything that a survey shows of a plan to capture, what is missing first. */
export function sourceFindings(survey: DatabaseSurvey, plan: CapturePlan): Finding[] {
  return bySeverity([
    ...serverFindings(survey, plan.slot),
    ...tableFindings(survey, plan),
    ...rightsFindings(survey, plan),
    ...publicationFindings(survey, plan),
  ]);
}

/** What a survey shows of a database that nobody has mapped yet: the server, and tables that have no key. @param slot that the agent would read */
export function databaseFindings(survey: DatabaseSurvey, slot: string): Finding[] {
  const keyless = survey.tables.filter((facts) => primaryKeyOf(facts) === null && !facts.uniqueKeys.some(({ notNull }) => notNull));
  const many: Finding = { code: 'TABLES_MANY', severity: 'risk', place: survey.server.database, values: { max: tablesMax }, sql: [] };
  return bySeverity([
    ...serverFindings(survey, slot),
    ...(survey.tables.length < tablesMax ? [] : [many]),
    ...keyless.map((facts): Finding => ({ code: 'KEY_MISSING', severity: 'risk', place: facts.table, values: {}, sql: keySql(facts) })),
  ]);
}

export function bySeverity(findings: readonly Finding[]): Finding[] {
  return severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}
