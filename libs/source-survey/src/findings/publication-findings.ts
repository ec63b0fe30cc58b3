import { publishedColumns, type CapturePlan } from '../capture-plan.js';
import { plannedFacts } from '../planned-tables.js';
import { createPublication, tableOfPublication } from '../script/publication-sql.js';
import type { DatabaseSurvey } from '../survey.js';
import { sqlName } from '../table-facts.js';
import type { Finding } from './finding.js';

/** Whether the publication sends what is mapped, all of it and nothing else. */
export function publicationFindings(survey: DatabaseSurvey, plan: CapturePlan): Finding[] {
  const { publication, server } = survey;
  const name = sqlName(plan.publication);
  const tables = plannedFacts(survey, plan);
  const finding = (code: Finding['code'], severity: Finding['severity'], about: Partial<Finding> = {}): Finding => ({
    code,
    severity,
    place: plan.publication,
    values: {},
    sql: [],
    ...about,
  });
  if (publication === null) return [finding('PUBLICATION_MISSING', 'missing', { sql: [createPublication(survey, plan)] })];
  const findings: Finding[] = [];
  if (publication.allTables) findings.push(finding('PUBLICATION_ALL', 'risk'));
  if (!publication.publishesEverything) {
    const sql = [`ALTER PUBLICATION ${name} SET (publish = 'insert, update, delete, truncate')`];
    findings.push(finding('PUBLICATION_PARTIAL', 'missing', { sql }));
  }
  const partitioned = tables.filter(({ facts }) => facts.isPartitioned).map(({ facts }) => facts.table);
  if (!publication.viaRoot && partitioned.length > 0) {
    const sql = [`ALTER PUBLICATION ${name} SET (publish_via_partition_root = true)`];
    findings.push(finding('PUBLICATION_ROOT', 'missing', { values: { tables: partitioned.join(', ') }, sql }));
  }
  const published = new Map(publication.tables.map((table) => [table.table, table]));
  for (const { facts, planned } of tables) {
    const about = (values: Finding['values']): Partial<Finding> => ({ place: facts.table, values: { publication: name, ...values } });
    const present = published.get(facts.table);
    const wanted = publishedColumns(facts, planned, server.versionNumber);
    if (present === undefined) {
      // Of a partitioned table whose partitions go under their own names this is said already.
      if (facts.isPartitioned && !publication.viaRoot) continue;
      const sql = [`ALTER PUBLICATION ${name} ADD TABLE ${tableOfPublication(facts, planned, server.versionNumber)}`];
      findings.push(finding('PUBLICATION_TABLE', 'missing', { ...about({}), sql }));
      continue;
    }
    if (present.hasRowFilter) findings.push(finding('PUBLICATION_FILTER', 'risk', about({})));
    const all = facts.columns.filter(({ isGenerated }) => !isGenerated).map((column) => column.name);
    const sent = present.columns ?? all;
    const lacking = (wanted ?? all).filter((column) => !sent.includes(column));
    if (lacking.length > 0) findings.push(finding('PUBLICATION_COLUMNS', 'missing', about({ columns: lacking.join(', ') })));
    const more = wanted === null || publication.allTables ? [] : sent.filter((column) => !wanted.includes(column));
    if (more.length > 0)
      findings.push(finding('PUBLICATION_COLUMNS_MORE', 'risk', about({ count: more.length, columns: more.join(', ') })));
    if (facts.identity.kind === 'f' && present.columns !== null) {
      const sql = [`ALTER PUBLICATION ${name} DROP TABLE ${tableOfPublication(facts, planned, 0)}`];
      findings.push(finding('IDENTITY_FULL_LIST', 'missing', { ...about({}), sql }));
    }
  }
  if (publication.allTables) return findings;
  const planned = new Set(plan.tables.map(({ table }) => table));
  for (const { table } of publication.tables.filter((one) => !planned.has(one.table)))
    findings.push(finding('PUBLICATION_TABLE_MORE', 'risk', { place: table, values: { publication: name } }));
  return findings;
}
